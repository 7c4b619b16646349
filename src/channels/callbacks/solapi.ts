/**
 * SOLAPI signs nothing: a header carries the SHA-1 of a secret that was typed in at its console, always the same. So there
 * is a token in the address as well, and neither opens anything by itself. A list of messages with their state comes; ours
 * is told by `customFields`.
 */
import type { JsonObject } from '../../engine/vocabulary.ts';
import { codeIn, objectIn, objectsIn } from '../http-call.ts';
import { isDeadOnKakao, isUnconfirmed, KAKAO_BLOCKED } from '../kakao-codes.ts';
import { phoneOf } from '../phone.ts';
import { isKakao } from '../solapi.ts';
import type { CallbackAdapter, Report } from './callback.ts';
import { isSameText } from './proof.ts';
import { instantIn, jsonIn, textFrom } from './read-json.ts';

/** Registered, and handed to the carrier: neither is an end. */
const PENDING = ['2000', '3000'];
const DELIVERED = '4000';

export const solapiCallbacks: CallbackAdapter = {
  provider: 'solapi',
  async verify({ headers, url }, { callbackSecret, token }) {
    if (callbackSecret === null || token === null) return false;
    const isOurs = await isSameText(url.searchParams.get('token'), token);
    return (await isSameText(headers.get('x-solapi-secret'), await sha1Hex(callbackSecret))) && isOurs;
  },
  read: (callback) => {
    const event = callback.headers.get('x-solapi-event-name') ?? 'SINGLE-REPORT';
    if (event !== 'SINGLE-REPORT') return [];
    return objectsIn(jsonIn(callback)).flatMap((message) => reportOf(message, callback.now));
  },
};

function reportOf(message: JsonObject, now: number): Report[] {
  const status = codeIn(message.statusCode, 'unknown');
  const ofKakao = isKakao(message.type);
  if (PENDING.includes(status) || (ofKakao && isUnconfirmed(status))) return [];
  const phone = phoneOf([{ kind: 'phone', value: message.to ?? null }], 'KR');
  return [
    {
      id: `${textFrom(message, 'messageId')}:${status}`,
      kind: status === DELIVERED ? 'delivered' : ofKakao ? kakaoKind(status) : 'failed',
      code: status,
      at: instantIn(message.dateReported ?? message.dateReceived, now),
      messageId: textFrom(objectIn(message.customFields), 'message_id'),
      address: phone && { kind: 'phone', value: phone.e164 },
      channel: null,
      of: 'everything',
    },
  ];
}

/** Kakao's own code, the same through every dealer. */
export function kakaoKind(code: string): Report['kind'] {
  if (code === KAKAO_BLOCKED) return 'refused';
  return isDeadOnKakao(code) ? 'bounced' : 'failed';
}

async function sha1Hex(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-1', new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
