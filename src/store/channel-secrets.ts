/**
 * Providers' secrets: encrypted at rest (AES-256-GCM) with a key that HKDF derives from the deployment's own secret,
 * and bound to their channel, so that one can't be read as another's. A copy of D1 alone reveals none.
 */
import type { Env } from '../bindings.ts';

const FRESH_MS = 10_000;
const IV_BYTES = 12;

/** By channel, for this isolate; a new secret is used within 10 s. */
const cache = new Map<string, { ciphertext: string; secret: string | null; readAt: number }>();
let derived: { from: string; key: CryptoKey } | undefined;

/** The secret of a channel's provider; null where none is set. Throws where it can't be decrypted. */
export async function readChannelSecret(env: Env, channel: string): Promise<string | null> {
  const now = Date.now();
  const known = cache.get(channel);
  if (known && now - known.readAt < FRESH_MS && now >= known.readAt) return known.secret;
  const row = await env.DB.withSession('first-primary')
    .prepare('SELECT ciphertext FROM channel_secrets WHERE channel = ?1')
    .bind(channel)
    .first<{ ciphertext: string }>();
  const ciphertext = row?.ciphertext ?? '';
  const secret =
    known?.ciphertext === ciphertext ? known.secret : row ? await decrypt(env, channel, ciphertext) : null;
  cache.set(channel, { ciphertext, secret, readAt: now });
  return secret;
}

/** Under which name the secret of a channel's callbacks is kept. */
export function callbackOfChannel(channel: string): string {
  return `callback:${channel}`;
}

export async function hasChannelSecret(env: Env, channel: string): Promise<boolean> {
  const row = await env.DB.prepare('SELECT 1 FROM channel_secrets WHERE channel = ?1').bind(channel).first();
  return row !== null;
}

/** The write that stores a secret, or with null forgets it. */
export async function putChannelSecret(
  env: Env,
  channel: string,
  secret: string | null,
  now: number,
): Promise<D1PreparedStatement> {
  cache.delete(channel);
  if (secret === null) return env.DB.prepare('DELETE FROM channel_secrets WHERE channel = ?1').bind(channel);
  return env.DB.prepare(
    'INSERT OR REPLACE INTO channel_secrets (channel, ciphertext, created_at) VALUES (?1, ?2, ?3)',
  ).bind(channel, await encrypt(env, channel, secret), now);
}

/** The initialisation vector and the ciphertext, as base64. */
async function encrypt(env: Env, channel: string, secret: string): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const key = await encryptionKey(env.ID_SECRET);
  const ciphertext = await crypto.subtle.encrypt(
    algorithm(iv, channel),
    key,
    new TextEncoder().encode(secret),
  );
  return btoa(String.fromCharCode(...iv, ...new Uint8Array(ciphertext)));
}

async function decrypt(env: Env, channel: string, stored: string): Promise<string> {
  const bytes = Uint8Array.from(atob(stored), (character) => character.charCodeAt(0));
  const key = await encryptionKey(env.ID_SECRET);
  const iv = bytes.slice(0, IV_BYTES);
  const plain = await crypto.subtle.decrypt(algorithm(iv, channel), key, bytes.slice(IV_BYTES));
  return new TextDecoder().decode(plain);
}

function algorithm(iv: Uint8Array<ArrayBuffer>, channel: string) {
  return { name: 'AES-GCM', iv, additionalData: new TextEncoder().encode(`channel:${channel}`) };
}

async function encryptionKey(secret: string): Promise<CryptoKey> {
  if (derived?.from === secret) return derived.key;
  const material = await crypto.subtle.importKey('raw', new TextEncoder().encode(secret), 'HKDF', false, [
    'deriveKey',
  ]);
  const key = await crypto.subtle.deriveKey(
    {
      name: 'HKDF',
      hash: 'SHA-256',
      salt: new Uint8Array(),
      info: new TextEncoder().encode('reflex channel secrets v1'),
    },
    material,
    { name: 'AES-GCM', length: 256 },
    false,
    ['encrypt', 'decrypt'],
  );
  derived = { from: secret, key };
  return key;
}
