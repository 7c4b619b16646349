/**
 * LINE Messaging API, push. A retry key made of the message's id is remembered for 24 hours: a second call is answered with
 * 409, which means that it was taken before. LINE also says 200 for a user who has blocked the account.
 */
import type { JsonObject } from '../engine/vocabulary.ts';
import type { OutgoingMessage, SendResult } from './channel.ts';
import { callHttp, codeIn, type HttpAnswer, jsonOf, objectsIn, retryBy } from './http-call.ts';
import { account, createProvider, refused, textOf } from './provider.ts';
import { uuidOf } from './uuid-of.ts';

const KEY_LASTS_MS = 24 * 3_600_000;
const TOKYO_MS = 9 * 3_600_000;
const MONTHLY = /reached your monthly limit/i;

export const lineAdapter = createProvider({
  name: 'line',
  reports: 'addresses',
  capabilities: {
    channels: ['line'],
    advertising: true,
    advertisingHours: {},
    maxBytes: {},
    idempotency: 'key',
    idempotentForMs: KEY_LASTS_MS,
    unitCost: null,
  },
  baseUrl: () => 'https://api.line.me',
  async send(message, call) {
    const to = message.to.find(({ kind }) => kind === 'line')?.value;
    if (typeof to !== 'string' || !/^U[0-9a-f]{32}$/.test(to)) {
      return { kind: 'rejected', scope: 'address', code: 'line_user_id_invalid' };
    }
    const answer = await callHttp(
      {
        url: `${call.baseUrl}/v2/bot/message/push`,
        headers: {
          authorization: `Bearer ${call.secret}`,
          'content-type': 'application/json',
          'x-line-retry-key': await uuidOf(message.id),
        },
        body: JSON.stringify({ to, messages: lineMessages(message) }),
      },
      call,
    );
    return answer.kind === 'lost' ? answer.result : judgeLine(answer, call.now());
  },
});

function lineMessages({ content }: OutgoingMessage): JsonObject[] {
  const text = textOf(content, 'text');
  const image = textOf(content, 'imageUrl');
  return [
    ...(text === undefined ? [] : [{ type: 'text', text }]),
    ...(image === undefined ? [] : [{ type: 'image', originalContentUrl: image, previewImageUrl: image }]),
  ];
}

export function judgeLine(answer: Extract<HttpAnswer, { kind: 'answer' }>, now: number): SendResult {
  const { status, headers, text } = answer;
  const body = jsonOf(text);
  const code = `http_${status}`;
  if (status === 200 || status === 202) {
    const [sent] = objectsIn(body.sentMessages);
    return { kind: 'accepted', providerId: codeIn(sent?.id, headers.get('x-line-request-id') ?? 'line') };
  }
  if (status === 409) {
    return { kind: 'accepted', providerId: codeIn(headers.get('x-line-accepted-request-id'), 'line') };
  }
  if (status === 429) {
    return MONTHLY.test(String(body.message))
      ? { kind: 'park', untilAt: nextMonth(now), code: 'monthly_limit' }
      : retryBy(headers, code, now);
  }
  if (status >= 500 || status === 408) return retryBy(headers, code, now);
  if (status === 400) {
    const isAddress = objectsIn(body.details).some(({ property }) => property === 'to');
    const isUser = isAddress || /'to'|failed to send messages/i.test(String(body.message));
    return isUser ? { kind: 'rejected', scope: 'address', code: 'user_invalid' } : refused(code);
  }
  return status === 413 ? refused(code) : account(code);
}

/** LINE counts months in Tokyo. */
function nextMonth(now: number): number {
  const local = new Date(now + TOKYO_MS);
  return Date.UTC(local.getUTCFullYear(), local.getUTCMonth() + 1) - TOKYO_MS;
}
