/** What bad input gets on the way of events and items: the answer, and that nothing of it was applied. */
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Api, apiOf, basic } from '../support/api.ts';
import { type RunningServer, startServer } from '../support/start-server.ts';

const KB = 1024;

let server: RunningServer;
let api: Api;
beforeAll(async () => {
  server = await startServer();
  api = apiOf(server);
});
afterAll(() => server?.[Symbol.asyncDispose]());

let users = 0;
function newUser(): string {
  return `bad-request-user-${++users}`;
}

/** How many events of a user are known; a profile that there isn't has none. */
async function countOf(userId: string): Promise<number> {
  const { status, body } = await api.admin('GET', `profiles/${userId}`);
  return status === 404 ? 0 : body.timeline.length;
}

const INVALID = { status: 400, body: { error: { code: 'invalid_request', message: expect.any(String) } } };
const track = (userId: string, more: object = {}) => ({ type: 'track', event: 'Seen', userId, ...more });

/** An object that is so many bytes of JSON. */
function sized<T extends object>(make: (filler: string) => T, bytes: number): T {
  const empty = Buffer.byteLength(JSON.stringify(make('')));
  return make('x'.repeat(bytes - empty));
}

describe('a body that is not JSON', () => {
  it.each([
    ['empty', ''],
    ['cut off', '{"userId":"u1","event":"Seen"'],
    ['text', 'event=Seen&userId=u1'],
    ['not UTF-8', new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
  ])('%s is 400', async (_what, raw) => {
    for (const path of ['/v1/track', '/v1/batch', '/v1/import', '/beacon/v1/batch']) {
      expect(await api.client('POST', path, undefined, { raw })).toMatchObject(INVALID);
    }
    expect(await api.server('PUT', '/v1/items/i1', undefined, { raw })).toMatchObject(INVALID);
    expect(await api.admin('PUT', 'templates/t1', undefined, { raw })).toMatchObject(INVALID);
  });

  it('the answer quotes nothing of it', async () => {
    const { text } = await api.client('POST', '/v1/track', undefined, {
      raw: '{"email": secret@example.com}',
    });
    expect(text).not.toContain('secret');
  });

  it('called gzip and being none is 400, called something else 415', async () => {
    const encoded = (encoding: string) =>
      api.client('POST', '/v1/track', track('u1'), { headers: { 'content-encoding': encoding } });
    expect(await encoded('gzip')).toMatchObject(INVALID);
    expect(await encoded('br')).toMatchObject({ status: 415 });
  });
});

describe('a body of the wrong shape', () => {
  it.each([
    ['no object', '/v1/track', [], ''],
    ['an event without a name', '/v1/track', { userId: 'u' }, 'event'],
    ['an event with one of the system’s names', '/v1/track', { userId: 'u', event: '$page' }, 'event'],
    ['an event of nobody', '/v1/track', { event: 'Seen' }, 'userId'],
    ['an id that is an object', '/v1/page', { userId: {} }, 'userId'],
    [
      'properties that are a list',
      '/v1/track',
      { userId: 'u', event: 'Seen', properties: [1] },
      'properties',
    ],
    ['traits that are text', '/v1/identify', { userId: 'u', traits: 'gold' }, 'traits'],
    ['an alias without the id before', '/v1/alias', { userId: 'u' }, 'previousId'],
    ['a messageId of 100 characters', '/v1/page', { userId: 'u', messageId: 'm'.repeat(100) }, 'messageId'],
    ['a batch that is none', '/v1/batch', { batch: {} }, 'batch'],
  ])('%s is 400, and says where', async (_what, path, body, where) => {
    const answer = await api.client('POST', path, body);
    expect(answer).toMatchObject(INVALID);
    const issues: { path: string; message: string }[] = answer.body.error.issues;
    expect(issues.map((issue) => issue.path)).toContain(where);
    expect(issues.every(({ message }) => message.length > 5)).toBe(true);
  });

  it('a query that can’t be answered is 400, too', async () => {
    for (const query of [
      '',
      '?anonymousId=',
      '?userId=u&limit=0',
      '?userId=u&limit=51',
      '?userId=u&limit=x',
    ]) {
      expect(await api.client('GET', `/v1/messages/next${query}`)).toMatchObject(INVALID);
    }
    for (const query of ['channel=pigeon', 'status=lost', 'limit=-1', 'cursor=nonsense']) {
      expect(await api.admin('GET', `deliveries?${query}`)).toMatchObject(INVALID);
    }
    expect(await api.client('GET', '/v1/messages/%E0%A4%A/valid')).toMatchObject(INVALID);
  });
});

it('of a batch with some bad events the good ones are applied and the others named', async () => {
  const userId = newUser();
  const answer = await api.client('POST', '/v1/batch', {
    batch: [
      track(userId),
      track(userId, { event: '' }),
      null,
      { type: 'dance', userId },
      track(userId, { messageId: 'm'.repeat(100) }),
      track(userId),
    ],
  });
  expect(answer).toMatchObject({
    status: 200,
    body: {
      success: true,
      rejected: [1, 2, 3, 4].map((index) => ({
        index,
        code: 'invalid_request',
        message: expect.stringMatching(/.{10}/),
      })),
    },
  });
  expect(await countOf(userId)).toBe(2);
});

describe('the limits', () => {
  it('a messageId of 99 characters and 2,500 events are taken', async () => {
    const userId = newUser();
    const batch = Array.from({ length: 2_500 }, (_, n) =>
      track(userId, { messageId: `${n}`.padStart(99, 'm') }),
    );
    expect((await api.client('POST', '/v1/batch', { batch })).text).toBe('{"success":true}');
  });

  it('2,501 events are 400, with the limit in words, and none is applied', async () => {
    const userId = newUser();
    const answer = await api.client('POST', '/v1/batch', { batch: Array(2_501).fill(track(userId)) });
    expect(answer).toMatchObject(INVALID);
    expect(answer.text).toContain('2500');
    expect(await countOf(userId)).toBe(0);
  });

  it('an event of 32 KB is taken, one byte more is 413', async () => {
    const [fits, tooLarge] = [newUser(), newUser()];
    const event = (userId: string) => (text: string) => track(userId, { properties: { text } });
    expect((await api.client('POST', '/v1/track', sized(event(fits), 32 * KB))).status).toBe(200);
    const answer = await api.client('POST', '/v1/track', sized(event(tooLarge), 32 * KB + 1));
    expect(answer).toMatchObject({ status: 413, body: { error: { code: 'too_large' } } });
    expect(answer.body.error.message).toContain('32 KB');
    expect([await countOf(fits), await countOf(tooLarge)]).toEqual([1, 0]);
  });

  it('in a batch the larger one is rejected alone', async () => {
    const userId = newUser();
    const large = sized((text) => track(userId, { properties: { text } }), 32 * KB + 1);
    const answer = await api.client('POST', '/v1/batch', { batch: [track(userId), large] });
    expect(answer).toMatchObject({ status: 200, body: { rejected: [{ index: 1, code: 'too_large' }] } });
    expect(await countOf(userId)).toBe(1);
  });

  it.each([
    ['plain', (body: string) => ({ raw: body })],
    [
      'gzip',
      (body: string) => ({ raw: new Uint8Array(gzipSync(body)), headers: { 'content-encoding': 'gzip' } }),
    ],
  ])('500 KB are taken, one byte more is 413: %s', async (_how, options) => {
    const [fits, tooLarge] = [newUser(), newUser()];
    const batch = (userId: string) => (filler: string) => ({ batch: [track(userId)], filler });
    const send = (userId: string, bytes: number) =>
      api.client('POST', '/v1/batch', undefined, options(JSON.stringify(sized(batch(userId), bytes))));
    expect((await send(fits, 500 * KB)).status).toBe(200);
    const answer = await send(tooLarge, 500 * KB + 1);
    expect(answer).toMatchObject({ status: 413, body: { error: { code: 'too_large' } } });
    expect(answer.body.error.message).toContain('500 KB');
    expect([await countOf(fits), await countOf(tooLarge)]).toEqual([1, 0]);
  });

  it('a bomb of gzip is 413, and the server lives on', async () => {
    const raw = new Uint8Array(gzipSync(Buffer.alloc(200 * KB * KB)));
    const headers = { 'content-encoding': 'gzip' };
    expect((await api.client('POST', '/v1/batch', undefined, { raw, headers })).status).toBe(413);
    expect((await api.stranger('GET', '/health')).status).toBe(200);
  });

  it('1,000 items are taken at once, 1,001 are 400', async () => {
    const items = (length: number) => Array.from({ length }, (_, n) => ({ id: `bulk-${n}`, title: 'Ring' }));
    expect(await api.server('POST', '/v1/items/batch', { items: items(1_000) })).toMatchObject({
      status: 200,
      body: { accepted: 1_000, rejected: [] },
    });
    const answer = await api.server('POST', '/v1/items/batch', { items: items(1_001) });
    expect(answer).toMatchObject(INVALID);
    expect(answer.text).toMatch(/1,?000/);
  });
});

it('what can’t be an item is 400, and the item stays as it was', async () => {
  await api.server('PUT', '/v1/items/steady', { title: 'Ring', price: 10 });
  for (const patch of [
    [],
    { price: '10' },
    { price: -1 },
    { stock: 1.5 },
    { id: 'another' },
    { currency: 'gold' },
  ]) {
    const answer = await api.server('PUT', '/v1/items/steady', patch);
    expect(answer, JSON.stringify(patch)).toMatchObject(INVALID);
    expect(answer.body.error.issues.length).toBeGreaterThan(0);
  }
  expect((await api.server('GET', '/v1/items/steady')).body).toMatchObject({ title: 'Ring', price: 10 });
});

describe('nonsense never gets a 500', () => {
  const deep = (levels: number): unknown => (levels === 0 ? 1 : { a: deep(levels - 1) });

  it.each([
    ['nested a hundred deep', { properties: deep(100) }],
    [
      'with the keys of every object',
      { properties: JSON.parse('{"__proto__": {"a": 1}, "constructor": 1}') },
    ],
    ['of a user named like a method', { userId: '__proto__' }],
    [
      'with NUL and half a surrogate',
      { userId: 'a\u0000b', event: '\ud800', properties: { '\udc00': '\u0000' } },
    ],
    ['with numbers beyond all bounds', { properties: { price: 1e308, quantity: -1e308, product_id: 1e21 } }],
    ['with dates that are none', { timestamp: 'yesterday', sentAt: {}, originalTimestamp: -1 }],
    [
      'with products that are none',
      { event: 'Order Completed', properties: { products: [null, 1, [], {}] } },
    ],
    ['with a context of the wrong types', { context: { locale: 1, timezone: [], page: 'x', library: null } }],
    [
      'with a time zone that there isn’t',
      { context: { timezone: 'Mars/Olympus', locale: 'xx-notalocale-1' } },
    ],
  ])('an event %s', async (_what, more) => {
    const answer = await api.client('POST', '/v1/track?sync=1', track(newUser(), more));
    expect([200, 400], answer.text).toContain(answer.status);
  });

  it.each([
    ['GET', '/v1/nothing-here', 404],
    ['DELETE', '/v1/track', 405],
    ['GET', '/v1/projects/%00/settings', 401],
    ['POST', '/v1//track', 404],
  ])('%s %s is %i', async (method, path, status) => {
    expect(await api.stranger(method, path)).toMatchObject({ status, body: { error: {} } });
  });
});

it('an unknown item, profile or path is 404', async () => {
  const answers = [
    await api.server('GET', '/v1/items/unheard-of'),
    await api.server('DELETE', '/v1/items/unheard-of'),
    await api.server('GET', '/v1/profiles/unheard-of'),
    await api.server('GET', '/v1/profiles/anon:unheard-of'),
    await api.admin('GET', 'profiles/unheard-of'),
    await api.admin('GET', 'nothing-here'),
  ];
  for (const answer of answers) {
    expect(answer).toMatchObject({ status: 404, body: { error: { code: 'not_found' } } });
  }
});

it('a page of another origin can read a refusal', async () => {
  const headers = { origin: 'https://shop.example.com', authorization: basic('wk_wrong') };
  const answer = await api.stranger('POST', '/v1/track', track('u1'), { headers });
  expect(answer.status).toBe(401);
  expect(answer.headers.get('access-control-allow-origin')).toBe('https://shop.example.com');
});
