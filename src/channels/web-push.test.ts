import { encryptNotification } from '@block65/webcrypto-web-push';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { aMessageFor, answerOf, MESSAGE_ID, sendDeps } from '../../tests/support/channel-kit.ts';
import { type PushBrowser, startPushBrowser, vapidKeys } from '../../tests/support/push-browser.ts';
import type { Address } from '../engine/send/addresses.ts';
import type { JsonObject } from '../engine/vocabulary.ts';
import { judgePush, MAX_PLAINTEXT_BYTES, payloadOf, topicOf, webPushAdapter } from './web-push.ts';

const b64 = (bytes: ArrayBuffer | Uint8Array) => Buffer.from(bytes as Uint8Array).toString('base64url');
const bytesOf = (text: string) => new Uint8Array(Buffer.from(text, 'base64url'));

describe('the encryption', () => {
  it('writes the bytes of RFC 8291, appendix A', async () => {
    const asPublic =
      'BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8';
    const asPrivate = 'yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw';
    const salt = bytesOf('DGv6ra1nlYgDCS1FRnbzlw');
    const subscription = {
      endpoint: 'https://push.example.net/push/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV',
      expirationTime: null,
      keys: {
        p256dh: 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
        auth: 'BTBZMqHH6r4Tts7J_aSIgg',
      },
    };
    const point = bytesOf(asPublic);
    const algorithm = { name: 'ECDH', namedCurve: 'P-256' };
    const jwk = {
      kty: 'EC',
      crv: 'P-256',
      x: b64(point.slice(1, 33)),
      y: b64(point.slice(33)),
      d: asPrivate,
    };
    const pair = {
      privateKey: await crypto.subtle.importKey('jwk', jwk, algorithm, false, ['deriveBits']),
      publicKey: await crypto.subtle.importKey('raw', point, algorithm, true, []),
    };
    // What the encryption draws is the appendix's.
    vi.spyOn(crypto, 'getRandomValues').mockReturnValueOnce(salt);
    vi.spyOn(crypto.subtle, 'generateKey').mockResolvedValueOnce(pair as never);
    const text = new TextEncoder().encode('When I grow up, I want to be a watermelon');
    expect(b64(await encryptNotification(subscription, text, { pad: false }))).toBe(
      'DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8' +
        'wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN',
    );
    vi.restoreAllMocks();
  });
});

let browser: PushBrowser;
beforeAll(async () => {
  browser = await startPushBrowser();
});
afterAll(() => browser.close());

async function subscribe(publicKey: string, deviceId = 'd1'): Promise<Address & { hash: string }> {
  const { hash, ...value } = await browser.subscribe(publicKey);
  return { kind: 'web_push', value, deviceId, hash };
}

const content = { title: '가격 인하', body: '실반지 68,000원 💍', link: 'https://shop.example.com/p/1' };

describe('a message', () => {
  it('is decrypted by an independent browser end', async () => {
    const { publicKey, privateKey } = await vapidKeys();
    const device = await subscribe(publicKey);
    const deps = sendDeps({
      settings: { publicKey, subject: 'mailto:push@example.com', endpoint: browser.url },
      secret: privateKey,
    });
    const message = aMessageFor('web_push', content, { to: [device] });
    expect(await webPushAdapter.send(message, deps)).toMatchObject({
      kind: 'accepted',
      devices: [{ deviceId: 'd1', outcome: 'accepted' }],
    });
    expect(await browser.received(device.hash)).toEqual([
      {
        ...content,
        data: { message_id: MESSAGE_ID, trigger: 'price-drop', link: 'https://shop.example.com/p/1' },
      },
    ]);
  });

  it('finds the browser that has unsubscribed dead, and reaches the other one', async () => {
    const { publicKey, privateKey } = await vapidKeys();
    const gone = await subscribe(publicKey, 'gone');
    const here = await subscribe(publicKey, 'here');
    await browser.unsubscribe(gone.hash);
    const settings = { publicKey, subject: 'mailto:push@example.com', endpoint: browser.url };
    const deps = sendDeps({ settings, secret: privateKey });
    const message = aMessageFor('web_push', content, { to: [gone, here] });
    expect(await webPushAdapter.send(message, deps)).toMatchObject({
      kind: 'accepted',
      devices: [
        { deviceId: 'gone', outcome: 'dead', code: 'http_410' },
        { deviceId: 'here', outcome: 'accepted' },
      ],
    });
    expect(await browser.received(here.hash)).toHaveLength(1);
  });

  it('is refused by a browser that subscribed under another key', async () => {
    const subscribed = await vapidKeys();
    const ours = await vapidKeys();
    const device = await subscribe(subscribed.publicKey);
    const settings = { publicKey: ours.publicKey, subject: 'mailto:push@example.com', endpoint: browser.url };
    const deps = sendDeps({ settings, secret: ours.privateKey });
    const message = aMessageFor('web_push', content, { to: [device] });
    expect(await webPushAdapter.send(message, deps)).toMatchObject({ kind: 'rejected', code: 'http_400' });
  });
});

async function captured(change: JsonObject = {}, messageChange = {}) {
  const { publicKey, privateKey } = await vapidKeys();
  const calls: [string, Record<string, string>][] = [];
  const settings = { publicKey, subject: 'mailto:push@example.com' };
  const deps = sendDeps({
    fetch: async (called, init) => {
      calls.push([called, init.headers as Record<string, string>]);
      return new Response(null, { status: 201 });
    },
    settings: { ...settings, ...change },
    secret: privateKey,
  });
  const keys = { p256dh: publicKey, auth: b64(crypto.getRandomValues(new Uint8Array(16))) };
  const to = (endpoint: string): Address[] => [
    { kind: 'web_push', value: { endpoint, keys }, deviceId: 'd' },
  ];
  const send = (endpoint: string) =>
    webPushAdapter.send(aMessageFor('web_push', content, { to: to(endpoint), ...messageChange }), deps);
  return { send, calls, publicKey };
}

describe('its request', () => {
  it('says who sends it, for how long it is worth something, and what it replaces', async () => {
    const { send, calls, publicKey } = await captured();
    await send('https://updates.push.services.mozilla.com/wpush/v2/abc?x=1');
    const [called, headers] = calls[0] ?? ['', {}];
    expect(called).toBe('https://updates.push.services.mozilla.com/wpush/v2/abc?x=1');
    expect(headers).toMatchObject({
      'content-encoding': 'aes128gcm',
      urgency: 'high',
      topic: expect.stringMatching(/^[A-Za-z0-9_-]{1,32}$/),
    });
    expect(Number(headers.ttl)).toBeGreaterThan(3_590);
    const [, jwt = '', key] = /^vapid t=(.+), k=(.+)$/.exec(headers.authorization ?? '') ?? [];
    expect(key).toBe(publicKey);
    expect(decodeProtectedHeader(jwt)).toEqual({ typ: 'JWT', alg: 'ES256' });
    const { aud, sub, exp = 0 } = decodeJwt(jwt);
    expect([aud, sub]).toEqual(['https://updates.push.services.mozilla.com', 'mailto:push@example.com']);
    expect(exp - Date.now() / 1000).toBeLessThanOrEqual(24 * 3_600);
  });

  it('has the same topic each time, and another for another message', () => {
    expect(topicOf(MESSAGE_ID)).toBe(topicOf(MESSAGE_ID));
    expect(topicOf(MESSAGE_ID.replace('0', '1'))).not.toBe(topicOf(MESSAGE_ID));
  });

  it('carries claims that are signed once for each push service', async () => {
    const { send, calls } = await captured();
    for (const host of ['a', 'a', 'b']) await send(`https://${host}.example.com/1`);
    const [first, second, third] = calls.map(([, headers]) => headers.authorization);
    expect(second).toBe(first);
    expect(third).not.toBe(first);
  });

  it.each(['http://push.example.com/1', 'https://10.0.0.1/1', 'https://localhost/1', 'https://[::1]/1', 'x'])(
    'is never sent to %s, which a client named',
    async (endpoint) => {
      const { send, calls } = await captured();
      expect(await send(endpoint)).toMatchObject({ scope: 'address', code: 'subscription_unusable' });
      expect(calls).toEqual([]);
    },
  );

  it('is at most 4,096 bytes', async () => {
    const { send, calls } = await captured({}, { content: { body: '가'.repeat(1_300) } });
    expect(await send('https://push.example.com/1')).toMatchObject({
      scope: 'message',
      code: 'payload_too_large',
    });
    expect(calls).toEqual([]);
    const fits = aMessageFor('web_push', { body: 'a'.repeat(3_700) });
    expect(new TextEncoder().encode(payloadOf(fits)).byteLength).toBeLessThanOrEqual(MAX_PLAINTEXT_BYTES);
  });

  it.each([
    ['publicKey', 'not a key', 'key_unusable'],
    ['publicKey', `B${'A'.repeat(86)}`, 'key_unusable'],
  ])('is not sent with an unusable %s', async (name, value, code) => {
    const { send, calls } = await captured({ [name]: value });
    expect(await send('https://push.example.com/1')).toMatchObject({ scope: 'account', code });
    expect(calls).toEqual([]);
  });
});

const NOW = Date.UTC(2026, 10, 24);
it.each([
  [201, {}, { kind: 'accepted' }],
  [200, {}, { kind: 'accepted' }],
  [202, {}, { kind: 'accepted' }],
  [404, {}, { kind: 'rejected', scope: 'address' }],
  [410, {}, { kind: 'rejected', scope: 'address' }],
  [401, {}, { kind: 'rejected', scope: 'account' }],
  [403, {}, { kind: 'rejected', scope: 'account' }],
  [400, {}, { kind: 'rejected', scope: 'message' }],
  [413, {}, { kind: 'rejected', scope: 'message' }],
  [418, {}, { kind: 'rejected', scope: 'message' }],
  [429, { 'retry-after': '30' }, { kind: 'retry', afterMs: 30_000 }],
  [500, {}, { kind: 'retry' }],
  [503, { 'retry-after': '5' }, { kind: 'retry', afterMs: 5_000 }],
])('a push service’s %i %j means %j', (status, headers, expected) => {
  expect(judgePush(answerOf(status, '', headers as Record<string, string>), NOW)).toMatchObject(expected);
});

describe('the endpoints that fail apart', () => {
  const at = (...endpoints: unknown[]) => {
    const to = endpoints.map((endpoint, i): Address => {
      return { kind: 'web_push', deviceId: `d${i}`, value: { endpoint } as JsonObject };
    });
    return webPushAdapter.endpointOf?.(aMessageFor('web_push', {}, { to }), {});
  };

  it('are the hosts of the push services', () => {
    expect(at('https://fcm.googleapis.com/fcm/send/x')).toBe('fcm.googleapis.com');
    const mozilla = 'https://updates.push.services.mozilla.com/wpush/v2/x';
    expect(at(mozilla, 'https://fcm.googleapis.com/a', 'https://fcm.googleapis.com/b')).toBe(
      'fcm.googleapis.com+updates.push.services.mozilla.com',
    );
  });

  it('are none of a subscription that nobody would call', () => {
    expect(at()).toBeUndefined();
    expect(at('http://127.0.0.1/x', null, 'nonsense')).toBeUndefined();
  });
});
