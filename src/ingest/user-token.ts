/**
 * User tokens: JWTs that the app's backend signs to say who the user is. HS256 with the deployment's secret or ES256
 * with one of its public keys; the algorithm picks the key, so neither can pass for the other, and `none` passes for
 * nothing. `exp` is needed and at most 24 hours away: a leaked token doesn't last.
 */
import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose';
import type { Env } from '../bindings.ts';
import { ApiError } from '../http/api-error.ts';

type TokenKeys = Pick<Env, 'USER_TOKEN_SECRET' | 'USER_TOKEN_JWKS'>;

const MAX_LIFE_SECONDS = 24 * 60 * 60;
const CLOCK_TOLERANCE_SECONDS = 30;

/** The userId that the token proves. Throws 401 with the same body for every cause. */
export async function verifyUserToken(env: TokenKeys, token: string, now: number): Promise<string> {
  try {
    const payload = await verify(env, token, now);
    const isShortLived =
      Number(payload.exp) * 1000 <= now + (MAX_LIFE_SECONDS + CLOCK_TOLERANCE_SECONDS) * 1000;
    if (isShortLived && typeof payload.sub === 'string' && payload.sub !== '') return payload.sub;
  } catch {
    // Every cause gets the same answer, below.
  }
  throw badToken();
}

/** 401: the token is wrong, expired or another user's. */
export function badToken(): ApiError {
  return new ApiError(
    401,
    'invalid_user_token',
    'The user token must be a JWT (HS256 or ES256) signed with a key of this deployment, ' +
      'its sub this userId, its exp in the future and at most 24 hours away.',
  );
}

async function verify(env: TokenKeys, token: string, now: number) {
  const { alg } = decodeProtectedHeader(token);
  const options = {
    currentDate: new Date(now),
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    requiredClaims: ['sub', 'exp'],
  };
  if (alg === 'HS256' && env.USER_TOKEN_SECRET) {
    const key = await hmacKey(env.USER_TOKEN_SECRET);
    return (await jwtVerify(token, key, { ...options, algorithms: ['HS256'] })).payload;
  }
  if (alg === 'ES256' && env.USER_TOKEN_JWKS) {
    const keys = publicKeys(env.USER_TOKEN_JWKS);
    return (await jwtVerify(token, keys, { ...options, algorithms: ['ES256'] })).payload;
  }
  throw new Error('no key for this algorithm');
}

/** Isolate caches of the one secret and the one key set that a deployment has. Values, never another request's promise. */
let cachedSecret: { secret: string; key: CryptoKey } | undefined;
let cachedKeySet: { text: string; keys: ReturnType<typeof createLocalJWKSet> } | undefined;

async function hmacKey(secret: string): Promise<CryptoKey> {
  if (cachedSecret?.secret === secret) return cachedSecret.key;
  const bytes = new TextEncoder().encode(secret);
  const key = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, [
    'verify',
  ]);
  cachedSecret = { secret, key };
  return key;
}

function publicKeys(text: string): ReturnType<typeof createLocalJWKSet> {
  if (cachedKeySet?.text !== text) {
    cachedKeySet = { text, keys: createLocalJWKSet(JSON.parse(text) as JSONWebKeySet) };
  }
  return cachedKeySet.keys;
}
