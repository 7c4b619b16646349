/** E-mail by Resend. The message's id is the idempotency key, which Resend remembers for 24 hours. */
import type { JsonObject } from '../engine/vocabulary.ts';
import type { OutgoingMessage, SendResult } from './channel.ts';
import { emailOf } from './email.ts';
import { callHttp, codeIn, type HttpAnswer, jsonOf, judgeStatus, retryBy } from './http-call.ts';
import { account, createProvider, refused, textOf, textSetting } from './provider.ts';

const DAY_MS = 24 * 3_600_000;

export const resendAdapter = createProvider({
  name: 'resend',
  reports: 'messages',
  capabilities: {
    channels: ['email'],
    advertising: true,
    advertisingHours: {},
    maxBytes: {},
    idempotency: 'key',
    idempotentForMs: DAY_MS,
    unitCost: null,
  },
  baseUrl: () => 'https://api.resend.com',
  async send(message, call) {
    const to = emailOf(message.to);
    if (to === null) return { kind: 'rejected', scope: 'address', code: 'email_invalid' };
    const answer = await callHttp(
      {
        url: `${call.baseUrl}/emails`,
        headers: {
          authorization: `Bearer ${call.secret}`,
          'content-type': 'application/json',
          'idempotency-key': message.id,
        },
        body: JSON.stringify(resendEmail(message, to, call.settings)),
      },
      call,
    );
    return answer.kind === 'lost' ? answer.result : judgeResend(answer, call.now());
  },
});

function resendEmail(
  { id, content, emailHeaders }: OutgoingMessage,
  to: string,
  settings: JsonObject,
): JsonObject {
  const text = textOf(content, 'text');
  const replyTo = textSetting(settings, 'replyTo');
  return {
    from: textSetting(settings, 'from') ?? '',
    to,
    subject: textOf(content, 'subject') ?? '',
    html: textOf(content, 'html') ?? '',
    ...(text !== undefined && { text }),
    ...(replyTo !== undefined && { reply_to: replyTo }),
    ...(emailHeaders && { headers: emailHeaders }),
    tags: [{ name: 'message_id', value: id }],
  };
}

/** resend.com/docs/api-reference/errors, by the error's name; what it doesn't name is judged by its status. */
export function judgeResend(answer: Extract<HttpAnswer, { kind: 'answer' }>, now: number): SendResult {
  const { status, headers, text } = answer;
  const body = jsonOf(text);
  if (status === 200 || status === 201) return { kind: 'accepted', providerId: codeIn(body.id, 'resend') };
  const code = codeIn(body.name, `http_${status}`);
  switch (code) {
    case 'missing_api_key':
    case 'restricted_api_key':
    case 'invalid_api_key':
    case 'invalid_access':
    case 'invalid_region':
    case 'invalid_from_address':
    case 'security_error':
      return account(code);
    case 'validation_error':
      // 403: the sender's domain isn't verified.
      return status === 403 ? account(code) : refused(code);
    case 'missing_required_field':
    case 'invalid_attachment':
    case 'invalid_parameter':
    case 'invalid_idempotency_key':
    case 'invalid_idempotent_request':
      return refused(code);
    case 'concurrent_idempotent_requests':
    case 'rate_limit_exceeded':
    case 'application_error':
    case 'internal_server_error':
      return retryBy(headers, code, now);
    case 'daily_quota_exceeded':
      return { kind: 'park', untilAt: nextUtcDay(now), code };
    case 'monthly_quota_exceeded':
      return { kind: 'park', untilAt: now + DAY_MS, code };
    default:
      return judgeStatus(answer, { isIdempotent: true, now });
  }
}

function nextUtcDay(now: number): number {
  return (Math.floor(now / DAY_MS) + 1) * DAY_MS;
}
