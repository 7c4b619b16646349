import { invalidRequest } from '../http/api-error.ts';
import type { RequestContext } from '../http/route.ts';
import { profileRef } from '../protocol/profile-key.ts';
import type { ProfileRef } from '../protocol/rpc.ts';

const ANONYMOUS = 'anon:';

/** A user's id, or `anon:` and an anonymous id. Throws 400 where it names nobody. */
export function subjectOf(env: RequestContext['env'], asked: string): Promise<ProfileRef> {
  const isAnonymous = asked.startsWith(ANONYMOUS);
  const id = isAnonymous ? asked.slice(ANONYMOUS.length) : asked;
  if (id === '') throw invalidRequest('A user id, or `anon:` and an anonymous id, is needed.');
  return profileRef(env, isAnonymous ? 'anonymous' : 'user', id);
}
