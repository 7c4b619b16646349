/**
 * SOLAPI (CoolSMS): SMS, LMS, Alimtalk (`kakao_info`) and Brand Message (`kakao_brand`) by one call, signed anew each time.
 *
 * It knows no idempotency key, so an unknown outcome is not sent again blindly: the message's id stands in `customFields`,
 * and `lookUp` finds it in SOLAPI's own list. A 200 may carry a refusal: `failedMessageList` is read.
 */
import type { Json, JsonObject } from '../engine/vocabulary.ts';
import type { OutgoingMessage, SendResult } from './channel.ts';
import { hmacHex } from './hmac.ts';
import { callHttp, codeIn, type HttpAnswer, jsonOf, judgeStatus, objectIn, objectsIn } from './http-call.ts';
import { judgeKakao, KAKAO_HOURS } from './kakao-codes.ts';
import { phoneOf } from './phone.ts';
import { account, createProvider, type ProviderCall, refused, textOf, textSetting } from './provider.ts';

const HOUR_MS = 3_600_000;
/** 4 characters: registered, handed to the carrier, delivered. */
const TAKEN = ['2000', '3000', '4000'];

export const solapiAdapter = createProvider({
  name: 'solapi',
  reports: 'messages',
  capabilities: {
    channels: ['sms', 'lms', 'kakao_info', 'kakao_brand'],
    // Alimtalk is for information that somebody asked for; Kakao closes channels that advertise by it.
    advertising: ['sms', 'lms', 'kakao_brand'],
    advertisingHours: { kakao_brand: KAKAO_HOURS },
    maxBytes: { sms: { bytes: 90, encoding: 'euc-kr' }, lms: { bytes: 2_000, encoding: 'euc-kr' } },
    idempotency: 'none',
    unitCost: null,
  },
  baseUrl: () => 'https://api.solapi.com',
  async send(message, call) {
    const phone = phoneOf(message.to, call.region);
    if (!phone) return { kind: 'rejected', scope: 'address', code: 'phone_invalid' };
    const request = solapiMessage(message, phone, call.settings);
    if (!request) return account('kakao_not_set_up');
    const answer = await callHttp(
      {
        url: `${call.baseUrl}/messages/v4/send-many/detail`,
        headers: { authorization: await authorize(call), 'content-type': 'application/json' },
        body: JSON.stringify({ messages: [request], allowDuplicates: false }),
      },
      call,
    );
    return answer.kind === 'lost' ? answer.result : judgeSolapi(answer, call.now());
  },
  async lookUp(message, call) {
    const phone = phoneOf(message.to, call.region);
    if (!phone) return { kind: 'unknown', code: 'lookup_failed' };
    const query = new URLSearchParams({
      to: phone.national,
      startDate: new Date(message.createdAt - HOUR_MS).toISOString(),
      endDate: new Date(call.now() + HOUR_MS).toISOString(),
      limit: '100',
    });
    const answer = await callHttp(
      {
        method: 'GET',
        url: `${call.baseUrl}/messages/v4/list?${query}`,
        headers: { authorization: await authorize(call) },
      },
      call,
    );
    return answer.kind === 'lost' ? { kind: 'unknown', code: 'lookup_failed' } : foundIn(answer, message.id);
  },
});

/** One message of the request; null where Kakao's channel (`pfId`) is not set up. */
function solapiMessage(
  { channel, content, id, category }: OutgoingMessage,
  phone: { national: string; callingCode: string },
  settings: JsonObject,
): JsonObject | null {
  const common = {
    to: phone.national,
    country: phone.callingCode,
    from: (textSetting(settings, 'from') ?? '').replace(/\D/g, ''),
    customFields: { message_id: id },
  };
  const text = textOf(content, 'text') ?? '';
  if (channel === 'sms') return { ...common, type: 'SMS', text };
  if (channel === 'lms') {
    const subject = textOf(content, 'title');
    return { ...common, type: 'LMS', text, ...(subject !== undefined && { subject }) };
  }
  const pfId = textSetting(settings, 'pfId');
  if (pfId === undefined) return null;
  // What is sent instead is the trigger's to say, by its next channel.
  const kakao = { pfId, disableSms: true };
  const buttons = objectsIn(content.buttons);
  if (channel === 'kakao_info') {
    const variables = variablesOf(content.variables);
    const templateId = textOf(content, 'templateCode') ?? '';
    return {
      ...common,
      type: 'ATA',
      // With variables SOLAPI fills in the approved template; else the text has to be the template's, to the letter.
      ...(variables === null && { text }),
      kakaoOptions: {
        ...kakao,
        templateId,
        ...(variables && { variables }),
        ...(buttons.length > 0 && { buttons }),
      },
    };
  }
  const bms = {
    targeting: textSetting(settings, 'targeting') ?? 'I',
    chatBubbleType: (textOf(content, 'bubble') ?? 'text').toUpperCase(),
    content: text,
    ...(buttons.length > 0 && { buttons }),
  };
  return {
    ...common,
    type: 'BMS_FREE',
    kakaoOptions: { ...kakao, adFlag: category === 'marketing', bms },
  };
}

/** `{"name": "…"}` as Kakao writes it, `{"#{name}": "…"}`; null where there is none. */
function variablesOf(value: Json | undefined): JsonObject | null {
  const entries = Object.entries(objectIn(value));
  if (entries.length === 0) return null;
  return Object.fromEntries(
    entries.map(([name, text]) => [/^#\{.+\}$/.test(name) ? name : `#{${name}}`, text]),
  );
}

export function judgeSolapi(answer: Extract<HttpAnswer, { kind: 'answer' }>, now: number): SendResult {
  const body = jsonOf(answer.text);
  if (answer.status === 200) return judgeTaken(body);
  const code = codeIn(body.errorCode, `http_${answer.status}`);
  switch (code) {
    case 'InvalidAPIKey':
    case 'SignatureDoesNotMatch':
    case 'NotEnoughBalance':
      return account(code);
    case 'ValidationError':
      return refused(code);
    default: {
      const result = judgeStatus(answer, { isIdempotent: false, now });
      return { ...result, code } as SendResult;
    }
  }
}

/** Of the one message that was in the request. */
function judgeTaken(body: JsonObject): SendResult {
  const [failed] = objectsIn(body.failedMessageList);
  if (failed) return judgeFailed(failed);
  const group = objectIn(body.groupInfo);
  const { registeredFailed } = objectIn(group.count);
  if (typeof registeredFailed === 'number' && registeredFailed > 0) return refused('status_unknown');
  if (typeof group.groupId !== 'string') return { kind: 'unknown', code: 'answer_unreadable' };
  return { kind: 'accepted', providerId: codeIn(group.groupId, 'solapi') };
}

/** Of Kakao's kinds the code is Kakao's own. */
function judgeFailed({ type, statusCode }: JsonObject): SendResult {
  const code = codeIn(statusCode, 'unknown');
  const kakao = isKakao(type) ? judgeKakao(code, 0) : null;
  return kakao?.kind === 'rejected' && kakao.scope === 'address' ? kakao : refused(`status_${code}`);
}

/** Alimtalk, the old Friendtalk, Brand Message. */
export function isKakao(type: Json | undefined): boolean {
  return typeof type === 'string' && /^(ATA|CT[AI]|BMS_.+)$/.test(type);
}

/** `messageList` is an object by message id. */
function foundIn(answer: Extract<HttpAnswer, { kind: 'answer' }>, id: string): SendResult | null {
  const body = jsonOf(answer.text);
  if (answer.status !== 200) return { kind: 'unknown', code: 'lookup_failed' };
  const found = Object.values(objectIn(body.messageList))
    .map(objectIn)
    .find(({ customFields }) => objectIn(customFields).message_id === id);
  if (found) {
    const status = codeIn(found.statusCode, 'unknown');
    return TAKEN.includes(status)
      ? { kind: 'accepted', providerId: codeIn(found.messageId, 'solapi') }
      : judgeFailed(found);
  }
  // More than one page: it may stand on the next.
  return body.nextKey ? { kind: 'unknown', code: 'lookup_failed' } : null;
}

async function authorize({ settings, secret, now }: ProviderCall): Promise<string> {
  const date = new Date(now()).toISOString();
  const salt = crypto.randomUUID().replace(/-/g, '');
  const signature = await hmacHex(secret, date + salt);
  const apiKey = textSetting(settings, 'apiKey') ?? '';
  return `HMAC-SHA256 apiKey=${apiKey}, date=${date}, salt=${salt}, signature=${signature}`;
}
