/** Proofs are compared by WebCrypto's `verify`, which takes as long for a proof that is nearly right as for any other. */
const encoder = new TextEncoder();

export type Bytes = Uint8Array<ArrayBuffer>;

/** Whether `proof` is the HMAC of the bytes under the secret. */
export async function isMacOf(
  proof: Bytes | null,
  bytes: Bytes,
  secret: string | Bytes,
  hash: 'SHA-1' | 'SHA-256',
): Promise<boolean> {
  const raw = typeof secret === 'string' ? encoder.encode(secret) : secret;
  if (!proof || raw.length === 0) return false;
  const key = await crypto.subtle.importKey('raw', raw, { name: 'HMAC', hash }, false, ['verify']);
  return crypto.subtle.verify('HMAC', key, proof, bytes);
}

/** Whether two texts are the same one: a secret that stands in a header. */
export async function isSameText(given: string | null, expected: string): Promise<boolean> {
  const key = await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify']);
  const mac = await crypto.subtle.sign('HMAC', key as CryptoKey, encoder.encode(expected));
  return crypto.subtle.verify('HMAC', key as CryptoKey, mac, encoder.encode(given ?? ''));
}

/** Null where it isn't base64. */
export function fromBase64(text: string | null | undefined): Bytes | null {
  if (!text || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return null;
  try {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    // `AB==` and `AA==` decode to the same byte: only one of them was written by the signer.
    return btoa(String.fromCharCode(...bytes)) === text ? bytes : null;
  } catch {
    return null;
  }
}

/** Null where it isn't hexadecimal. */
export function fromHex(text: string | null | undefined): Bytes | null {
  if (!text || !/^([0-9a-f]{2})+$/.test(text)) return null;
  return Uint8Array.from(text.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}
