/**
 * Nobody can make the server call its own machine or network: hundreds of URLs, each really tried, and a canary that
 * listens on every address of this machine. The runtime's network is left open here (in production it reaches public
 * addresses only): what holds is the Worker's own check. A public name that resolves inwards is that network's to stop.
 */
import { webcrypto } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Api, apiOf } from '../support/api.ts';
import { type Canary, startCanary } from '../support/canary.ts';
import { hostileUrls } from '../support/hostile-urls.ts';
import { type ProductionServer, startProduction } from '../support/production-server.ts';
import { type RunningServer, startServer } from '../support/start-server.ts';
import { receiveWebhooks } from '../support/webhook-receiver.ts';

type Call = (
  method: string,
  path: string,
  body?: unknown,
) => Promise<{ status: number; text: string; body: unknown }>;

const SECRET = `whsec_${btoa('a secret of thirty-two bytes 123')}`;
const THIS_MACHINE = /^(127\.\d+\.\d+\.\d+\.?|(.*\.)?localhost\.?|\[::1\])$/;
const SOON = { timeout: 10_000, interval: 10 };

/** One after the other takes half a minute: every fourth, unless SSRF=all. */
const EVERY_CALL = process.env.SSRF === 'all';

let canary: Canary;
let urls: string[];
let production: ProductionServer;
let development: RunningServer;
let api: Api;
beforeAll(async () => {
  canary = await startCanary();
  urls = hostileUrls(canary.port);
  [production, development] = await Promise.all([startProduction(), startServer()]);
  api = apiOf(development);
});
afterAll(async () => {
  await Promise.all([production, development, canary].map((one) => one?.[Symbol.asyncDispose]()));
});

const inDevelopment: Call = (method, path, body) =>
  path.startsWith('/v1/')
    ? api.server(method, path, body)
    : api.admin(method, path.replace('/admin/api/', ''), body);

/** A transactional trigger that sends on this channel whenever `Tell` comes. */
async function publish(call: Call, channel: string, content: object): Promise<void> {
  const put = async (method: string, path: string, body?: unknown) => {
    const answer = await call(method, `/admin/api/${path}`, body);
    expect(answer.status, answer.text).toBeLessThan(300);
  };
  await put('PUT', `templates/${channel}`, { defaultLocale: 'ko', locales: { ko: { [channel]: content } } });
  await put('POST', 'triggers', {
    id: channel,
    category: 'transactional',
    transactionalReason: 'a test',
    entry: { on: [{ event: `Tell ${channel}` }] },
    reeligibility: { mode: 'always' },
    steps: [{ id: 'tell', send: { channels: [channel], template: channel } }],
  });
  await put('POST', `triggers/${channel}/activate`);
}

const settings = (call: Call, channel: string, document: object) =>
  call('PUT', `/admin/api/channels/${channel}`, document);

/** What the channel's provider answered to a message that was sent through it just now. */
async function codeOf(call: Call, channel: string, userId: string): Promise<string> {
  const sent = await call('POST', '/v1/track', { userId, event: `Tell ${channel}` });
  expect(sent.status, sent.text).toBe(200);
  return vi.waitFor(async () => {
    const { body } = await call('GET', `/admin/api/channels/${channel}`);
    const { code } = (body as { health: { code: string | null } | null }).health ?? { code: null };
    expect(code).not.toBeNull();
    return String(code);
  }, SOON);
}

/** As a browser subscribes, so that nothing but the endpoint speaks against a call. */
async function browserKeys() {
  const pair = await webcrypto.subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, true, [
    'deriveBits',
  ]);
  const raw = await webcrypto.subtle.exportKey('raw', pair.publicKey);
  const auth = webcrypto.getRandomValues(new Uint8Array(16));
  return { p256dh: Buffer.from(raw).toString('base64url'), auth: Buffer.from(auth).toString('base64url') };
}

async function vapidKeys() {
  const pair = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign']);
  const raw = await webcrypto.subtle.exportKey('raw', pair.publicKey);
  const { d } = await webcrypto.subtle.exportKey('jwk', pair.privateKey);
  return { publicKey: Buffer.from(raw).toString('base64url'), privateKey: String(d) };
}

it('the canary sings: it is called where that is allowed, so that silence means something', async () => {
  // One of its own: what fails is tried again later.
  await using singer = await startCanary();
  await publish(inDevelopment, 'webhook', { data: { x: 1 } });
  for (const [i, scheme] of ['http', 'https'].entries()) {
    const url = `${scheme}://127.0.0.1:${singer.port}/sing`;
    const put = await settings(inDevelopment, 'webhook', {
      provider: 'webhook',
      settings: { url },
      secret: SECRET,
    });
    expect(put.status, put.text).toBeLessThan(300);
    await api.server('POST', '/v1/track', { userId: `sing-${i}`, event: 'Tell webhook' });
    await vi.waitFor(() => expect(singer.callers.length).toBeGreaterThan(i), SOON);
  }
  expect(singer.callers[0]).toContain('POST /sing');
});

it('there are hundreds of URLs', () => {
  expect(urls.length).toBeGreaterThanOrEqual(300);
});

describe('no URL leads inwards', () => {
  it('as that of a webhook, which production refuses when it is written', async () => {
    const answers = await Promise.all(
      urls.map((url) =>
        settings(production.call, 'webhook', { provider: 'webhook', settings: { url }, secret: SECRET }),
      ),
    );
    expect(answers.filter(({ status }) => status !== 400 && status !== 422)).toEqual([]);
  });

  it('as that of a webhook, at the call', { timeout: 120_000 }, async () => {
    let tried = 0;
    // Notations that the parser has made one are one call.
    const calls = new Map(urls.map((url) => [URL.parse(url)?.href ?? url, url]));
    const chosen = [...calls.values()].filter((_, i) => EVERY_CALL || i % 4 === 0);
    for (const [i, url] of chosen.entries()) {
      // Development may call the machine that it runs on, and no other.
      if (THIS_MACHINE.test(URL.parse(url)?.hostname ?? '')) continue;
      const document = { provider: 'webhook', settings: { url }, secret: SECRET };
      const put = await settings(inDevelopment, 'webhook', document);
      if (put.status >= 400) {
        expect([400, 422], `${url}: ${put.text}`).toContain(put.status);
        continue;
      }
      expect(await codeOf(inDevelopment, 'webhook', `hook-${i}`), url).toBe('url_refused');
      tried += 1;
    }
    expect(tried).toBeGreaterThan(EVERY_CALL ? 100 : 25);
    expect(canary.callers).toEqual([]);
  });

  describe.each<[string, () => Call]>([
    ['production', () => production.call],
    ['development', () => inDevelopment],
  ])('as the endpoint of a push subscription, in %s', (_, callOf) => {
    it('each of them is refused', { timeout: 120_000 }, async () => {
      const call = callOf();
      const { publicKey, privateKey } = await vapidKeys();
      const channel = {
        provider: 'web_push',
        settings: { publicKey, subject: 'mailto:ops@example.com' },
        secret: privateKey,
      };
      expect((await settings(call, 'web_push', channel)).status).toBe(201);
      await publish(call, 'web_push', { title: 'T', body: 'B' });
      const keys = await browserKeys();
      let tried = 0;
      // A profile keeps twenty devices.
      for (let from = 0; from < urls.length; from += 20) {
        const userId = `browser-${from}`;
        const some = urls.slice(from, from + 20);
        const registered = await Promise.all(
          some.map((endpoint) =>
            call('POST', '/v1/devices', { userId, type: 'web_push', subscription: { endpoint, keys } }),
          ),
        );
        const ids = registered
          .filter(({ status }) => status === 200)
          .map(({ body }) => (body as { id: string }).id);
        const taken = new Set(ids).size;
        expect(registered.filter(({ status }) => status >= 500)).toEqual([]);
        if (taken === 0) continue;
        await call('POST', '/v1/track', { userId, event: 'Tell web_push' });
        await vi.waitFor(async () => {
          const { text } = await call('GET', `/v1/profiles/${userId}/export`);
          const devices = text
            .split('\n')
            .filter((line) => line.startsWith('{"type":"device"'))
            .map((line) => JSON.parse(line).refused?.code);
          expect(devices).toEqual(new Array(taken).fill('subscription_unusable'));
        }, SOON);
        tried += taken;
      }
      expect(tried).toBeGreaterThan(200);
      expect(canary.callers).toEqual([]);
    });
  });

  it('as a provider’s own address', async () => {
    const solapi = (endpoint: string) => ({
      provider: 'solapi',
      settings: { apiKey: 'KEY', from: '0212345678', endpoint },
      secret: 'solapi-secret',
    });
    const taken = (answers: { status: number }[]) => answers.filter(({ status }) => status < 400);
    const endpoints = [...urls, `http://127.0.0.1:${canary.port}`];
    const refused = await Promise.all(endpoints.map((url) => settings(production.call, 'sms', solapi(url))));
    expect(taken(refused)).toEqual([]);
    const others = await Promise.all(urls.map((url) => settings(inDevelopment, 'sms', solapi(url))));
    expect(taken(others)).toEqual([]);
  });

  it('as an incoming webhook of Slack’s', async () => {
    const answers = await Promise.all(
      urls.map((secret) => settings(inDevelopment, 'webhook', { provider: 'slack', settings: {}, secret })),
    );
    expect(answers.filter(({ status }) => status < 400)).toEqual([]);
    expect(
      answers.filter(({ text }, i) => (urls[i]?.length ?? 0) > 8 && text.includes(urls[i] ?? '')),
    ).toEqual([]);
  });

  it('behind a redirect', { timeout: 60_000 }, async () => {
    const inwards = [
      `http://127.0.0.1:${canary.port}/`,
      `//127.0.0.1:${canary.port}/`,
      `http://[::1]:${canary.port}/`,
      `https://localhost:${canary.port}/`,
    ];
    const answers = [301, 302, 303, 307, 308].flatMap((status) =>
      inwards.map((location) => ({ status, headers: { location } })),
    );
    for (const [i, answer] of answers.entries()) {
      const receiver = await receiveWebhooks(() => answer);
      const document = { provider: 'webhook', settings: { url: receiver.url }, secret: SECRET };
      expect((await settings(inDevelopment, 'webhook', document)).status).toBeLessThan(300);
      expect(await codeOf(inDevelopment, 'webhook', `led-${i}`)).toBe(`http_${answer.status}`);
      expect(receiver.received.length).toBeGreaterThan(0);
      await receiver.close();
    }
    expect(canary.callers).toEqual([]);
  });
});
