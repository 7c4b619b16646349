import { createHmac } from 'node:crypto';
import { SolapiMessageService } from 'solapi';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { aMessageFor, answerOf, MESSAGE_ID, PHONE, sendDeps } from '../../tests/support/channel-kit.ts';
import type { Channel } from '../engine/trigger.ts';
import type { JsonObject } from '../engine/vocabulary.ts';
import type { SendDeps } from './channel.ts';
import { judgeSolapi, solapiAdapter } from './solapi.ts';

const settings = { apiKey: 'NCSKEY0123456789', from: '02-1234-5678', pfId: 'KA01PF0123' };
const secret = 'secret0123456789';
const taken = {
  groupInfo: { groupId: 'G4V', count: { total: 1, registeredSuccess: 1, registeredFailed: 0 } },
  failedMessageList: [],
};
afterEach(() => vi.unstubAllGlobals());

function recorder(body: unknown = taken, status = 200) {
  const calls: { url: string; init: RequestInit }[] = [];
  const fetch = async (url: string | URL | Request, init: RequestInit = {}) => {
    calls.push({ url: String(url), init });
    return new Response(JSON.stringify(body), { status });
  };
  return { calls, fetch: fetch as SendDeps['fetch'] };
}

const messageFor = (
  channel: Channel,
  content: JsonObject,
  category: 'marketing' | 'transactional' = 'marketing',
) => aMessageFor(channel, content, { to: [PHONE], category });

const button = { linkType: 'WL', name: '보기', linkMobile: 'https://shop.example.com' };

describe('asks SOLAPI for the same as SOLAPI’s own client:', () => {
  const common = {
    to: '01012345678',
    from: '0212345678',
    customFields: { message_id: MESSAGE_ID },
    country: '82',
  };
  it.each([
    ['sms', { text: '(광고)안녕' }, { type: 'SMS', text: '(광고)안녕' }],
    ['lms', { title: '제목', text: '안녕' }, { type: 'LMS', subject: '제목', text: '안녕' }],
    [
      'kakao_info',
      { templateCode: 'KA01TP01', text: '홍길동님', variables: { 이름: '홍길동' } },
      {
        type: 'ATA',
        kakaoOptions: {
          pfId: 'KA01PF0123',
          templateId: 'KA01TP01',
          disableSms: true,
          variables: { 이름: '홍길동' },
        },
      },
    ],
    [
      'kakao_brand',
      { bubble: 'text', text: '안녕', buttons: [button] },
      {
        type: 'BMS_FREE',
        kakaoOptions: {
          pfId: 'KA01PF0123',
          disableSms: true,
          adFlag: true,
          bms: { targeting: 'I', chatBubbleType: 'TEXT', content: '안녕', buttons: [button] },
        },
      },
    ],
  ] as const)('%s', async (channel, content, theirMessage) => {
    const theirs = recorder();
    vi.stubGlobal('fetch', theirs.fetch);
    const client = new SolapiMessageService(settings.apiKey, secret);
    await client.send({ ...common, ...theirMessage } as never, { allowDuplicates: false });
    vi.unstubAllGlobals();
    const ours = recorder();
    const category = channel === 'kakao_info' ? 'transactional' : 'marketing';
    const message = messageFor(channel, content as unknown as JsonObject, category);
    expect(await solapiAdapter.send(message, sendDeps({ fetch: ours.fetch, settings, secret }))).toEqual({
      kind: 'accepted',
      providerId: 'G4V',
    });
    const [their, our] = [theirs, ours].map(({ calls: [call] }) => {
      const { agent: _, ...body } = JSON.parse(String(call?.init.body));
      return { url: call?.url, method: call?.init.method, body };
    });
    // `agent` is the client's name for itself.
    expect(our).toEqual(their);
  });
});

it('signs each request anew, with the HMAC that SOLAPI’s client makes', async () => {
  const { calls, fetch } = recorder();
  const deps = sendDeps({ fetch, settings, secret });
  await solapiAdapter.send(messageFor('sms', { text: '안녕' }), deps);
  await solapiAdapter.send(messageFor('sms', { text: '안녕' }), deps);
  const salts = calls.map(({ init }) => {
    const authorization = new Headers(init.headers).get('authorization') ?? '';
    const [, apiKey, date, salt, signature] =
      /^HMAC-SHA256 apiKey=(\S+), date=(\S+), salt=(\S+), signature=([0-9a-f]{64})$/.exec(authorization) ??
      [];
    expect(apiKey).toBe(settings.apiKey);
    expect(signature).toBe(createHmac('sha256', secret).update(`${date}${salt}`).digest('hex'));
    return salt;
  });
  expect(new Set(salts).size).toBe(2);
});

it.each([
  ['010-1234-5678', '01012345678', '82'],
  ['+82 10-1234-5678', '01012345678', '82'],
  ['+1 415 555 2671', '4155552671', '1'],
])('dials %s as %s of %s', async (value, to, country) => {
  const { calls, fetch } = recorder();
  const message = aMessageFor('sms', { text: 'a' }, { to: [{ kind: 'phone', value }] });
  await solapiAdapter.send(message, sendDeps({ fetch, settings, secret }));
  expect(JSON.parse(String(calls[0]?.init.body)).messages[0]).toMatchObject({ to, country });
});

it.each([
  ['an Alimtalk that advertises', 'kakao_info', 'advertising_refused'],
  ['a number that is none', 'sms', 'phone_invalid'],
] as const)('does not call for %s', async (_, channel, code) => {
  const to = [{ kind: 'phone' as const, value: channel === 'sms' ? '12' : '01012345678' }];
  const message = aMessageFor(channel, { text: 'a', templateCode: 'T' }, { to, category: 'marketing' });
  const deps = sendDeps({ fetch: async () => expect.unreachable(), settings, secret });
  expect(await solapiAdapter.send(message, deps)).toMatchObject({ kind: 'rejected', code });
});

const account = { kind: 'rejected', scope: 'account' };
it.each([
  ['ATA', '3020', { kind: 'rejected', scope: 'address', code: '3020', revokeConsent: true }],
  ['BMS_FREE', '3019', { kind: 'rejected', scope: 'address', code: '3019' }],
  ['ATA', '3015', { kind: 'rejected', scope: 'message', code: 'status_3015' }],
  ['SMS', '3020', { kind: 'rejected', scope: 'message', code: 'status_3020' }],
])('of %s %s is Kakao’s own word, or the carrier’s', (type, statusCode, expected) => {
  const body = { ...taken, failedMessageList: [{ type, statusCode }] };
  expect(judgeSolapi(answerOf(200, body), 0)).toEqual(expected);
});

const failed = (statusCode: string) => ({ ...taken, failedMessageList: [{ statusCode, to: '010' }] });
it.each([
  [200, taken, { kind: 'accepted', providerId: 'G4V' }],
  [200, failed('1062'), { kind: 'rejected', scope: 'message', code: 'status_1062' }],
  [200, failed('3104'), { kind: 'rejected', scope: 'message', code: 'status_3104' }],
  [
    200,
    { groupInfo: { groupId: 'G', count: { registeredFailed: 1 } } },
    { kind: 'rejected', scope: 'message' },
  ],
  [200, {}, { kind: 'unknown', code: 'answer_unreadable' }],
  [200, 'not JSON', { kind: 'unknown' }],
  [400, { errorCode: 'ValidationError' }, { kind: 'rejected', scope: 'message' }],
  [400, { errorCode: 'NotEnoughBalance' }, account],
  [401, { errorCode: 'InvalidAPIKey' }, account],
  [403, { errorCode: 'SignatureDoesNotMatch' }, account],
  [403, { errorCode: 'SomethingElse' }, { ...account, code: 'SomethingElse' }],
  [429, {}, { kind: 'retry', afterMs: 2_000 }],
  [503, {}, { kind: 'retry' }],
  [500, {}, { kind: 'unknown', code: 'http_500' }],
  [504, {}, { kind: 'unknown' }],
])('%i %j means %j', (status, body, expected) => {
  const headers: Record<string, string> = status === 429 ? { 'retry-after': '2' } : {};
  expect(judgeSolapi(answerOf(status, body, headers), 0)).toMatchObject(expected);
});

describe('after an unknown outcome', () => {
  const listed = (statusCode: string) => ({
    messageList: {
      M1: { messageId: 'M1', statusCode: '4000', customFields: { message_id: 'another' } },
      M2: { messageId: 'M2', statusCode, customFields: { message_id: MESSAGE_ID } },
    },
  });
  const lookUp = async (body: unknown, status = 200) => {
    const { calls, fetch } = recorder(body, status);
    const deps = sendDeps({ fetch, settings, secret });
    const result = await solapiAdapter.lookUp?.(messageFor('sms', { text: 'a' }), deps);
    return { result, url: calls[0]?.url };
  };

  it.each(['2000', '3000', '4000'])('a message that SOLAPI lists as %s was taken', async (status) => {
    const { result, url } = await lookUp(listed(status));
    expect(result).toEqual({ kind: 'accepted', providerId: 'M2' });
    expect(url).toContain('/messages/v4/list?to=01012345678&startDate=');
  });

  it('one that it lists as failed was not', async () => {
    expect((await lookUp(listed('3059'))).result).toMatchObject({ kind: 'rejected', code: 'status_3059' });
  });

  it('one that it has never had may be sent again', async () => {
    expect((await lookUp({ messageList: {} })).result).toBeNull();
  });

  it.each([
    [{ messageList: {}, nextKey: 'more' }, 200],
    [{ errorCode: 'x' }, 500],
  ])('stays unknown where the list can’t tell: %j', async (body, status) => {
    expect((await lookUp(body, status)).result).toEqual({ kind: 'unknown', code: 'lookup_failed' });
  });
});
