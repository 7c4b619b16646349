import type { Env } from '../bindings.ts';
import { hmacKey } from './profile-key.ts';

/**
 * What stands in the address that a provider calls which signs nothing. Another callback secret, another token; it is
 * derived, so that it is kept nowhere.
 */
export function callbackToken(
  env: Pick<Env, 'ID_SECRET'>,
  provider: string,
  callbackSecret: string,
): Promise<string> {
  return hmacKey(env.ID_SECRET, `callback:${provider}:${callbackSecret}`);
}

/** Where a provider is told to call: the path, below the deployment's own address. */
export function callbackPath(provider: string, token: string | null): string {
  return `/v1/callbacks/${provider}${token === null ? '' : `?token=${token}`}`;
}
