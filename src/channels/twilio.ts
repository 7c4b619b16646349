/** Twilio, programmable messaging. It knows no idempotency key: what was lost on the way stays unknown. */
import type { OutgoingMessage, SendResult } from './channel.ts';
import { callHttp, codeIn, type HttpAnswer, jsonOf, judgeStatus, retryBy } from './http-call.ts';
import { phoneOf } from './phone.ts';
import { account, createProvider, type ProviderCall, refused, textOf, textSetting } from './provider.ts';

export const twilioAdapter = createProvider({
  name: 'twilio',
  reports: 'addresses',
  capabilities: {
    channels: ['sms', 'lms'],
    advertising: true,
    advertisingHours: {},
    // It cuts a text into segments of its own.
    maxBytes: {},
    idempotency: 'none',
    unitCost: null,
  },
  baseUrl: () => 'https://api.twilio.com',
  async send(message, call) {
    const phone = phoneOf(message.to, call.region);
    if (!phone) return { kind: 'rejected', scope: 'address', code: 'phone_invalid' };
    const { settings, secret } = call;
    const accountSid = textSetting(settings, 'accountSid') ?? '';
    const user = textSetting(settings, 'apiKeySid') ?? accountSid;
    const answer = await callHttp(
      {
        url: `${call.baseUrl}/2010-04-01/Accounts/${encodeURIComponent(accountSid)}/Messages.json`,
        headers: {
          authorization: `Basic ${btoa(`${user}:${secret}`)}`,
          'content-type': 'application/x-www-form-urlencoded',
        },
        body: twilioForm(message, phone.e164, call).toString(),
      },
      call,
    );
    return answer.kind === 'lost' ? answer.result : judgeTwilio(answer, call.now());
  },
});

function twilioForm(
  { id, content }: OutgoingMessage,
  to: string,
  { settings }: ProviderCall,
): URLSearchParams {
  const callback = textSetting(settings, 'callbackUrl');
  const title = textOf(content, 'title');
  const text = textOf(content, 'text') ?? '';
  const service = textSetting(settings, 'messagingServiceSid');
  return new URLSearchParams({
    To: to,
    ...(service === undefined
      ? { From: textSetting(settings, 'from') ?? '' }
      : { MessagingServiceSid: service }),
    Body: title === undefined ? text : titled(title, text),
    ...(callback !== undefined && { StatusCallback: withMessage(callback, id) }),
  });
}

/** Reports come to where each message says, and carry nothing of its own: so the address names it. */
function withMessage(callback: string, id: string): string {
  const url = new URL(callback);
  url.searchParams.set('message_id', id);
  return url.href;
}

/** There is no title here; it opens the text, but where that is advertising: then the law's own line does. */
function titled(title: string, text: string): string {
  if (!text.startsWith('(광고)')) return `${title}\n${text}`;
  const [opening = '', ...rest] = text.split('\n');
  return [opening, title, ...rest].join('\n');
}

/** Not a number that can be texted. */
export const NO_NUMBER = ['21211', '21614', '30005', '30006'];
/** The recipient has answered STOP. */
export const STOPPED = '21610';
/** The sender's own setup, or countries it may not send to. */
const SETUP = ['20003', '21606', '21659', '21408', '21612'];
const AGAIN = ['20429', '30001', '30003'];

export function judgeTwilio(answer: Extract<HttpAnswer, { kind: 'answer' }>, now: number): SendResult {
  const { status, headers, text } = answer;
  const body = jsonOf(text);
  if (status === 201 || status === 200) {
    return typeof body.sid === 'string'
      ? { kind: 'accepted', providerId: codeIn(body.sid, 'twilio') }
      : { kind: 'unknown', code: 'answer_unreadable' };
  }
  const code = codeIn(body.code, `http_${status}`);
  if (NO_NUMBER.includes(code)) return { kind: 'rejected', scope: 'address', code };
  if (code === STOPPED) return { kind: 'rejected', scope: 'address', code, revokeConsent: true };
  if (SETUP.includes(code)) return account(code);
  if (AGAIN.includes(code)) return retryBy(headers, code, now);
  if (code === '30008') return { kind: 'unknown', code };
  if (code === '21617' || code === '30007') return refused(code);
  return { ...judgeStatus(answer, { isIdempotent: false, now }), code } as SendResult;
}
