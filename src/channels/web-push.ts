/**
 * Web push: RFC 8030 (the request), 8291 (what it says is for the browser alone), 8292 (who sends it). The browser's push
 * service is named by the subscription, which a client sent us: only public https addresses are called.
 *
 * The page's service worker gets this JSON, and shows it:
 *
 *     { "title", "body", "imageUrl", "link", "data": { "message_id", "trigger", "link" } }
 *
 * `Topic` is made of the message's id: a second send replaces the first while it waits at the push service. The ciphertext
 * is another each time, as it has to be; what it says is not.
 */
import { encryptNotification } from '@block65/webcrypto-web-push';
import { importJWK, SignJWT } from 'jose';
import type { Address } from '../engine/send/addresses.ts';
import { checkPublicUrl } from '../protocol/public-address.ts';
import type { OutgoingMessage, SendResult } from './channel.ts';
import { type DeviceAddress, sendToDevices } from './devices.ts';
import { callHttp, type HttpAnswer, objectIn, retryBy } from './http-call.ts';
import { account, createProvider, type ProviderCall, refused, textOf, textSetting } from './provider.ts';
import { pushData } from './push-data.ts';
import { tokenName } from './token-name.ts';

/** A push service has to take 4,096 bytes; the header, the key, the delimiter and the tag are among them. */
export const MAX_PLAINTEXT_BYTES = 3_993;
/** Of the signed claims; at most 24 h are allowed. */
const CLAIMS_SECONDS = 12 * 3_600;
const CLAIMS_KEPT_MS = 11 * 3_600_000;

export const webPushAdapter = createProvider({
  name: 'web_push',
  capabilities: {
    channels: ['web_push'],
    advertising: true,
    advertisingHours: {},
    maxBytes: { web_push: { bytes: MAX_PLAINTEXT_BYTES, encoding: 'utf-8' } },
    idempotency: 'collapse',
    unitCost: { amount: 0, currency: 'KRW' },
  },
  // Each subscription names its own; in development one address can stand for all of them.
  baseUrl: () => '',
  endpointOf: ({ to }) => hostsOf(to),
  async send(message, call) {
    const payload = new TextEncoder().encode(payloadOf(message));
    if (payload.byteLength > MAX_PLAINTEXT_BYTES) return refused('payload_too_large');
    return sendToDevices(message, 'web_push', (device) => sendToBrowser(message, device, payload, call));
  },
});

/**
 * The push services that the message goes to: each fails apart from the others. Devices of several are asked in one send,
 * which then tells of these together and of none alone.
 */
function hostsOf(to: readonly Address[]): string | undefined {
  const hosts = to.map(({ value }) => hostOf(objectIn(value).endpoint)).filter((host) => host !== null);
  return hosts.length === 0 ? undefined : [...new Set(hosts)].sort().join('+');
}

function hostOf(endpoint: unknown): string | null {
  const url = typeof endpoint === 'string' ? checkPublicUrl(endpoint, { allowLoopback: false }) : null;
  return url?.kind === 'allowed' ? url.url.host : null;
}

/** What the service worker gets. */
export function payloadOf(message: OutgoingMessage): string {
  const { content } = message;
  return JSON.stringify({
    title: textOf(content, 'title'),
    body: textOf(content, 'body'),
    imageUrl: textOf(content, 'imageUrl'),
    link: textOf(content, 'link'),
    data: pushData(message),
  });
}

export function topicOf(messageId: string): string {
  // `msg_`, the 22 characters that are the message's own, and a sign: at most 32 of base64url's alphabet.
  return messageId.replace(/[^A-Za-z0-9_-]/g, '').slice(0, 32);
}

async function sendToBrowser(
  message: OutgoingMessage,
  device: DeviceAddress,
  payload: Uint8Array,
  call: ProviderCall,
): Promise<SendResult> {
  const subscription = subscriptionOf(device);
  if (!subscription || checkPublicUrl(subscription.endpoint, { allowLoopback: false }).kind === 'refused') {
    return { kind: 'rejected', scope: 'address', code: 'subscription_unusable' };
  }
  const claims = await claimsFor(subscription.endpoint, call);
  if (claims === null) return account('key_unusable');
  let body: Uint8Array<ArrayBuffer>;
  try {
    body = new Uint8Array(await encryptNotification(subscription, payload));
  } catch {
    return { kind: 'rejected', scope: 'address', code: 'subscription_unusable' };
  }
  const { origin, pathname, search } = new URL(subscription.endpoint);
  const ttlSeconds = Math.max(0, Math.floor((message.expiresAt - call.now()) / 1000));
  const answer = await callHttp(
    {
      url: `${call.baseUrl || origin}${pathname}${search}`,
      headers: {
        authorization: `vapid t=${claims}, k=${textSetting(call.settings, 'publicKey')}`,
        'content-encoding': 'aes128gcm',
        'content-type': 'application/octet-stream',
        ttl: String(ttlSeconds),
        urgency: message.category === 'marketing' ? 'normal' : 'high',
        topic: topicOf(message.id),
      },
      body,
    },
    call,
  );
  return answer.kind === 'lost' ? answer.result : judgePush(answer, call.now());
}

/** RFC 8030 §5–7: what a push service's answer means for this subscription. */
export function judgePush(
  { status, headers }: Extract<HttpAnswer, { kind: 'answer' }>,
  now: number,
): SendResult {
  const code = `http_${status}`;
  if (status >= 200 && status < 300) {
    const location = headers.get('location');
    return location ? { kind: 'accepted', providerId: location } : { kind: 'accepted' };
  }
  if (status === 404 || status === 410) return { kind: 'rejected', scope: 'address', code };
  // Our claims or our key; 403 also where the page subscribed under another key.
  if (status === 401 || status === 403) return account(code);
  if (status === 429 || status === 408 || status >= 500) return retryBy(headers, code, now);
  return refused(code);
}

interface Subscription {
  endpoint: string;
  expirationTime: null;
  keys: { p256dh: string; auth: string };
}

function subscriptionOf({ value }: DeviceAddress): Subscription | null {
  const { endpoint, keys } = objectIn(value);
  const { p256dh, auth } = objectIn(keys);
  if (typeof endpoint !== 'string' || typeof p256dh !== 'string' || typeof auth !== 'string') return null;
  return { endpoint, expirationTime: null, keys: { p256dh, auth } };
}

/** The signed claims for one push service; null where the key pair is unusable. */
async function claimsFor(endpoint: string, call: ProviderCall): Promise<string | null> {
  const { origin } = new URL(endpoint);
  const name = await tokenName(
    'web_push',
    `${textSetting(call.settings, 'publicKey')}:${origin}`,
    call.secret,
  );
  try {
    return await call.tokens.get(name, async () => {
      const expiresAt = call.now() + CLAIMS_KEPT_MS;
      return { value: await signClaims(origin, call), expiresAt };
    });
  } catch {
    return null;
  }
}

async function signClaims(aud: string, { secret, settings, now }: ProviderCall): Promise<string> {
  const point = fromBase64Url(textSetting(settings, 'publicKey') ?? '');
  const jwk = {
    kty: 'EC',
    crv: 'P-256',
    x: toBase64Url(point.slice(1, 33)),
    y: toBase64Url(point.slice(33, 65)),
    d: secret,
  };
  const issuedSeconds = Math.floor(now() / 1000);
  return new SignJWT({
    aud,
    exp: issuedSeconds + CLAIMS_SECONDS,
    sub: textSetting(settings, 'subject') ?? '',
  })
    .setProtectedHeader({ typ: 'JWT', alg: 'ES256' })
    .sign(await importJWK(jwk, 'ES256'));
}

function fromBase64Url(text: string): Uint8Array {
  return Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
}

function toBase64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=+$/, '');
}
