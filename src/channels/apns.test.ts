import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { ApnsClient, Notification } from 'apns2';
import { describe, expect, it } from 'vitest';
import { type Answer, captureServer } from '../../tests/support/capture-server.ts';
import { aMessageFor, answerOf, MESSAGE_ID, sendDeps } from '../../tests/support/channel-kit.ts';
import { apnsAdapter, judgeApns } from './apns.ts';

const { privateKey, publicKey } = generateKeyPairSync('ec', {
  namedCurve: 'P-256',
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});
const TOKEN = '0123456789abcdef'.repeat(4);
const settings = { experimental: true, teamId: 'TEAM012345', keyId: 'KEY0123456', topic: 'com.example.shop' };
const content = { title: '가격 인하', body: '실반지 68,000원', link: 'https://shop.example.com/p/1' };
const message = aMessageFor('push', content, { to: [{ kind: 'apns', value: TOKEN, deviceId: 'd1' }] });

async function apple(answer?: () => Answer) {
  const server = await captureServer(answer ?? (() => ({ headers: { 'apns-id': 'A1' }, body: '' })));
  const deps = sendDeps({ settings: { ...settings, endpoint: server.url }, secret: privateKey });
  return { server, deps };
}

describe('asks Apple', () => {
  it('for the same as an independent client', async () => {
    const theirs: { path: string; method: string; headers: Record<string, string>; body: string }[] = [];
    const client = new ApnsClient({
      team: settings.teamId,
      keyId: settings.keyId,
      signingKey: privateKey,
      defaultTopic: settings.topic,
      keepAlive: false,
    });
    const request = async (options: (typeof theirs)[number]) => {
      theirs.push(options);
      return { statusCode: 200 };
    };
    Object.assign(client, { client: { request } });
    await client.send(
      new Notification(TOKEN, {
        alert: { title: content.title, body: content.body },
        sound: 'default',
        mutableContent: true,
        expiration: Math.floor(message.expiresAt / 1000),
        collapseId: MESSAGE_ID,
        data: { message_id: MESSAGE_ID, trigger: 'price-drop', link: content.link },
      }),
    );
    const { server, deps } = await apple();
    expect(await apnsAdapter.send(message, deps)).toMatchObject({ kind: 'accepted', providerId: 'A1' });
    const [their] = theirs;
    const [our] = server.requests;
    expect([our?.method, our?.path, JSON.parse(our?.body ?? '')]).toEqual([
      their?.method,
      their?.path,
      JSON.parse(their?.body ?? ''),
    ]);
    // Theirs leaves out what Apple takes for granted; the signatures are drawn anew each time.
    const { authorization, ...headers } = their?.headers ?? {};
    expect(our?.headers).toMatchObject(headers);
    const claims = (jwt = '') =>
      jwt
        .split('.')
        .slice(0, 2)
        .map((part) => JSON.parse(Buffer.from(part.replace(/^bearer /, ''), 'base64url').toString('utf8')));
    const [ourHeader, ourClaims] = claims(our?.headers.authorization);
    const [theirHeader, theirClaims] = claims(authorization);
    expect(ourHeader).toMatchObject({ alg: theirHeader.alg, kid: theirHeader.kid });
    expect(Object.keys(ourClaims).sort()).toEqual(Object.keys(theirClaims).sort());
    expect(ourClaims.iss).toBe(theirClaims.iss);
    await server.close();
  });

  it('with one token for all of its requests, which Apple can verify', async () => {
    const { server, deps } = await apple();
    await apnsAdapter.send(message, deps);
    await apnsAdapter.send(message, deps);
    const [first, second] = server.requests.map(({ headers }) => headers.authorization ?? '');
    expect(second).toBe(first);
    const [header, claims, signature = ''] = (first ?? '').replace('bearer ', '').split('.');
    const key = { key: createPublicKey(publicKey), dsaEncoding: 'ieee-p1363' as const };
    const signed = Buffer.from(`${header}.${claims}`);
    expect(verify('sha256', signed, key, Buffer.from(signature, 'base64url'))).toBe(true);
    await server.close();
  });

  it('once more with a new token where the old one has expired, and no third time', async () => {
    const { server, deps } = await apple(() => ({ status: 403, body: { reason: 'ExpiredProviderToken' } }));
    expect(await apnsAdapter.send(message, deps)).toMatchObject({
      scope: 'account',
      code: 'ExpiredProviderToken',
    });
    expect(server.requests).toHaveLength(2);
    await server.close();
  });

  it.each([
    ['unless it is turned on', { settings: {} }, 'not_enabled'],
    ['with a key that is none', { settings, secret: '-----BEGIN PRIVATE KEY-----' }, 'key_unusable'],
  ])('not %s', async (_, change, code) => {
    const deps = sendDeps({ fetch: async () => expect.unreachable(), secret: privateKey, ...change });
    expect(await apnsAdapter.send(message, deps)).toMatchObject({ scope: 'account', code });
  });
});

const account = { kind: 'rejected', scope: 'account' };
const dead = { kind: 'rejected', scope: 'address' };
const refused = { kind: 'rejected', scope: 'message' };
const rows = (reasons: string[], status: number, expected: object) =>
  reasons.map((reason) => [status, reason, expected] as const);
it.each<readonly [number, string, object]>([
  ...rows(['Unregistered', 'ExpiredToken'], 410, dead),
  ...rows(['BadDeviceToken', 'DeviceTokenNotForTopic'], 400, dead),
  [403, 'ExpiredProviderToken', { kind: 'retry', code: 'ExpiredProviderToken' }],
  ...rows(
    [
      'InvalidProviderToken',
      'MissingProviderToken',
      'BadCertificate',
      'BadCertificateEnvironment',
      'Forbidden',
    ],
    403,
    account,
  ),
  ...rows(['TopicDisallowed', 'BadTopic', 'MissingTopic'], 400, account),
  [413, 'PayloadTooLarge', refused],
  ...rows(
    [
      'PayloadEmpty',
      'BadCollapseId',
      'BadExpirationDate',
      'BadMessageId',
      'BadPriority',
      'InvalidPushType',
      'DuplicateHeaders',
      'MissingDeviceToken',
    ],
    400,
    refused,
  ),
  [404, 'BadPath', refused],
  [405, 'MethodNotAllowed', refused],
  ...rows(['TooManyRequests', 'TooManyProviderTokenUpdates'], 429, { kind: 'retry' }),
  [500, 'InternalServerError', { kind: 'retry' }],
  ...rows(['ServiceUnavailable', 'Shutdown'], 503, { kind: 'retry' }),
  [400, 'IdleTimeout', { kind: 'retry' }],
])('%i %s means %j', (status, reason, expected) => {
  expect(judgeApns(answerOf(status, { reason }), {}, 0)).toMatchObject(expected);
});

it('keeps a token that was registered again after Apple found it dead', () => {
  const answer = answerOf(410, { reason: 'Unregistered', timestamp: 1_000 });
  expect(judgeApns(answer, { registeredAt: 2_000 }, 0)).toMatchObject({ scope: 'message' });
  expect(judgeApns(answer, { registeredAt: 500 }, 0)).toMatchObject({ scope: 'address' });
});
