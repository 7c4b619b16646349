import { describe, expect, test } from 'vitest';
import { basic, ingestHarness } from '../../tests/support/ingest-harness.ts';
import { MAX_BODY_BYTES } from '../http/read-body.ts';
import { MAX_BATCH_EVENTS, MAX_EVENT_BYTES } from '../protocol/events.ts';

const track = (more: object = {}) => ({
  type: 'track',
  event: 'X',
  anonymousId: 'a1',
  messageId: 'm1',
  ...more,
});

describe('paths', () => {
  test.each([
    ['/v1/track', 'X'],
    ['/v1/t', 'X'],
    ['/v1/identify', '$identify'],
    ['/v1/i', '$identify'],
    ['/v1/page', '$page'],
    ['/v1/p', '$page'],
    ['/v1/screen', '$screen'],
    ['/v1/s', '$screen'],
    ['/v1/group', '$group'],
    ['/v1/g', '$group'],
    ['/v1/alias', '$alias'],
    ['/v1/a', '$alias'],
  ])('POST %s takes one call', async (path, name) => {
    const { post, requests } = ingestHarness();
    const body = { event: 'X', userId: 'u1', previousId: 'a0', groupId: 'g1', messageId: 'm1' };
    const answer = await post(path, body);
    expect(answer).toMatchObject({ status: 200, body: { success: true } });
    expect(requests).toMatchObject([{ profile: { kind: 'user', id: 'u1' }, events: [{ name }] }]);
  });

  test.each(['/v1/batch', '/v1/b', '/v1/import', '/beacon/v1/batch', '/v1/batch/'])(
    'POST %s takes a batch',
    async (path) => {
      const { post, requests } = ingestHarness();
      const answer = await post(path, { batch: [track(), { type: 'page', anonymousId: 'a1' }] });
      expect(answer).toMatchObject({ status: 200, body: { success: true } });
      expect(requests[0]?.events.map(({ name }) => name)).toEqual(['X', '$page']);
    },
  );

  test('only an import’s events are imported', async () => {
    const { post, requests } = ingestHarness();
    await post('/v1/import', { batch: [track()] });
    await post('/v1/batch', { batch: [track()] });
    expect(requests.map(({ events }) => events[0]?.imported)).toEqual([true, undefined]);
  });

  test('the metrics of analytics.js are taken and forgotten', async () => {
    const { fetch, requests } = ingestHarness();
    const response = await fetch('/v1/m', { method: 'POST', body: '{"series":[]}' });
    expect(await response.json()).toEqual({ success: true });
    expect(requests).toEqual([]);
  });

  test('a GET is 405', async () => {
    expect((await ingestHarness().fetch('/v1/track')).status).toBe(405);
  });
});

describe('where the key stands', () => {
  const send = (url: string, authorization: string | null, body: object) => {
    const harness = ingestHarness();
    const headers = authorization ? { authorization } : undefined;
    return harness.fetch(url, { method: 'POST', body: JSON.stringify(body), ...(headers && { headers }) });
  };

  test.each([
    ['Basic', '/v1/track', basic('wk_test'), {}, 200],
    ['Basic without a colon', '/v1/track', `Basic ${btoa('wk_test')}`, {}, 200],
    ['Basic with a server key', '/v1/track', basic('sk_test'), {}, 200],
    ['Bearer', '/v1/track', 'Bearer sk_test', {}, 200],
    ['the body', '/v1/track', null, { writeKey: 'wk_test' }, 200],
    ['the query', '/v1/track?writeKey=wk_test', null, {}, 200],
    ['the header before a wrong one in the body', '/v1/track', basic('wk_test'), { writeKey: 'no' }, 200],
    ['a wrong header before a right one in the body', '/v1/track', basic('no'), { writeKey: 'wk_test' }, 401],
    ['the body before a wrong one in the query', '/v1/track?writeKey=no', null, { writeKey: 'wk_test' }, 200],
    ['a header that names no key, then the body', '/v1/track', basic(''), { writeKey: 'wk_test' }, 200],
    ['nowhere', '/v1/track', null, {}, 401],
    ['an unknown one', '/v1/track', null, { writeKey: 'unknown' }, 401],
    ['an admin token', '/v1/track', 'Bearer at_test', {}, 403],
  ])('%s', async (_where, url, authorization, body, status) => {
    expect((await send(url, authorization, { ...track(), ...body })).status).toBe(status);
  });

  test('says who vouches for the events', async () => {
    const { post, requests } = ingestHarness();
    await post('/v1/track', track());
    await post('/v1/track', track(), { authorization: 'Bearer sk_test' });
    expect(requests.map(({ events }) => events[0]?.origin)).toEqual(['client', 'server']);
  });
});

describe('bad input', () => {
  test('a bad call is 400 with the places, and nothing is applied', async () => {
    const { post, requests } = ingestHarness();
    const { status, body } = await post('/v1/track', { event: '', messageId: 'm'.repeat(100) });
    expect(status).toBe(400);
    expect(body).toMatchObject({
      error: {
        code: 'invalid_request',
        issues: [{ path: 'messageId' }, { path: 'event' }, { path: 'userId' }],
      },
    });
    expect(requests).toEqual([]);
  });

  test.each(['', '[', '"x"', '[]', 'null', '7'])('the body %j is 400', async (text) => {
    const { post } = ingestHarness();
    expect((await post('/v1/track', text)).status).toBe(400);
    expect((await post('/v1/batch', text)).status).toBe(400);
  });

  test('the good events of a batch are applied, the bad ones are listed', async () => {
    const { post, requests } = ingestHarness();
    const { status, body } = await post('/v1/batch', {
      batch: [
        track({ messageId: 'good' }),
        track({ event: '$session_start' }),
        null,
        { type: 'charge', anonymousId: 'a1' },
        track({ properties: { text: 'x'.repeat(MAX_EVENT_BYTES) } }),
        track({ messageId: 'good too' }),
      ],
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      success: true,
      rejected: [
        { index: 1, code: 'invalid_request', message: expect.stringContaining('$') },
        { index: 2, code: 'invalid_request' },
        { index: 3, code: 'invalid_request', message: expect.stringContaining('identify') },
        { index: 4, code: 'too_large', message: expect.stringContaining('32 KB') },
      ],
    });
    expect(requests[0]?.events.map(({ messageId }) => messageId)).toEqual(['good', 'good too']);
  });

  test('an event of a lone call that is too large is 413', async () => {
    const { post } = ingestHarness();
    const large = track({ properties: { text: 'x'.repeat(MAX_EVENT_BYTES) } });
    expect((await post('/v1/track', large)).status).toBe(413);
  });

  test('a batch may hold 2,500 events and not one more', async () => {
    const { post, requests } = ingestHarness();
    const batch = Array.from({ length: MAX_BATCH_EVENTS }, (_, i) => track({ messageId: `m${i}` }));
    expect((await post('/v1/batch', { batch })).status).toBe(200);
    expect(requests[0]?.events).toHaveLength(MAX_BATCH_EVENTS);
    const { status, body } = await post('/v1/batch', { batch: [...batch, track()] });
    expect(status).toBe(400);
    expect(body).toMatchObject({ error: { message: expect.stringContaining('2500') } });
    expect(requests).toHaveLength(1);
  });

  test('a body over 500 KB is 413', async () => {
    const { post, requests } = ingestHarness();
    expect((await post('/v1/batch', ' '.repeat(MAX_BODY_BYTES + 1))).status).toBe(413);
    expect(requests).toEqual([]);
  });

  test('a shared context that would be multiplied by the events is bounded', async () => {
    const { post } = ingestHarness();
    const batch = [track()];
    const context = (letters: number) => ({ app: 'x'.repeat(letters) });
    expect((await post('/v1/batch', { batch, context: context(8_000) })).status).toBe(200);
    expect((await post('/v1/batch', { batch, context: context(9_000) })).status).toBe(400);
  });

  test('an empty batch is a success', async () => {
    expect(await ingestHarness().post('/v1/batch', { batch: [] })).toMatchObject({
      status: 200,
      body: { success: true },
    });
  });
});

describe('an outage of the database', () => {
  test.each(['keys', 'config'] as const)('of %s is 503, and nothing is applied', async (what) => {
    const { post, requests, outage, faults } = ingestHarness();
    outage.of = what;
    const { status, headers, body } = await post('/v1/track', track());
    expect(status).toBe(503);
    expect(headers.get('retry-after')).toBe('2');
    expect(JSON.stringify(body)).not.toContain('D1');
    expect(requests).toEqual([]);
    expect(faults).toMatchObject([{ error: { message: 'D1 is down' } }]);
  });
});

describe('?sync=1', () => {
  test('answers with the messages of the profile of the last accepted event', async () => {
    const { post, requests } = ingestHarness('off');
    const batch = [
      track({ anonymousId: 'a1' }),
      { type: 'track', event: 'X', userId: 'u1' },
      track({ event: '$no' }),
    ];
    const { body } = await post('/v1/batch?sync=1&surface=top&limit=3', { batch });
    expect(requests.map(({ read }) => read)).toEqual([undefined, { surface: 'top', limit: 3 }]);
    expect(body).toEqual({
      success: true,
      cursor: 'c7',
      messages: [
        {
          id: 'msg_1',
          trigger: 'signup-nudge',
          version: 3,
          variant: null,
          channel: 'in_app',
          surface: 'default',
          layout: 'modal',
          priority: 50,
          createdAt: '2026-11-24T01:02:03.000Z',
          expiresAt: '2026-11-24T01:32:03.000Z',
          content: {
            locale: 'ko',
            title: '가입하세요',
            body: '혜택이 있어요',
            image: null,
            buttons: [],
            html: null,
          },
        },
      ],
      next: 30,
      rejected: [{ index: 2, code: 'invalid_request', message: expect.any(String) }],
    });
  });

  test('asks for no message without it', async () => {
    const { post, requests } = ingestHarness();
    await post('/v1/track', track());
    expect(requests[0]).not.toHaveProperty('read');
  });

  test('keeps its shape where no event was accepted', async () => {
    const { body } = await ingestHarness().post('/v1/batch?sync=1', { batch: [] });
    expect(body).toEqual({ success: true, cursor: '0', messages: [], next: 60 });
  });

  test('a wrong limit is 400 before anything is applied', async () => {
    const { post, requests } = ingestHarness();
    expect((await post('/v1/track?sync=1&limit=51', track())).status).toBe(400);
    expect(requests).toEqual([]);
  });
});
