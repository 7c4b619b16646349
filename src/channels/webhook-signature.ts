/**
 * Standard Webhooks: HMAC-SHA256 over `id.timestamp.body`, one `v1,<base64>` per secret. During a rotation both secrets
 * stand in the setting, separated by a space, and the receiver accepts either.
 */
const encoder = new TextEncoder();

type SecretKeys = { kind: 'keys'; keys: Uint8Array<ArrayBuffer>[] } | { kind: 'unusable'; message: string };

/** The setting that was read last: one message after the other is signed with the same. */
let lastRead: { text: string; secrets: SecretKeys } | null = null;

/** `whsec_` and the base64 of 24 to 64 bytes. */
export function parseSecrets(text: string): SecretKeys {
  if (lastRead?.text !== text) lastRead = { text, secrets: readSecrets(text) };
  return lastRead.secrets;
}

function readSecrets(text: string): SecretKeys {
  const keys: Uint8Array<ArrayBuffer>[] = [];
  for (const secret of text.split(/\s+/).filter((part) => part !== '')) {
    const key = decode(secret.replace(/^whsec_/, ''));
    if (!key || key.length < 24 || key.length > 64) {
      return {
        kind: 'unusable',
        message: 'a webhook secret is whsec_ followed by the base64 of 24 to 64 bytes',
      };
    }
    keys.push(key);
  }
  return keys.length > 0 ? { kind: 'keys', keys } : { kind: 'unusable', message: 'a webhook needs a secret' };
}

/** The value of `webhook-signature`. */
export async function signWebhook(input: {
  id: string;
  timestampSeconds: number;
  body: string;
  keys: readonly Uint8Array<ArrayBuffer>[];
}): Promise<string> {
  const signed = encoder.encode(`${input.id}.${input.timestampSeconds}.${input.body}`);
  const signatures = await Promise.all(
    input.keys.map(async (key) => {
      const hmac = imported.get(key) ?? (await importKey(key));
      const signature = new Uint8Array(await crypto.subtle.sign('HMAC', hmac, signed));
      return `v1,${btoa(String.fromCharCode(...signature))}`;
    }),
  );
  return signatures.join(' ');
}

const imported = new WeakMap<Uint8Array, CryptoKey>();

async function importKey(key: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  const hmac = await crypto.subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  imported.set(key, hmac);
  return hmac;
}

function decode(base64: string): Uint8Array<ArrayBuffer> | null {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
}
