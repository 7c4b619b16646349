/**
 * NHN Cloud, SMS v3.0. Advertising has endpoints of its own, which check its wording. The HTTP status says little: the
 * answer's header and then the recipient's own result are read. Nothing is known of an idempotency key here.
 */
import type { JsonObject } from '../engine/vocabulary.ts';
import type { OutgoingMessage, SendResult } from './channel.ts';
import { callHttp, codeIn, type HttpAnswer, jsonOf, judgeStatus, objectIn, objectsIn } from './http-call.ts';
import { type PhoneNumber, phoneOf } from './phone.ts';
import { account, createProvider, refused, textOf, textSetting } from './provider.ts';

/** NHN asks for exponential waiting and names no time. */
const BUSY_WAIT_MS = 5_000;

export const nhnSmsAdapter = createProvider({
  name: 'nhn',
  reports: 'addresses',
  capabilities: {
    channels: ['sms', 'lms'],
    advertising: true,
    advertisingHours: {},
    maxBytes: { sms: { bytes: 90, encoding: 'euc-kr' }, lms: { bytes: 2_000, encoding: 'euc-kr' } },
    idempotency: 'none',
    unitCost: null,
  },
  baseUrl: () => 'https://sms.api.nhncloudservice.com',
  async send(message, call) {
    const phone = phoneOf(message.to, call.region);
    if (!phone) return { kind: 'rejected', scope: 'address', code: 'phone_invalid' };
    const kind = message.channel === 'sms' ? 'sms' : 'mms';
    const path = message.category === 'marketing' ? `ad-${kind}` : kind;
    const appKey = encodeURIComponent(textSetting(call.settings, 'appKey') ?? '');
    const answer = await callHttp(
      {
        url: `${call.baseUrl}/sms/v3.0/appKeys/${appKey}/sender/${path}`,
        headers: { 'x-secret-key': call.secret, 'content-type': 'application/json;charset=UTF-8' },
        body: JSON.stringify(smsRequest(message, phone, call.settings)),
      },
      call,
    );
    return answer.kind === 'lost' ? answer.result : judgeNhnSms(answer, call.now());
  },
});

function smsRequest(
  { id, channel, content }: OutgoingMessage,
  phone: PhoneNumber,
  settings: JsonObject,
): JsonObject {
  const title = textOf(content, 'title');
  const recipient =
    phone.callingCode === '82'
      ? { recipientNo: phone.national }
      : { internationalRecipientNo: phone.e164.slice(1) };
  return {
    ...(channel === 'lms' && title !== undefined && { title }),
    body: textOf(content, 'text') ?? '',
    sendNo: (textSetting(settings, 'from') ?? '').replace(/\D/g, ''),
    recipientList: [{ ...recipient, recipientGroupingKey: id }],
  };
}

export function judgeNhnSms(answer: Extract<HttpAnswer, { kind: 'answer' }>, now: number): SendResult {
  const body = jsonOf(answer.text);
  const header = objectIn(body.header);
  if (typeof header.isSuccessful !== 'boolean') {
    return answer.status === 200
      ? { kind: 'unknown', code: 'answer_unreadable' }
      : judgeStatus(answer, { isIdempotent: false, now });
  }
  if (!header.isSuccessful) return judgeCode(codeIn(header.resultCode, 'unknown'));
  const data = objectIn(objectIn(body.body).data);
  const [recipient] = objectsIn(data.sendResultList);
  const code = codeIn(recipient?.resultCode, '0');
  return code === '0' ? { kind: 'accepted', providerId: codeIn(data.requestId, 'nhn') } : judgeCode(code);
}

function judgeCode(code: string): SendResult {
  switch (code) {
    case '-2019':
      return { kind: 'rejected', scope: 'address', code };
    case '-6001':
      // The number has refused advertising by the 080 number; what isn't advertising still goes there.
      return { kind: 'rejected', scope: 'message', code, revokeConsent: true };
    case '-2312':
    case '-2313':
      return account(code);
    case '-9999':
    case '-2021':
      return { kind: 'retry', afterMs: BUSY_WAIT_MS, code };
    default:
      return /^-100[0-8]$/.test(code) ? account(code) : refused(code);
  }
}
