/**
 * Where providers call. Each proves itself in its own way (`channels/callbacks/`); whatever doesn't gets one and the same
 * 401, and nothing of it is read any further or kept. What is proven is answered with 200, also where it concerns nobody:
 * the provider has done its part. 503 asks it to come again.
 */
import type { Env } from '../bindings.ts';
import type {
  Callback,
  CallbackAdapter,
  CallbackChannel,
  CallbackDeps,
} from '../channels/callbacks/callback.ts';
import { callbacksOf } from '../channels/callbacks/registry.ts';
import { ApiError, unavailable } from '../http/api-error.ts';
import { jsonResponse } from '../http/json-response.ts';
import { readBody } from '../http/read-body.ts';
import type { RequestContext, Route } from '../http/route.ts';
import { applyReports, type ReportDeps } from './apply-reports.ts';
import { callbackChannels } from './callback-channels.ts';

export interface CallbackRoutesDeps extends ReportDeps, CallbackDeps {}

const PATH = '/v1/callbacks/:provider';

export function callbackRoutes(deps: CallbackRoutesDeps): Route[] {
  return [
    {
      method: 'POST',
      path: PATH,
      auth: 'none',
      handle: (request, context) => take(request, context, deps),
    },
    { method: 'GET', path: PATH, auth: 'none', handle: (_, context) => answerChallenge(context) },
  ];
}

async function take(request: Request, context: RequestContext, deps: CallbackRoutesDeps): Promise<Response> {
  const { env, now, url, params } = context;
  const adapter = adapterOf(params.provider);
  const body = new Uint8Array(await readBody(request));
  context.admit(body.byteLength);
  const callback: Callback = { url, headers: request.headers, body, now };
  const channels = await verifiedBy(adapter, callback, env, deps);
  if (channels.length === 0) throw unproven();
  if (adapter.confirm && !(await adapter.confirm(callback, deps))) {
    throw unavailable('The subscription could not be confirmed now.', 10);
  }
  const reporter = { provider: adapter.provider, channels: channels.map(({ id }) => id) };
  await applyReports(env, reporter, adapter.read(callback, channels), now, deps);
  return adapter.answer?.() ?? jsonResponse({ success: true });
}

async function verifiedBy(
  adapter: CallbackAdapter,
  callback: Callback,
  env: Env,
  deps: CallbackDeps,
): Promise<CallbackChannel[]> {
  const channels = await callbackChannels(env, adapter.provider);
  const verdicts = await Promise.all(channels.map((channel) => adapter.verify(callback, channel, deps)));
  return channels.filter((_, i) => verdicts[i]);
}

async function answerChallenge({ env, params, url }: RequestContext): Promise<Response> {
  const adapter = adapterOf(params.provider);
  if (!adapter.challenge) throw new ApiError(404, 'not_found', 'This provider asks nothing.');
  const answer = await adapter.challenge(url, await callbackChannels(env, adapter.provider));
  if (answer === null) throw unproven();
  return new Response(answer, { headers: { 'content-type': 'text/plain', 'cache-control': 'no-store' } });
}

function adapterOf(provider: string | undefined): CallbackAdapter {
  const adapter = callbacksOf(provider ?? '');
  if (!adapter) throw new ApiError(404, 'not_found', 'No such provider calls here.');
  return adapter;
}

function unproven(): ApiError {
  return new ApiError(401, 'unauthorized', 'This is not known to come from the provider.');
}
