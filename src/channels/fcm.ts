/**
 * Firebase Cloud Messaging, HTTP v1: Android, iOS and browsers by one service account, whose JSON file is the secret. One
 * request a device. FCM knows no idempotency key; the message's id is the collapse key and the notification's tag, so that
 * a second send replaces the first on the device.
 */
import type { JsonObject } from '../engine/vocabulary.ts';
import type { OutgoingMessage, SendResult } from './channel.ts';
import { type DeviceAddress, sendToDevices } from './devices.ts';
import { fetchAccessToken, parseServiceAccount, type ServiceAccount, TokenError } from './google-token.ts';
import { callHttp, codeIn, type HttpAnswer, jsonOf, objectIn, objectsIn, retryBy } from './http-call.ts';
import { account, createProvider, type ProviderCall, refused, textOf, textSetting } from './provider.ts';
import { pushData } from './push-data.ts';
import { tokenName } from './token-name.ts';

const MAX_PAYLOAD_BYTES = 4_096;
const SCOPE = 'https://www.googleapis.com/auth/firebase.messaging';
const TOKEN_URL = 'https://oauth2.googleapis.com/token';
/** Google's last an hour. */
const TOKEN_KEPT_MS = 50 * 60_000;
/** Least waits that Google asks for where it names none. */
const QUOTA_WAIT_MS = 60_000;
const UNAVAILABLE_WAIT_MS = 10_000;

export const fcmAdapter = createProvider({
  name: 'fcm',
  capabilities: {
    channels: ['push'],
    advertising: true,
    advertisingHours: {},
    maxBytes: { push: { bytes: MAX_PAYLOAD_BYTES, encoding: 'utf-8' } },
    idempotency: 'collapse',
    unitCost: { amount: 0, currency: 'KRW' },
  },
  baseUrl: () => 'https://fcm.googleapis.com',
  async send(message, call) {
    const client = parseServiceAccount(call.secret);
    if (!client) return account('secret_unusable');
    const body = fcmMessage(message, call.now());
    if (new TextEncoder().encode(JSON.stringify(body)).byteLength > MAX_PAYLOAD_BYTES) {
      return refused('payload_too_large');
    }
    return sendToDevices(message, 'fcm', (device) => sendToDevice(body, device, client, call));
  },
});

/** The `message` of the request, without its token. */
export function fcmMessage(message: OutgoingMessage, now: number): JsonObject {
  const { content, id } = message;
  const title = textOf(content, 'title');
  const image = textOf(content, 'imageUrl');
  const link = textOf(content, 'link');
  const ttlSeconds = Math.max(0, Math.floor((message.expiresAt - now) / 1000));
  return {
    notification: {
      ...(title !== undefined && { title }),
      body: textOf(content, 'body') ?? '',
      ...(image !== undefined && { image }),
    },
    data: pushData(message),
    android: { priority: 'HIGH', ttl: `${ttlSeconds}s`, collapse_key: id, notification: { tag: id } },
    apns: {
      headers: {
        'apns-priority': '10',
        'apns-collapse-id': id,
        'apns-expiration': String(Math.floor(message.expiresAt / 1000)),
      },
      payload: { aps: { 'mutable-content': 1 } },
    },
    webpush: {
      headers: { TTL: String(ttlSeconds) },
      ...(link?.startsWith('https://') && { fcmOptions: { link } }),
    },
  };
}

async function sendToDevice(
  body: JsonObject,
  { value }: DeviceAddress,
  client: ServiceAccount,
  call: ProviderCall,
): Promise<SendResult> {
  const url = `${call.baseUrl}/v1/projects/${encodeURIComponent(client.projectId)}/messages:send`;
  const payload = JSON.stringify({ message: { ...body, token: value } });
  const name = await tokenName('fcm', client.clientEmail, call.secret);
  for (let isFirst = true; ; isFirst = false) {
    let token: string;
    try {
      token = await call.tokens.get(name, async () => {
        const expiresAt = call.now() + TOKEN_KEPT_MS;
        return { value: await fetchAccessToken(client, tokenSource(call), call), expiresAt };
      });
    } catch (error) {
      return error instanceof TokenError ? error.result : { kind: 'retry', code: 'token_unreachable' };
    }
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const answer = await callHttp({ url, headers, body: payload }, call);
    if (answer.kind === 'lost') return answer.result;
    const result = judgeFcm(answer, call.now());
    // The token is no longer taken: once more with a new one.
    if (result.kind !== 'retry' || result.code !== 'UNAUTHENTICATED') return result;
    await call.tokens.forget(name, token);
    if (!isFirst) return account('UNAUTHENTICATED');
  }
}

function tokenSource({ baseUrl, settings }: ProviderCall) {
  const isReplaced = textSetting(settings, 'endpoint') !== undefined;
  return { scope: SCOPE, tokenUrl: isReplaced ? `${baseUrl}/token` : TOKEN_URL };
}

/** Google's table, asked by the most exact word there is: the FCM error's code, then the status, then HTTP's. */
export function judgeFcm(
  { status, headers, text }: Extract<HttpAnswer, { kind: 'answer' }>,
  now: number,
): SendResult {
  const body = jsonOf(text);
  if (status === 200) return { kind: 'accepted', providerId: codeIn(body.name, 'fcm') };
  const error = objectIn(body.error);
  const details = objectsIn(error.details);
  const exact = details.find((detail) => typeof detail.errorCode === 'string')?.errorCode;
  const code = codeIn(exact ?? error.status, `http_${status}`);
  switch (code) {
    case 'UNREGISTERED':
    case 'SENDER_ID_MISMATCH':
      return { kind: 'rejected', scope: 'address', code };
    case 'INVALID_ARGUMENT':
      return judgeArgument(error, details);
    case 'UNAUTHENTICATED':
      return { kind: 'retry', code };
    case 'THIRD_PARTY_AUTH_ERROR':
    case 'PERMISSION_DENIED':
      return account(code);
    case 'QUOTA_EXCEEDED':
    case 'RESOURCE_EXHAUSTED':
      return retryBy(headers, code, now, QUOTA_WAIT_MS);
    case 'UNAVAILABLE':
      return retryBy(headers, code, now, UNAVAILABLE_WAIT_MS);
    default:
      return judgeHttp(status, headers, code, now);
  }
}

/** Of what FCM calls invalid, the token is dead only where FCM says that it is the token. */
function judgeArgument(error: JsonObject, details: JsonObject[]): SendResult {
  const isPayload = details.some((detail) => Array.isArray(detail.fieldViolations));
  const isToken =
    typeof error.message === 'string' && /registration token is not a valid/i.test(error.message);
  return !isPayload && isToken
    ? { kind: 'rejected', scope: 'address', code: 'INVALID_TOKEN' }
    : refused('INVALID_ARGUMENT');
}

function judgeHttp(status: number, headers: Headers, code: string, now: number): SendResult {
  if (status === 401) return { kind: 'retry', code: 'UNAUTHENTICATED' };
  if (status === 429) return retryBy(headers, code, now, QUOTA_WAIT_MS);
  if (status >= 500 || status === 408) return retryBy(headers, code, now);
  return status === 400 || status === 413 ? refused(code) : account(code);
}
