/**
 * Apple's push service, direct. It takes HTTP/2 only, which a Worker's `fetch` has been seen to speak with it, and seen not
 * to: hence `experimental`, and a deadline of 8 s. Through FCM the same phones are reached without that doubt. The
 * message's id is the collapse id: a second send replaces the first on the device.
 */
import { importPKCS8, SignJWT } from 'jose';
import type { JsonObject } from '../engine/vocabulary.ts';
import type { OutgoingMessage, SendResult } from './channel.ts';
import { type DeviceAddress, sendToDevices } from './devices.ts';
import { callHttp, codeIn, type HttpAnswer, jsonOf, retryBy } from './http-call.ts';
import { account, createProvider, type ProviderCall, refused, textOf, textSetting } from './provider.ts';
import { pushData } from './push-data.ts';
import { tokenName } from './token-name.ts';
import { uuidOf } from './uuid-of.ts';

const TIMEOUT_MS = 8_000;
const MAX_PAYLOAD_BYTES = 4_096;
/** Apple wants a new one between 20 and 60 minutes. */
const TOKEN_KEPT_MS = 50 * 60_000;

export const apnsAdapter = createProvider({
  name: 'apns',
  capabilities: {
    channels: ['push'],
    advertising: true,
    advertisingHours: {},
    maxBytes: { push: { bytes: MAX_PAYLOAD_BYTES, encoding: 'utf-8' } },
    idempotency: 'collapse',
    unitCost: { amount: 0, currency: 'KRW' },
  },
  baseUrl: ({ environment }) =>
    environment === 'sandbox' ? 'https://api.sandbox.push.apple.com' : 'https://api.push.apple.com',
  timeoutMs: TIMEOUT_MS,
  async send(message, call) {
    if (call.settings.experimental !== true) return account('not_enabled');
    const payload = JSON.stringify(apnsPayload(message));
    if (new TextEncoder().encode(payload).byteLength > MAX_PAYLOAD_BYTES) return refused('payload_too_large');
    return sendToDevices(message, 'apns', (device) => sendToDevice(message, device, payload, call));
  },
});

function apnsPayload(message: OutgoingMessage): JsonObject {
  const title = textOf(message.content, 'title');
  const image = textOf(message.content, 'imageUrl');
  return {
    aps: {
      alert: { ...(title !== undefined && { title }), body: textOf(message.content, 'body') ?? '' },
      sound: 'default',
      'mutable-content': 1,
    },
    ...pushData(message),
    ...(image !== undefined && { imageUrl: image }),
  };
}

async function sendToDevice(
  message: OutgoingMessage,
  device: DeviceAddress,
  body: string,
  call: ProviderCall,
): Promise<SendResult> {
  const token = String(device.value);
  if (!/^[0-9a-fA-F]{32,200}$/.test(token)) {
    return { kind: 'rejected', scope: 'address', code: 'BadDeviceToken' };
  }
  const teamId = textSetting(call.settings, 'teamId') ?? '';
  const keyId = textSetting(call.settings, 'keyId') ?? '';
  const name = await tokenName('apns', `${teamId}:${keyId}`, call.secret);
  for (let isFirst = true; ; isFirst = false) {
    const jwt = await call.tokens
      .get(name, async () => {
        const expiresAt = call.now() + TOKEN_KEPT_MS;
        return { value: await signToken(teamId, keyId, call), expiresAt };
      })
      .catch(() => null);
    if (jwt === null) return account('key_unusable');
    const headers = {
      authorization: `bearer ${jwt}`,
      'apns-topic': textSetting(call.settings, 'topic') ?? '',
      'apns-push-type': 'alert',
      'apns-priority': '10',
      'apns-expiration': String(Math.floor(message.expiresAt / 1000)),
      'apns-collapse-id': message.id,
      'apns-id': await uuidOf(`${message.id}\n${device.deviceId}`),
      'content-type': 'application/json',
    };
    const answer = await callHttp({ url: `${call.baseUrl}/3/device/${token}`, headers, body }, call);
    if (answer.kind === 'lost') return answer.result;
    const result = judgeApns(answer, device, call.now());
    if (result.kind !== 'retry' || result.code !== 'ExpiredProviderToken') return result;
    await call.tokens.forget(name, jwt);
    if (!isFirst) return account('ExpiredProviderToken');
  }
}

async function signToken(teamId: string, keyId: string, { secret, now }: ProviderCall): Promise<string> {
  return new SignJWT({ iss: teamId, iat: Math.floor(now() / 1000) })
    .setProtectedHeader({ alg: 'ES256', kid: keyId })
    .sign(await importPKCS8(secret, 'ES256'));
}

const MESSAGE = [
  'PayloadTooLarge',
  'PayloadEmpty',
  'BadCollapseId',
  'BadExpirationDate',
  'BadMessageId',
  'BadPriority',
  'InvalidPushType',
  'DuplicateHeaders',
  'MissingDeviceToken',
  'BadPath',
  'MethodNotAllowed',
];
const AGAIN = [
  'TooManyRequests',
  'TooManyProviderTokenUpdates',
  'InternalServerError',
  'ServiceUnavailable',
  'Shutdown',
  'IdleTimeout',
];

export function judgeApns(
  { status, headers, text }: Extract<HttpAnswer, { kind: 'answer' }>,
  { registeredAt = 0 }: Pick<DeviceAddress, 'registeredAt'>,
  now: number,
): SendResult {
  if (status === 200) return { kind: 'accepted', providerId: codeIn(headers.get('apns-id'), 'apns') };
  const { reason, timestamp } = jsonOf(text);
  const code = codeIn(reason, `http_${status}`);
  switch (code) {
    case 'Unregistered':
    case 'ExpiredToken':
      // The app may have registered the same token again after Apple found it dead.
      return typeof timestamp === 'number' && timestamp < registeredAt
        ? refused(code)
        : { kind: 'rejected', scope: 'address', code };
    case 'BadDeviceToken':
    case 'DeviceTokenNotForTopic':
      return { kind: 'rejected', scope: 'address', code };
    case 'ExpiredProviderToken':
      return { kind: 'retry', code };
    default:
      if (MESSAGE.includes(code) || status === 413) return refused(code);
      if (AGAIN.includes(code) || status === 429 || status >= 500) return retryBy(headers, code, now);
      return account(code);
  }
}
