/** Whose profile a request speaks of: `userId` wins over `anonymousId`. */
import { type ApiError, invalidRequest } from '../http/api-error.ts';
import type { RequestContext } from '../http/route.ts';
import { MAX_ID_LENGTH } from '../protocol/events.ts';
import { profileRef } from '../protocol/profile-key.ts';
import type { ProfileRef } from '../protocol/rpc.ts';
import { mayReadAs, type Proof } from './identity.ts';

type Env = Pick<RequestContext['env'], 'ID_SECRET'>;

/** From a path: a userId, or `anon:<anonymousId>`. Throws 400. */
export function subjectOfPath(env: Env, id: string | undefined): Promise<ProfileRef> {
  const isAnonymous = id?.startsWith('anon:');
  return subjectOf(env, isAnonymous ? { anonymousId: id?.slice(5) } : { userId: id });
}

/** From a query. Throws 400 where it names nobody. */
export function subjectOfQuery(env: Env, query: URLSearchParams): Promise<ProfileRef> {
  return subjectOf(env, { userId: query.get('userId'), anonymousId: query.get('anonymousId') });
}

/** From a body's `userId` and `anonymousId`. Throws 400. */
export async function subjectOf(
  env: Env,
  ids: { userId?: unknown; anonymousId?: unknown },
): Promise<ProfileRef> {
  const userId = readId(ids.userId);
  if (userId !== undefined) return profileRef(env, 'user', userId);
  const anonymousId = readId(ids.anonymousId);
  if (anonymousId !== undefined) return profileRef(env, 'anonymous', anonymousId);
  throw nobody();
}

/** Whether the request may read and change what is this user's alone. Throws 401 for another user's token. */
export function mayActFor(proof: Proof, profile: ProfileRef): boolean {
  return profile.kind === 'anonymous' || mayReadAs(proof, profile.id);
}

function readId(id: unknown): string | undefined {
  const text = typeof id === 'number' ? String(id) : id;
  return typeof text === 'string' && text !== '' && text.length <= MAX_ID_LENGTH ? text : undefined;
}

function nobody(): ApiError {
  const message = `one of userId and anonymousId is needed, each at most ${MAX_ID_LENGTH} characters`;
  return invalidRequest('The request names no user.', [{ path: 'userId', message }]);
}
