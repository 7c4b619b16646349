/**
 * NHN Cloud, KakaoTalk Bizmessage: Alimtalk v2.3 (`kakao_info`) and Brand Message v1.0 (`kakao_brand`). The message's id is
 * the idempotency key for ten minutes; a repeated one is answered with -1005, which means that it was taken before.
 */
import type { JsonObject } from '../engine/vocabulary.ts';
import type { OutgoingMessage, SendResult } from './channel.ts';
import { callHttp, codeIn, type HttpAnswer, jsonOf, judgeStatus, objectIn, objectsIn } from './http-call.ts';
import { judgeKakao, KAKAO_HOURS } from './kakao-codes.ts';
import { phoneOf } from './phone.ts';
import { account, createProvider, refused, textOf, textSetting } from './provider.ts';

const KEY_LASTS_MS = 10 * 60_000;
const TAKEN_BEFORE = '-1005';

export const nhnKakaoAdapter = createProvider({
  name: 'nhn',
  reports: 'messages',
  capabilities: {
    channels: ['kakao_info', 'kakao_brand'],
    // Alimtalk is for information that somebody asked for; Kakao closes channels that advertise by it.
    advertising: ['kakao_brand'],
    advertisingHours: { kakao_brand: KAKAO_HOURS },
    maxBytes: {},
    idempotency: 'key',
    idempotentForMs: KEY_LASTS_MS,
    unitCost: null,
  },
  baseUrl: () => 'https://kakaotalk-bizmessage.api.nhncloudservice.com',
  async send(message, call) {
    const phone = phoneOf(message.to, call.region);
    // Kakao knows its users by their Korean numbers.
    if (phone?.callingCode !== '82') return { kind: 'rejected', scope: 'address', code: 'phone_invalid' };
    const senderKey = textSetting(call.settings, 'senderKey');
    if (senderKey === undefined) return account('kakao_not_set_up');
    const request = kakaoRequest(message, phone.national, { ...call.settings, senderKey });
    const answer = await callHttp(
      {
        url: call.baseUrl + request.path,
        headers: {
          'x-secret-key': call.secret,
          'x-nc-api-idempotency-key': message.id,
          'content-type': 'application/json;charset=UTF-8',
        },
        body: JSON.stringify(request.body),
      },
      call,
    );
    return answer.kind === 'lost' ? answer.result : judgeNhnKakao(answer, call.now());
  },
});

function kakaoRequest(
  message: OutgoingMessage,
  recipientNo: string,
  settings: JsonObject & { senderKey: string },
): { path: string; body: JsonObject } {
  const { content, id } = message;
  const { senderKey } = settings;
  const appKey = encodeURIComponent(textSetting(settings, 'appKey') ?? '');
  const text = textOf(content, 'text') ?? '';
  const buttons = objectsIn(content.buttons);
  const recipient = { recipientNo, recipientGroupingKey: id };
  if (message.channel === 'kakao_brand') {
    return {
      path: `/brand-message/v1.0/appkeys/${appKey}/freestyle-messages`,
      body: {
        senderKey,
        chatBubbleType: (textOf(content, 'bubble') ?? 'text').toUpperCase(),
        content: text,
        ...(buttons.length > 0 && { buttons }),
        unsubscribeNo: textSetting(settings, 'optOut080') ?? '',
        recipientList: [{ ...recipient, targeting: textSetting(settings, 'targeting') ?? 'I' }],
      },
    };
  }
  const templateCode = textOf(content, 'templateCode') ?? '';
  const variables = objectIn(content.variables);
  const isFilledIn = Object.keys(variables).length > 0;
  // What is sent instead is the trigger's to say, by its next channel.
  const alone = { ...recipient, resendParameter: { isResend: false } };
  return {
    path: `/alimtalk/v2.3/appkeys/${appKey}/${isFilledIn ? 'messages' : 'raw-messages'}`,
    body: {
      senderKey,
      templateCode,
      recipientList: [
        {
          ...alone,
          ...(isFilledIn ? { templateParameter: variables } : { content: text }),
          ...(buttons.length > 0 && { buttons }),
        },
      ],
    },
  };
}

export function judgeNhnKakao(answer: Extract<HttpAnswer, { kind: 'answer' }>, now: number): SendResult {
  const body = jsonOf(answer.text);
  const header = objectIn(body.header);
  if (typeof header.isSuccessful !== 'boolean') {
    return answer.status === 200
      ? { kind: 'unknown', code: 'answer_unreadable' }
      : judgeStatus(answer, { isIdempotent: true, now });
  }
  const { requestId, sendResults } = objectIn(body.message);
  const code = header.isSuccessful
    ? codeIn(objectsIn(sendResults)[0]?.resultCode, '0')
    : codeIn(header.resultCode, 'unknown');
  if (code === '0') return { kind: 'accepted', providerId: codeIn(requestId, 'nhn') };
  if (code === TAKEN_BEFORE) return { kind: 'accepted' };
  if (/^\d{4}$/.test(code)) return judgeKakao(code, now);
  if (code === '-9999') return { kind: 'retry', code };
  return /^-100[0-8]$/.test(code) ? account(code) : refused(code);
}
