import { createPublicKey, createVerify, generateKeyPairSync } from 'node:crypto';
import type { EventEmitter } from 'node:events';
import https from 'node:https';
import { PassThrough } from 'node:stream';
import { deleteApp, initializeApp } from 'firebase-admin/app';
import { getMessaging } from 'firebase-admin/messaging';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Answer, type Captured, captureServer } from '../../tests/support/capture-server.ts';
import { aMessageFor, answerOf, MESSAGE_ID, sendDeps } from '../../tests/support/channel-kit.ts';
import type { Address } from '../engine/send/addresses.ts';
import type { JsonObject } from '../engine/vocabulary.ts';
import { fcmAdapter, fcmMessage, judgeFcm } from './fcm.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});
const client = {
  type: 'service_account',
  project_id: 'shop-1',
  private_key_id: 'key-1',
  private_key: privateKey,
  client_email: 'push@shop-1.iam.gserviceaccount.com',
};
const secret = JSON.stringify(client);
const content = {
  title: '가격 인하',
  body: '실반지 68,000원',
  imageUrl: 'https://cdn.example.com/1.png',
  link: 'https://shop.example.com/p/1',
};
const device = (i: number): Address => ({ kind: 'fcm', value: `token-${i}`, deviceId: `d${i}` });
const messageTo = (...to: Address[]) => aMessageFor('push', content, { to });

afterEach(() => vi.restoreAllMocks());

/** FCM and Google's token endpoint; `answers` in order, then acceptance. */
async function google(answers: (Answer | undefined)[] = [], tokenAnswer: Answer = {}) {
  let tokens = 0;
  const server = await captureServer(({ path }) => {
    if (path !== '/token') return answers.shift() ?? { body: { name: 'projects/shop-1/messages/1' } };
    return { body: { access_token: `access-${++tokens}`, expires_in: 3599 }, ...tokenAnswer };
  });
  const deps = sendDeps({ settings: { endpoint: server.url }, secret });
  const sent = () => server.requests.filter(({ path }) => path !== '/token');
  const minted = () => server.requests.filter(({ path }) => path === '/token');
  return { deps, sent, minted, close: server.close };
}

describe('asks FCM', () => {
  it('for the same as Google’s own client', async () => {
    const theirs: Captured[] = [];
    vi.spyOn(https, 'request').mockImplementation(((
      options: https.RequestOptions,
      answer: (r: unknown) => void,
    ) => {
      const request = new PassThrough();
      const chunks: Buffer[] = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () => {
        const { method = '', path = '', host, headers } = options;
        expect(host ?? options.hostname).toBe('fcm.googleapis.com');
        theirs.push({
          method,
          path: String(path),
          headers: headers as Captured['headers'],
          body: Buffer.concat(chunks).toString('utf8'),
        });
        const response = Object.assign(new PassThrough(), {
          statusCode: 200,
          headers: { 'content-type': 'application/json' },
        });
        answer(response);
        response.end('{"name":"projects/shop-1/messages/1"}');
      });
      return Object.assign(request, {
        setTimeout: () => request,
        abort: () => {},
      }) as unknown as EventEmitter;
    }) as never);
    const credential = { getAccessToken: async () => ({ access_token: 'access-1', expires_in: 3600 }) };
    const app = initializeApp({ credential, projectId: 'shop-1' }, 'differential');
    const messaging = getMessaging(app);
    messaging.enableLegacyHttpTransport();
    const now = Date.now();
    const message = { ...messageTo(device(1)), expiresAt: now + 3_600_000 };
    await messaging.send({
      token: 'token-1',
      notification: { title: content.title, body: content.body, imageUrl: content.imageUrl },
      data: { message_id: MESSAGE_ID, trigger: 'price-drop', link: content.link },
      android: {
        priority: 'high',
        ttl: 3_600_000,
        collapseKey: MESSAGE_ID,
        notification: { tag: MESSAGE_ID },
      },
      apns: {
        headers: {
          'apns-priority': '10',
          'apns-collapse-id': MESSAGE_ID,
          'apns-expiration': String(Math.floor(message.expiresAt / 1000)),
        },
        payload: { aps: { mutableContent: true } },
      },
      webpush: { headers: { TTL: '3600' }, fcmOptions: { link: content.link } },
    });
    await deleteApp(app);

    const { deps, sent, close } = await google();
    await fcmAdapter.send(message, { ...deps, now: () => now });
    const [their, our] = [theirs[0], sent()[0]].map((request) => ({
      method: request?.method,
      path: request?.path,
      authorization: request?.headers.authorization ?? request?.headers.Authorization,
      message: canonical(JSON.parse(request?.body ?? '{}').message),
    }));
    expect(our).toEqual(their);
    await close();
  });

  /** FCM takes the priority in either case: the client writes `high`, Google's reference `HIGH`. */
  function canonical(message: JsonObject): JsonObject {
    const android = message.android as JsonObject;
    return { ...message, android: { ...android, priority: String(android.priority).toUpperCase() } };
  }

  it('with one access token for all devices and messages, asked for by an assertion that Google can verify', async () => {
    const { deps, sent, minted, close } = await google();
    await fcmAdapter.send(messageTo(device(1), device(2), device(3)), deps);
    await fcmAdapter.send(messageTo(device(1)), deps);
    expect(sent()).toHaveLength(4);
    expect(minted()).toHaveLength(1);
    const form = new URLSearchParams(minted()[0]?.body);
    expect(form.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer');
    const [header = '', claims = '', signature = ''] = (form.get('assertion') ?? '').split('.');
    const decode = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    expect(decode(header)).toEqual({ alg: 'RS256', typ: 'JWT', kid: 'key-1' });
    expect(decode(claims)).toMatchObject({
      iss: client.client_email,
      scope: 'https://www.googleapis.com/auth/firebase.messaging',
      aud: 'https://oauth2.googleapis.com/token',
    });
    expect(decode(claims).exp - decode(claims).iat).toBe(3_600);
    const verify = createVerify('RSA-SHA256').update(`${header}.${claims}`);
    expect(verify.verify(createPublicKey(publicKey), signature, 'base64url')).toBe(true);
    await close();
  });

  it('once more with a new token where the old one is no longer taken', async () => {
    const expired = { status: 401, body: { error: { code: 401, status: 'UNAUTHENTICATED' } } };
    const { deps, sent, minted, close } = await google([expired]);
    expect((await fcmAdapter.send(messageTo(device(1)), deps)).kind).toBe('accepted');
    expect(sent().map(({ headers }) => headers.authorization)).toEqual([
      'Bearer access-1',
      'Bearer access-2',
    ]);
    expect(minted()).toHaveLength(2);
    await close();
  });

  it('not a third time', async () => {
    const expired = { status: 401, body: { error: { code: 401, status: 'UNAUTHENTICATED' } } };
    const { deps, sent, close } = await google([expired, expired, expired]);
    const result = await fcmAdapter.send(messageTo(device(1)), deps);
    expect(result).toMatchObject({ kind: 'rejected', scope: 'account', code: 'UNAUTHENTICATED' });
    expect(sent()).toHaveLength(2);
    await close();
  });

  it.each([
    [
      { status: 400, body: { error: 'invalid_grant' } },
      { kind: 'rejected', scope: 'account', code: 'token_http_400' },
    ],
    [
      { status: 503, body: {} },
      { kind: 'retry', code: 'token_http_503' },
    ],
    [
      { status: 429, body: {} },
      { kind: 'retry', code: 'token_http_429' },
    ],
  ] as const)('not at all without a token: %j', async (tokenAnswer, expected) => {
    const { deps, sent, close } = await google([], tokenAnswer);
    expect(await fcmAdapter.send(messageTo(device(1)), deps)).toMatchObject(expected);
    expect(sent()).toEqual([]);
    await close();
  });

  it.each([
    ['no JSON', 'x', 'secret_unusable'],
    ['no key', JSON.stringify({ ...client, private_key: 'x' }), 'key_unusable'],
  ])('not at all where the secret is %s', async (_, wrong, code) => {
    const deps = sendDeps({ fetch: async () => expect.unreachable(), secret: wrong });
    expect(await fcmAdapter.send(messageTo(device(1)), deps)).toMatchObject({ scope: 'account', code });
  });
});

it('tells of each device what became of it', async () => {
  const server = await captureServer(({ path, body }) => {
    if (path === '/token') return { body: { access_token: 'a' } };
    return body.includes('token-1') ? { status: 404, body: fcmError(404, 'NOT_FOUND', 'UNREGISTERED') } : {};
  });
  const deps = sendDeps({ settings: { endpoint: server.url }, secret });
  expect(await fcmAdapter.send(messageTo(device(1), device(2)), deps)).toMatchObject({
    kind: 'accepted',
    devices: [
      { deviceId: 'd1', outcome: 'dead', code: 'UNREGISTERED' },
      { deviceId: 'd2', outcome: 'accepted' },
    ],
  });
  await server.close();
});

it('is at most 4,096 bytes', async () => {
  const deps = sendDeps({ fetch: async () => expect.unreachable(), secret });
  const message = aMessageFor('push', { body: '가'.repeat(1_300) }, { to: [device(1)] });
  expect(await fcmAdapter.send(message, deps)).toMatchObject({ scope: 'message', code: 'payload_too_large' });
});

it('carries only text in data, and the message’s id wherever a device can replace by it', () => {
  const { data, android, apns } = fcmMessage(messageTo(), Date.now()) as Record<string, JsonObject>;
  for (const value of Object.values(data ?? {})) expect(typeof value).toBe('string');
  expect(JSON.stringify([android, apns])).toContain(`"collapse_key":"${MESSAGE_ID}"`);
  expect(MESSAGE_ID.length).toBeLessThanOrEqual(64);
});

function fcmError(code: number, status: string, errorCode?: string, more: JsonObject = {}) {
  const type = 'type.googleapis.com/google.firebase.fcm.v1.FcmError';
  const details = errorCode ? [{ '@type': type, errorCode }] : [];
  return { error: { code, status, message: 'words', details, ...more } };
}
const badToken = {
  message: 'The registration token is not a valid FCM registration token',
};
const badRequest = {
  details: [
    { '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations: [{ field: 'message.data' }] },
  ],
};
const account = { kind: 'rejected', scope: 'account' };
const dead = { kind: 'rejected', scope: 'address' };
const refused = { kind: 'rejected', scope: 'message' };
it.each([
  [404, fcmError(404, 'NOT_FOUND', 'UNREGISTERED'), dead],
  [403, fcmError(403, 'PERMISSION_DENIED', 'SENDER_ID_MISMATCH'), dead],
  [400, fcmError(400, 'INVALID_ARGUMENT', 'INVALID_ARGUMENT', badToken), dead],
  [400, fcmError(400, 'INVALID_ARGUMENT', 'INVALID_ARGUMENT'), refused],
  [400, fcmError(400, 'INVALID_ARGUMENT', undefined, badRequest), refused],
  [400, fcmError(400, 'INVALID_ARGUMENT', undefined, { ...badToken, ...badRequest }), refused],
  [401, fcmError(401, 'UNAUTHENTICATED', 'THIRD_PARTY_AUTH_ERROR'), account],
  [401, fcmError(401, 'UNAUTHENTICATED'), { kind: 'retry', code: 'UNAUTHENTICATED' }],
  [403, fcmError(403, 'PERMISSION_DENIED'), account],
  [404, fcmError(404, 'NOT_FOUND'), account],
  [429, fcmError(429, 'RESOURCE_EXHAUSTED', 'QUOTA_EXCEEDED'), { kind: 'retry', afterMs: 60_000 }],
  [503, fcmError(503, 'UNAVAILABLE', 'UNAVAILABLE'), { kind: 'retry', afterMs: 10_000 }],
  [500, fcmError(500, 'INTERNAL', 'INTERNAL'), { kind: 'retry' }],
  [502, 'gateway', { kind: 'retry', code: 'http_502' }],
  [413, 'too large', refused],
  [200, { name: 'projects/shop-1/messages/1' }, { kind: 'accepted' }],
])('%i %j means %j', (status, body, expected) => {
  expect(judgeFcm(answerOf(status, body), 0)).toMatchObject(expected);
});

it('waits as long as Google asks', () => {
  const answer = answerOf(429, fcmError(429, 'RESOURCE_EXHAUSTED', 'QUOTA_EXCEEDED'), {
    'retry-after': '120',
  });
  expect(judgeFcm(answer, 0)).toMatchObject({ kind: 'retry', afterMs: 120_000 });
});
