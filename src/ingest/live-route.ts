/**
 * `GET /v1/messages/live`: a page hears of messages at once. A browser can set no header on a socket: the key stands in
 * the query, and the user's token in the subprotocol `reflex.token.<jwt>`, beside `reflex`, which is the one answered.
 */
import { ApiError, unavailable } from '../http/api-error.ts';
import type { RequestContext, Route } from '../http/route.ts';
import type { IngestDeps } from './deps.ts';
import { mayReadMoved, proofOf, tokenRequired } from './identity.ts';
import { movedProfiles } from './moved-profiles.ts';
import { nextMessages } from './profile-calls.ts';
import { mayActFor, subjectOfQuery } from './subject.ts';

export interface LiveDeps extends IngestDeps {
  /** Hands an upgrade to the profile of that name. */
  live(env: RequestContext['env'], key: string, request: Request): Promise<Response>;
}

const TOKEN = 'reflex.token.';

export function liveRoute(deps: LiveDeps): Route {
  return {
    method: 'GET',
    path: '/v1/messages/live',
    auth: 'any',
    async handle(request, context) {
      if (request.headers.get('upgrade')?.toLowerCase() !== 'websocket') throw upgradeRequired();
      const { env, url } = context;
      const profile = await subjectOfQuery(env, url.searchParams);
      const proof = await proofOf(deps, withToken(request), context);
      if (!mayActFor(proof, profile)) throw tokenRequired();
      const { moved = movedProfiles } = deps;
      const response = moved.to(profile.key) ? null : await connect(deps, context, profile.key, request);
      if (response && response.status !== 409) return response;
      // An anonymous profile that has become a user's.
      if (!mayReadMoved(proof)) throw tokenRequired();
      const next = await nextMessages(deps, env, profile.key, {});
      const to = next.kind === 'moved' ? next.to.key : profile.key;
      return connect(deps, context, to, request);
    },
  };
}

async function connect(
  deps: LiveDeps,
  { env }: RequestContext,
  key: string,
  request: Request,
): Promise<Response> {
  try {
    // Copied: the headers of another's answer can't be added to.
    const { status, webSocket, headers } = await deps.live(env, key, request);
    return new Response(null, { status, webSocket, headers: new Headers(headers) });
  } catch (error) {
    throw unavailable('The socket can’t be opened now; ask /v1/messages/next meanwhile.', 5, error);
  }
}

/** The token as other requests bring it. */
function withToken(request: Request): Request {
  const protocols = (request.headers.get('sec-websocket-protocol') ?? '').split(',');
  const token = protocols.map((name) => name.trim()).find((name) => name.startsWith(TOKEN));
  const headers = new Headers(request.headers);
  if (token) headers.set('x-user-token', token.slice(TOKEN.length));
  return new Request(request.url, { headers });
}

function upgradeRequired(): ApiError {
  return new ApiError(426, 'upgrade_required', 'This is a WebSocket: send Upgrade: websocket.');
}
