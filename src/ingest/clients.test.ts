/**
 * What the four unmodified clients send. The two for Node run here against a real HTTP server; of the two for browsers
 * the recorded requests are replayed: paths, headers and bodies as they leave the page.
 */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import RudderAnalytics from '@rudderstack/rudder-sdk-node';
import { Analytics } from '@segment/analytics-node';
import { afterEach, describe, expect, test } from 'vitest';
import { basic, ingestHarness } from '../../tests/support/ingest-harness.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** The edge behind a real socket, with the headers of each request that came in. */
async function serve() {
  const harness = ingestHarness();
  const headers: IncomingMessage['headers'][] = [];
  const server = createServer(async (incoming, outgoing) => {
    headers.push(incoming.headers);
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const request = new Request(`http://edge.test${incoming.url}`, {
      method: incoming.method ?? 'GET',
      headers: incoming.headers as Record<string, string>,
      body: Buffer.concat(chunks),
    });
    const response = await harness.handle(request as never, harness.env, { waitUntil() {} });
    outgoing.writeHead(response.status, Object.fromEntries(response.headers as never));
    outgoing.end(await response.text());
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { ...harness, headers, host: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

describe('@segment/analytics-node', () => {
  test('sends a batch that is understood', async () => {
    const { host, requests, headers } = await serve();
    const analytics = new Analytics({ writeKey: 'wk_test', host, flushAt: 10 });
    const before = Date.now();
    analytics.track({ anonymousId: 'a1', event: 'Product Viewed', properties: { product_id: 7 } });
    analytics.identify({ userId: 'u1', anonymousId: 'a1', traits: { tier: 'VIP' } });
    analytics.page({ userId: 'u1', name: 'Home', properties: { path: '/' } });
    analytics.alias({ userId: 'u1', previousId: 'a0' });
    await analytics.closeAndFlush();
    expect(headers[0]).toMatchObject({ authorization: basic('wk_test'), 'content-type': 'application/json' });
    const [visitor, user] = requests;
    expect(visitor).toMatchObject({
      profile: { kind: 'anonymous', id: 'a1' },
      events: [{ name: 'Product Viewed', properties: { product_id: '7', products: [{ product_id: '7' }] } }],
    });
    expect(user).toMatchObject({
      profile: { kind: 'user', id: 'u1' },
      links: [{ id: 'a1' }, { id: 'a0' }],
      events: [
        { name: '$identify', traits: { tier: 'VIP' } },
        { name: '$page', properties: { name: 'Home', path: '/' }, context: { page: { path: '/' } } },
        { name: '$alias' },
      ],
    });
    const event = visitor?.events[0];
    expect(event?.messageId).toMatch(/^node-next-/);
    expect(event?.timestamp).toBeGreaterThanOrEqual(before);
  });
});

describe('@rudderstack/rudder-sdk-node', () => {
  test('sends gzipped JSON as a form, and it is understood', async () => {
    const { host, requests, headers } = await serve();
    const analytics = new RudderAnalytics('wk_test', { dataPlaneUrl: host, flushInterval: 50 });
    analytics.identify({ userId: 'u1', anonymousId: 'a1', traits: { tier: 'VIP' } });
    analytics.track({ userId: 'u1', event: 'Signed Up', properties: { plan: 'pro' } });
    await new Promise<void>((resolve) => analytics.flush(() => resolve()));
    await expect.poll(() => requests.flatMap(({ events }) => events)).toHaveLength(2);
    expect(headers[0]).toMatchObject({
      authorization: basic('wk_test'),
      'content-encoding': 'gzip',
      'content-type': 'application/x-www-form-urlencoded',
    });
    const events = requests.flatMap((request) => request.events);
    expect(events).toMatchObject([
      { name: '$identify', traits: { tier: 'VIP' } },
      { name: 'Signed Up', properties: { plan: 'pro' } },
    ]);
    expect(events[1]).not.toHaveProperty('traits');
    expect(requests[0]?.links).toMatchObject([{ id: 'a1' }]);
  });
});

describe('@segment/analytics-next', () => {
  const at = (ago: number) => new Date(Date.now() - ago).toISOString();

  test('fetches its settings, which name this host', async () => {
    const { handle, env } = ingestHarness();
    const settings = async (origin: string, key = 'wk_test') => {
      const request = new Request(`${origin}/v1/projects/${key}/settings`);
      const response = await handle(request as never, env, { waitUntil() {} });
      return { status: response.status, body: await response.json() };
    };
    const plan = {
      track: { __default: { enabled: true } },
      identify: { __default: { enabled: true } },
    };
    expect(await settings('https://edge.test')).toEqual({
      status: 200,
      body: {
        integrations: { 'Segment.io': { apiKey: 'wk_test', apiHost: 'edge.test/v1' } },
        plan,
      },
    });
    expect((await settings('http://127.0.0.1:8787')).body).toEqual({
      integrations: {
        'Segment.io': { apiKey: 'wk_test', apiHost: '127.0.0.1:8787/v1', protocol: 'http' },
      },
      plan,
    });
    expect((await settings('https://edge.test', 'unknown')).status).toBe(401);
  });

  test('sends each call to a single-letter path as plain text', async () => {
    const { post, requests } = ingestHarness();
    const call = {
      timestamp: at(3_000),
      integrations: { 'Segment.io': true },
      type: 'page',
      properties: { path: '/p/1', url: 'https://shop.test/p/1', title: '실반지', search: '', referrer: '' },
      name: null,
      category: null,
      context: {
        page: { path: '/p/1', url: 'https://shop.test/p/1' },
        locale: 'ko-KR',
        timezone: 'Asia/Seoul',
      },
      messageId: 'ajs-next-1-x',
      anonymousId: 'a1',
      userId: null,
      writeKey: 'wk_test',
      sentAt: at(0),
      _metadata: { bundled: ['Segment.io'], unbundled: [] },
    };
    const headers = {
      authorization: basic('wk_test'),
      'content-type': 'text/plain',
      origin: 'https://shop.test',
    };
    const { status, headers: answered } = await post('/v1/p', call, headers);
    expect(status).toBe(200);
    expect(answered.get('access-control-allow-origin')).toBe('https://shop.test');
    expect(requests).toMatchObject([
      {
        profile: { kind: 'anonymous', id: 'a1' },
        events: [{ name: '$page', context: { locale: 'ko-KR', timezone: 'Asia/Seoul' } }],
      },
    ]);
    const event = requests[0]?.events[0];
    expect((event?.receivedAt ?? 0) - (event?.timestamp ?? 0)).toBe(3_000);
    expect(event?.properties).not.toHaveProperty('name');
  });

  test('older versions send no header: the key is in the body; a batch has one sentAt', async () => {
    const { fetch, requests } = ingestHarness();
    const batch = [{ type: 'track', event: 'X', anonymousId: 'a1', timestamp: at(4_000), messageId: 'm' }];
    const body = JSON.stringify({ batch, writeKey: 'wk_test', sentAt: at(0) });
    const response = await fetch('/v1/b', { method: 'POST', body });
    expect(response.status).toBe(200);
    const event = requests[0]?.events[0];
    expect((event?.receivedAt ?? 0) - (event?.timestamp ?? 0)).toBeGreaterThanOrEqual(3_990);
  });
});

describe('@rudderstack/analytics-js', () => {
  test('fetches its source with the key in header and query', async () => {
    const { fetch } = ingestHarness();
    const path = '/sourceConfig/?p=npm&v=3.34.1&build=modern&writeKey=wk_test';
    const response = await fetch(path, { headers: { authorization: basic('wk_test') } });
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(await response.json()).toEqual({
      source: {
        id: 'reflex',
        name: 'Reflex',
        writeKey: 'wk_test',
        enabled: true,
        workspaceId: 'reflex',
        config: { statsCollection: { errors: { enabled: false }, metrics: { enabled: false } } },
        dataplanes: {},
        destinations: [],
      },
    });
    expect((await fetch('/sourceConfig?writeKey=wk_test')).status).toBe(200);
    expect((await fetch('/sourceConfig')).status).toBe(401);
  });

  test('sends traits in the context, the time in a header, and its own zone format', async () => {
    const { post, requests } = ingestHarness();
    const now = Date.now();
    const call = {
      type: 'identify',
      context: { traits: { tier: 'VIP' }, sessionId: 1, locale: 'ko-KR', timezone: 'GMT+0900' },
      originalTimestamp: new Date(now - 2_000).toISOString(),
      messageId: 'b1',
      userId: 'u1',
      anonymousId: 'a1',
      event: null,
      properties: null,
    };
    const headers = {
      authorization: basic('wk_test'),
      'content-type': 'application/json;charset=UTF-8',
      anonymousid: btoa('a1'),
      sentat: new Date(now).toISOString(),
    };
    expect((await post('/v1/identify', call, headers)).status).toBe(200);
    expect(requests).toMatchObject([
      { events: [{ traits: { tier: 'VIP' }, context: { timezone: '+09:00' } }], links: [{ id: 'a1' }] },
    ]);
    const event = requests[0]?.events[0];
    expect((event?.receivedAt ?? 0) - (event?.timestamp ?? 0)).toBe(2_000);
  });

  test('on unload posts a beacon without headers', async () => {
    const { fetch, requests } = ingestHarness();
    const body = JSON.stringify({ batch: [{ type: 'track', event: 'X', anonymousId: 'a1' }] });
    const response = await fetch('/beacon/v1/batch?writeKey=wk_test', {
      method: 'POST',
      body,
      headers: { 'content-type': 'text/plain' },
    });
    expect(response.status).toBe(200);
    expect(requests[0]?.events[0]).toMatchObject({ name: 'X', messageId: expect.stringMatching(/.{36}/) });
  });
});
