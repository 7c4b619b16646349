/**
 * Cloudflare Email Service, by its REST API. For transactional e-mail alone: its terms allow no advertising, and none is
 * sent. It knows no idempotency key and reports no bounces later.
 */
import type { JsonObject } from '../engine/vocabulary.ts';
import type { OutgoingMessage, SendResult } from './channel.ts';
import { emailOf } from './email.ts';
import {
  callHttp,
  codeIn,
  type HttpAnswer,
  jsonOf,
  judgeStatus,
  objectIn,
  objectsIn,
  retryBy,
} from './http-call.ts';
import { account, createProvider, refused, textOf, textSetting } from './provider.ts';

const DAY_MS = 24 * 3_600_000;

export const cloudflareAdapter = createProvider({
  name: 'cloudflare',
  capabilities: {
    channels: ['email'],
    advertising: false,
    advertisingHours: {},
    maxBytes: {},
    idempotency: 'none',
    unitCost: null,
  },
  baseUrl: () => 'https://api.cloudflare.com',
  async send(message, call) {
    const to = emailOf(message.to);
    if (to === null) return { kind: 'rejected', scope: 'address', code: 'email_invalid' };
    const accountId = encodeURIComponent(textSetting(call.settings, 'accountId') ?? '');
    const answer = await callHttp(
      {
        url: `${call.baseUrl}/client/v4/accounts/${accountId}/email/sending/send`,
        headers: { authorization: `Bearer ${call.secret}`, 'content-type': 'application/json' },
        body: JSON.stringify(cloudflareEmail(message, to, call.settings)),
      },
      call,
    );
    return answer.kind === 'lost' ? answer.result : judgeCloudflare(answer, call.now());
  },
});

function cloudflareEmail(
  { content, emailHeaders }: OutgoingMessage,
  to: string,
  settings: JsonObject,
): JsonObject {
  const text = textOf(content, 'text');
  const replyTo = textSetting(settings, 'replyTo');
  return {
    to,
    from: textSetting(settings, 'from') ?? '',
    subject: textOf(content, 'subject') ?? '',
    html: textOf(content, 'html') ?? '',
    ...(text !== undefined && { text }),
    ...(replyTo !== undefined && { reply_to: replyTo }),
    ...(emailHeaders && { headers: emailHeaders }),
  };
}

export function judgeCloudflare(answer: Extract<HttpAnswer, { kind: 'answer' }>, now: number): SendResult {
  const { status, headers, text } = answer;
  const body = jsonOf(text);
  if (body.success === true) return judgeResult(objectIn(body.result));
  const named = objectsIn(body.errors)
    .flatMap(({ code, message }) => [code, message])
    .map((word) => /E_[A-Z_]+/.exec(String(word))?.[0])
    .find((word) => word !== undefined);
  const code = codeIn(named, `http_${status}`);
  switch (code) {
    case 'E_RECIPIENT_SUPPRESSED':
      return { kind: 'rejected', scope: 'address', code };
    case 'E_RATE_LIMIT_EXCEEDED':
      return retryBy(headers, code, now);
    case 'E_DAILY_LIMIT_EXCEEDED':
      return { kind: 'park', untilAt: (Math.floor(now / DAY_MS) + 1) * DAY_MS, code };
    case 'E_SENDER_NOT_VERIFIED':
    case 'E_SENDER_DOMAIN_NOT_AVAILABLE':
    case 'E_RECIPIENT_NOT_ALLOWED':
      return account(code);
    case 'E_DELIVERY_FAILED':
    case 'E_INTERNAL_SERVER_ERROR':
      return { kind: 'unknown', code };
    default:
      if (code.startsWith('E_')) return refused(code);
      return status === 200
        ? { kind: 'unknown', code: 'answer_unreadable' }
        : judgeStatus(answer, { isIdempotent: false, now });
  }
}

/** Of the one recipient. */
function judgeResult({ permanent_bounces, message_id }: JsonObject): SendResult {
  const hasBounced = Array.isArray(permanent_bounces) && permanent_bounces.length > 0;
  return hasBounced
    ? { kind: 'rejected', scope: 'address', code: 'permanent_bounce' }
    : {
        kind: 'accepted',
        ...(typeof message_id === 'string' && { providerId: codeIn(message_id, 'cloudflare') }),
      };
}
