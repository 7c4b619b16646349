/**
 * NHN Cloud, SMS and KakaoTalk Bizmessage. `X-Toast-Webhook-Signature` is no signature but the text that was typed in at
 * the console; so there is a token in the address as well, and the app key has to be the channel's. `UNSUBSCRIBE` is
 * somebody who has called the free 080 number: no advertising any more, everything else as before.
 */
import type { JsonObject } from '../../engine/vocabulary.ts';
import { codeIn, objectIn, objectsIn } from '../http-call.ts';
import { isUnconfirmed } from '../kakao-codes.ts';
import { phoneOf } from '../phone.ts';
import type { Callback, CallbackAdapter, Report } from './callback.ts';
import { isSameText } from './proof.ts';
import { instantIn, jsonIn, textFrom } from './read-json.ts';
import { kakaoKind } from './solapi.ts';

const SUCCESS = ['0', '0000', '1000'];

export const nhnCallbacks: CallbackAdapter = {
  provider: 'nhn',
  async verify(callback, { callbackSecret, token, settings }) {
    if (callbackSecret === null || token === null) return false;
    const { headers, url } = callback;
    const isOurs = await isSameText(url.searchParams.get('token'), token);
    const isNhns = await isSameText(headers.get('x-toast-webhook-signature'), callbackSecret);
    return isOurs && isNhns && objectIn(jsonIn(callback)).appKey === settings.appKey;
  },
  read: (callback, channels) => {
    const { event, hooks } = objectIn(jsonIn(callback));
    const ofKakao = channels.some(({ id }) => id === 'kakao_info' || id === 'kakao_brand');
    return objectsIn(hooks).flatMap((hook) => {
      if (event === 'UNSUBSCRIBE') return unsubscribed(hook, callback);
      return event === 'MESSAGE_RESULT_UPDATE' ? resultOf(hook, ofKakao, callback) : [];
    });
  },
};

function unsubscribed(hook: JsonObject, { now }: Callback): Report[] {
  const address = numberIn(hook);
  if (!address) return [];
  const at = instantIn(inSeoul(hook.createdDateTime), now);
  const said = { kind: 'opted_out', code: 'UNSUBSCRIBE', of: 'marketing' } as const;
  return [{ id: hookId(hook), ...said, at, messageId: null, address, channel: 'sms' }];
}

function resultOf(hook: JsonObject, ofKakao: boolean, { now }: Callback): Report[] {
  const code = codeIn(hook.resultCode, 'unknown');
  const status = textFrom(hook, 'messageStatus') ?? 'COMPLETED';
  if (ofKakao && isUnconfirmed(code)) return [];
  const hasArrived = status === 'COMPLETED' && SUCCESS.includes(code);
  const kind = hasArrived ? 'delivered' : ofKakao ? kakaoKind(code) : 'failed';
  return [
    {
      id: hookId(hook),
      kind,
      code: hasArrived || status === 'FAILED' || status === 'COMPLETED' ? code : codeIn(status, code),
      at: instantIn(inSeoul(hook.receiveDate), now),
      // NHN's own example of it has a slip of the pen in the name.
      messageId: textFrom(hook, 'recipientGroupingKey') ?? textFrom(hook, 'recipientGropuingKey'),
      address: numberIn(hook),
      channel: null,
      of: 'everything',
    },
  ];
}

function hookId(hook: JsonObject): string {
  return textFrom(hook, 'hookId') ?? `${hook.requestId}:${hook.recipientSeq}`;
}

function numberIn({ recipientNo }: JsonObject): Report['address'] {
  const phone = phoneOf([{ kind: 'phone', value: recipientNo ?? null }], 'KR');
  return phone && { kind: 'phone', value: phone.e164 };
}

/** Times without a zone are Seoul's. */
function inSeoul(time: JsonObject[string] | undefined): JsonObject[string] | undefined {
  if (typeof time !== 'string' || /(Z|[+-]\d\d:?\d\d)$/.test(time)) return time;
  return `${time.replace(' ', 'T')}+09:00`;
}
