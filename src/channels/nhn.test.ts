import { describe, expect, it } from 'vitest';
import { captureServer } from '../../tests/support/capture-server.ts';
import { aMessageFor, answerOf, MESSAGE_ID, PHONE, sendDeps } from '../../tests/support/channel-kit.ts';
import type { Channel } from '../engine/trigger.ts';
import type { JsonObject } from '../engine/vocabulary.ts';
import { judgeNhnKakao, nhnKakaoAdapter } from './nhn-kakao.ts';
import { judgeNhnSms, nhnSmsAdapter } from './nhn-sms.ts';

const settings = {
  appKey: 'APPKEY',
  from: '02-1234-5678',
  senderKey: 'SENDERKEY',
  optOut080: '080-123-4567',
};
const ok = { isSuccessful: true, resultCode: 0, resultMessage: 'SUCCESS' };
const smsTaken = { header: ok, body: { data: { requestId: 'R1', sendResultList: [{ resultCode: 0 }] } } };
const kakaoTaken = { header: ok, message: { requestId: 'R1', sendResults: [{ resultCode: 0 }] } };

async function sent(
  channel: Channel,
  content: JsonObject,
  category: 'marketing' | 'transactional',
  value: string = String(PHONE.value),
) {
  const isKakao = channel.startsWith('kakao');
  const server = await captureServer(() => ({ body: isKakao ? kakaoTaken : smsTaken }));
  const deps = sendDeps({ settings: { ...settings, endpoint: server.url }, secret: 'SECRETKEY' });
  const message = aMessageFor(channel, content, { category, to: [{ kind: 'phone', value }] });
  const result = await (isKakao ? nhnKakaoAdapter : nhnSmsAdapter).send(message, deps);
  await server.close();
  const [request] = server.requests;
  return {
    result,
    path: request?.path,
    headers: request?.headers,
    body: JSON.parse(request?.body ?? 'null'),
  };
}

describe('SMS', () => {
  it.each([
    ['sms', 'transactional', 'sms'],
    ['sms', 'marketing', 'ad-sms'],
    ['lms', 'transactional', 'mms'],
    ['lms', 'marketing', 'ad-mms'],
  ] as const)('%s that is %s goes to the endpoint %s', async (channel, category, endpoint) => {
    const { result, path, headers, body } = await sent(channel, { title: '제목', text: '안녕' }, category);
    expect(result).toEqual({ kind: 'accepted', providerId: 'R1' });
    expect(path).toBe(`/sms/v3.0/appKeys/APPKEY/sender/${endpoint}`);
    expect(headers?.['x-secret-key']).toBe('SECRETKEY');
    expect(body).toEqual({
      ...(channel === 'lms' && { title: '제목' }),
      body: '안녕',
      sendNo: '0212345678',
      recipientList: [{ recipientNo: '01012345678', recipientGroupingKey: MESSAGE_ID }],
    });
  });

  it('dials abroad with the country’s code', async () => {
    const { body } = await sent('sms', { text: 'hi' }, 'transactional', '+1 415 555 2671');
    expect(body.recipientList).toEqual([
      { internationalRecipientNo: '14155552671', recipientGroupingKey: MESSAGE_ID },
    ]);
  });
});

describe('KakaoTalk', () => {
  it('fills in an approved template', async () => {
    const content = { templateCode: 'T1', text: '홍길동님', variables: { 이름: '홍길동' } };
    const { result, path, headers, body } = await sent('kakao_info', content, 'transactional');
    expect(result).toEqual({ kind: 'accepted', providerId: 'R1' });
    expect(path).toBe('/alimtalk/v2.3/appkeys/APPKEY/messages');
    expect(headers).toMatchObject({ 'x-secret-key': 'SECRETKEY', 'x-nc-api-idempotency-key': MESSAGE_ID });
    expect(body).toEqual({
      senderKey: 'SENDERKEY',
      templateCode: 'T1',
      recipientList: [
        {
          recipientNo: '01012345678',
          recipientGroupingKey: MESSAGE_ID,
          resendParameter: { isResend: false },
          templateParameter: { 이름: '홍길동' },
        },
      ],
    });
  });

  it('sends the whole text where there is nothing to fill in', async () => {
    const { path, body } = await sent('kakao_info', { templateCode: 'T1', text: '안녕' }, 'transactional');
    expect(path).toBe('/alimtalk/v2.3/appkeys/APPKEY/raw-messages');
    expect(body.recipientList[0]).toMatchObject({ content: '안녕' });
  });

  it('sends a brand message with the free number that refuses it', async () => {
    const buttons = [{ type: 'WL', name: '보기', linkMo: 'https://shop.example.com' }];
    const { path, body } = await sent('kakao_brand', { bubble: 'text', text: '안녕', buttons }, 'marketing');
    expect(path).toBe('/brand-message/v1.0/appkeys/APPKEY/freestyle-messages');
    expect(body).toEqual({
      senderKey: 'SENDERKEY',
      chatBubbleType: 'TEXT',
      content: '안녕',
      buttons,
      unsubscribeNo: '080-123-4567',
      recipientList: [{ recipientNo: '01012345678', recipientGroupingKey: MESSAGE_ID, targeting: 'I' }],
    });
  });

  it.each([
    [
      'advertises by Alimtalk',
      { templateCode: 'T', text: 'a' },
      'marketing',
      '01012345678',
      'advertising_refused',
    ],
    [
      'has no Korean number',
      { templateCode: 'T', text: 'a' },
      'transactional',
      '+14155552671',
      'phone_invalid',
    ],
  ] as const)('is not called for what %s', async (_, content, category, value, code) => {
    const { result, path } = await sent('kakao_info', content, category, value);
    expect(result).toMatchObject({ kind: 'rejected', code });
    expect(path).toBeUndefined();
  });
});

const header = (resultCode: number) => ({ header: { isSuccessful: false, resultCode } });
const account = { kind: 'rejected', scope: 'account' };
const address = { kind: 'rejected', scope: 'address' };
const refused = { kind: 'rejected', scope: 'message' };
const smsResult = (resultCode: number) => ({
  header: ok,
  body: { data: { requestId: 'R', sendResultList: [{ resultCode }] } },
});

it.each([
  ...[-1000, -1001, -1002, -1003, -1004, -1005, -1006, -1007, -1008].map(
    (code) => [header(code), account] as const,
  ),
  [header(-2312), account],
  [header(-2313), account],
  [header(-2019), address],
  [smsResult(-2019), address],
  [header(-6001), { kind: 'rejected', scope: 'message', revokeConsent: true }],
  [smsResult(-6001), { kind: 'rejected', scope: 'message', revokeConsent: true }],
  [header(-6003), refused],
  [header(-2023), refused],
  [header(-9999), { kind: 'retry', afterMs: 5_000 }],
  [header(-2021), { kind: 'retry', afterMs: 5_000 }],
  [smsResult(0), { kind: 'accepted', providerId: 'R' }],
  [{}, { kind: 'unknown' }],
] as const)('of SMS, 200 %j means %j', (body, expected) => {
  expect(judgeNhnSms(answerOf(200, body), 0)).toMatchObject(expected);
});

const kakaoResult = (resultCode: number) => ({
  header: ok,
  message: { requestId: 'R', sendResults: [{ resultCode }] },
});
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
it.each([
  [kakaoResult(0), { kind: 'accepted', providerId: 'R' }],
  // The idempotency key has been seen.
  [header(-1005), { kind: 'accepted' }],
  [header(-1000), account],
  [header(-9999), { kind: 'retry' }],
  ...[3008, 3018, 3019, 3021].map((code) => [kakaoResult(code), address] as const),
  [kakaoResult(3020), { ...address, revokeConsent: true }],
  ...[
    3013, 3014, 3015, 3016, 3023, 3024, 3025, 3026, 3027, 3028, 3029, 3030, 3031, 3032, 3033, 3034, 3035,
    3036,
  ].map((code) => [kakaoResult(code), refused] as const),
  ...[...range(1003, 1016), ...range(1021, 1028)].map((code) => [kakaoResult(code), account] as const),
  ...[2001, 3000, 3006, 3010, 3012].map((code) => [kakaoResult(code), { kind: 'retry' }] as const),
  [kakaoResult(3005), { kind: 'unknown' }],
  [{}, { kind: 'unknown' }],
] as const)('of KakaoTalk, 200 %j means %j', (body, expected) => {
  expect(judgeNhnKakao(answerOf(200, body), 0)).toMatchObject(expected);
});

it.each([
  [Date.UTC(2026, 10, 24, 12), Date.UTC(2026, 10, 24, 23)],
  [Date.UTC(2026, 10, 24, 22, 59), Date.UTC(2026, 10, 24, 23)],
  [Date.UTC(2026, 10, 24, 23), Date.UTC(2026, 10, 25, 23)],
])('what came outside Kakao’s hours waits for 08:00 in Seoul', (now, untilAt) => {
  expect(judgeNhnKakao(answerOf(200, kakaoResult(3022)), now)).toEqual({
    kind: 'park',
    untilAt,
    code: '3022',
  });
});

it.each([
  [429, { kind: 'retry' }, { kind: 'retry' }],
  [503, { kind: 'retry' }, { kind: 'retry' }],
  [500, { kind: 'unknown' }, { kind: 'retry' }],
  [401, account, account],
] as const)(
  'without a word of NHN’s, %i means %j, and %j where a second call is recognised',
  (status, sms, kakao) => {
    expect(judgeNhnSms(answerOf(status, 'gateway'), 0)).toMatchObject(sms);
    expect(judgeNhnKakao(answerOf(status, 'gateway'), 0)).toMatchObject(kakao);
  },
);
