/**
 * Keys that sign, derived from the deployment's own secret by HKDF: each under a label of its own, so that no signature made
 * for one thing is one for another.
 */
const encoder = new TextEncoder();
/** By label, for this isolate. The key, not its promise: one request must not wait for another's. */
const derived = new Map<string, { secret: string; key: CryptoKey }>();

/** An HMAC-SHA-256 key. */
export async function signingKey(secret: string, label: string): Promise<CryptoKey> {
  const known = derived.get(label);
  if (known?.secret === secret) return known.key;
  const key = await derive(secret, label);
  derived.set(label, { secret, key });
  return key;
}

export async function signText(key: CryptoKey, text: string): Promise<string> {
  return toBase64url(new Uint8Array(await crypto.subtle.sign('HMAC', key, encoder.encode(text))));
}

/** In constant time. What isn't a signature in its one spelling is none. */
export async function isSignatureOf(key: CryptoKey, text: string, signature: string): Promise<boolean> {
  const bytes = fromBase64url(signature);
  if (!bytes || toBase64url(bytes) !== signature) return false;
  return crypto.subtle.verify('HMAC', key, bytes, encoder.encode(text));
}

export function toBase64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

/** Null where it is none. */
export function fromBase64url(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) =>
      char.charCodeAt(0),
    );
  } catch {
    return null;
  }
}

async function derive(secret: string, label: string): Promise<CryptoKey> {
  const root = await crypto.subtle.importKey('raw', encoder.encode(secret), 'HKDF', false, ['deriveKey']);
  return crypto.subtle.deriveKey(
    { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: encoder.encode(label) },
    root,
    { name: 'HMAC', hash: 'SHA-256', length: 256 },
    false,
    ['sign', 'verify'],
  );
}
