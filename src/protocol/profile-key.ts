/**
 * Object names, shard rows and D1 carry an HMAC of a user's id, never the id: erasing the profile then leaves nothing
 * that names the person.
 */
import type { Env } from '../bindings.ts';
import type { ProfileRef } from './rpc.ts';

const encoder = new TextEncoder();
const MAX_CACHED = 10_000;

/** Isolate cache; plain data, safe to share between requests. The secret is part of the key. */
const keys = new Map<string, string>();
let signer: { secret: string; key: CryptoKey } | undefined;

export async function profileRef(
  env: Pick<Env, 'ID_SECRET'>,
  kind: ProfileRef['kind'],
  id: string,
): Promise<ProfileRef> {
  return { kind, id, key: await profileKey(env, kind, id) };
}

/** The same where the key is known, so that nothing has to be waited for; else undefined. */
export function knownProfileRef(
  env: Pick<Env, 'ID_SECRET'>,
  kind: ProfileRef['kind'],
  id: string,
): ProfileRef | undefined {
  const key = keys.get(cacheKeyOf(env, nameOf(kind, id)));
  return key === undefined ? undefined : { kind, id, key };
}

/** 27 characters of base64url: 160 bits of HMAC-SHA256 over the kind and the id. */
export async function profileKey(
  env: Pick<Env, 'ID_SECRET'>,
  kind: ProfileRef['kind'],
  id: string,
): Promise<string> {
  const name = nameOf(kind, id);
  const cacheKey = cacheKeyOf(env, name);
  const known = keys.get(cacheKey);
  if (known !== undefined) return known;
  const key = await hmacKey(env.ID_SECRET, name);
  if (keys.size >= MAX_CACHED) keys.clear();
  keys.set(cacheKey, key);
  return key;
}

/** 160 bits of HMAC-SHA256 as base64url. A profile's name begins with `u:` or `a:`; others must not. */
export async function hmacKey(secret: string, text: string): Promise<string> {
  const signature = await crypto.subtle.sign('HMAC', await signerFor(secret), encoder.encode(text));
  return base64url(new Uint8Array(signature, 0, 20));
}

function nameOf(kind: ProfileRef['kind'], id: string): string {
  return `${kind === 'user' ? 'u' : 'a'}:${id}`;
}

function cacheKeyOf(env: Pick<Env, 'ID_SECRET'>, name: string): string {
  return `${env.ID_SECRET}\n${name}`;
}

async function signerFor(secret: string): Promise<CryptoKey> {
  if (signer?.secret !== secret) {
    const key = await crypto.subtle.importKey(
      'raw',
      encoder.encode(secret),
      { name: 'HMAC', hash: 'SHA-256' },
      false,
      ['sign'],
    );
    signer = { secret, key };
  }
  return signer.key;
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}
