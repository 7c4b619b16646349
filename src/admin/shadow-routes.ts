/**
 * `triggers/:id/shadow`: the draft decides beside the live version and sends nothing; `shadow-report` tells who got what,
 * and who would have. It ends when the draft goes live, with the trigger, or when it is stopped.
 */
import { ApiError } from '../http/api-error.ts';
import { jsonResponse } from '../http/json-response.ts';
import type { RequestContext, Route } from '../http/route.ts';
import { profileStub } from '../protocol/stubs.ts';
import { readDocument } from '../store/read-documents.ts';
import { readShadowDiff, type ShadowExample } from '../store/shadow-sends.ts';
import { putShadow, readShadow, removeShadow, type StandingShadow } from '../store/shadows.ts';
import { notFound, type Objection, writtenOrThrow } from './document-response.ts';
import { changeOf } from './document-routes.ts';
import { unprocessable } from './request-document.ts';
import { tellScheduler } from './tell-scheduler.ts';
import { storedTrigger } from './tried-trigger.ts';

const ONE = '/admin/api/triggers/:id/shadow';
const auth = 'admin';

export function shadowRoutes(): Route[] {
  return [
    { method: 'POST', path: ONE, auth, handle: start },
    { method: 'GET', path: ONE, auth, handle: (_request, context) => read(context) },
    { method: 'DELETE', path: ONE, auth, handle: stop },
    {
      method: 'GET',
      path: '/admin/api/triggers/:id/shadow-report',
      auth,
      handle: (_request, context) => report(context),
    },
  ];
}

async function start(request: Request, context: RequestContext): Promise<Response> {
  const { env, params, now } = context;
  const id = params.id ?? '';
  const stored = await readDocument(env, 'trigger', id);
  if (!stored) throw notFound('trigger', id);
  if (stored.status !== 'draft') {
    throw new ApiError(409, 'conflict', 'It has no draft to put in shadow; PUT one first.');
  }
  const { document: trigger, version } = await storedTrigger(env, id);
  // Profiles are told of a broadcast by the scheduler, which knows what is live.
  const broadcasts = trigger.entry.on.flatMap((on, i) =>
    'at' in on
      ? [
          {
            path: `entry.on.${i}`,
            message: 'a broadcast can’t stand in shadow; a backtest tells who would get it',
          },
        ]
      : [],
  );
  if (broadcasts.length > 0) throw unprocessable('trigger', broadcasts);
  const { author } = changeOf(request, context);
  writtenOrThrow(await putShadow<Objection>(env, { trigger, version }, { author, now }), 'trigger', id);
  await tellScheduler(context);
  return jsonResponse(shown({ trigger, version, since: now }));
}

async function read({ env, params }: RequestContext): Promise<Response> {
  return jsonResponse(shown(await shadowOrThrow(env, params.id ?? '')));
}

async function stop(request: Request, context: RequestContext): Promise<Response> {
  const id = context.params.id ?? '';
  await shadowOrThrow(context.env, id);
  await endShadow(request, context, id);
  return new Response(null, { status: 204 });
}

/** With the trigger's own change, or alone. Where it can't be stored now it decides on, unseen, until it is tried again. */
export async function endShadow(request: Request, context: RequestContext, id: string): Promise<void> {
  const { author, now } = changeOf(request, context);
  if (await removeShadow(context.env, id, { author, now })) await tellScheduler(context);
}

async function report({ env, params }: RequestContext): Promise<Response> {
  const id = params.id ?? '';
  const shadow = await shadowOrThrow(env, id);
  const diff = await readShadowDiff(env.DB, id, shadow);
  const [onlyLive, onlyShadow] = await Promise.all(
    [diff.onlyLive, diff.onlyShadow].map(async ({ examples, ...counts }) => ({
      ...counts,
      examples: await Promise.all(examples.map((one) => named(env, one))),
    })),
  );
  return jsonResponse({ ...shown(shadow), ...diff, onlyLive, onlyShadow });
}

async function shadowOrThrow(env: RequestContext['env'], id: string): Promise<StandingShadow> {
  const shadow = await readShadow(env, id);
  if (!shadow) throw new ApiError(404, 'not_found', `The trigger \`${id}\` has no version in shadow.`);
  return shadow;
}

function shown({ trigger, version, since }: StandingShadow) {
  return { trigger: trigger.id, version, since: new Date(since).toISOString() };
}

/** One profile that doesn't answer hides nothing but its name. */
async function named(env: RequestContext['env'], { profileKey, channel, at }: ShadowExample) {
  const view = await profileStub(env, profileKey)
    .describe()
    .catch(() => null);
  const userId = view?.userId ?? null;
  const anonymousId = userId === null ? (view?.anonymousIds[0] ?? null) : null;
  return { userId, anonymousId, channel, at: new Date(at).toISOString() };
}
