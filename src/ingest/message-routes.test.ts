import { SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { basic, due, ingestHarness } from '../../tests/support/ingest-harness.ts';

const SECRET = 'user-token-secret-of-at-least-32-bytes';
const REQUIRED = { cursor: '0', messages: [], next: 60, identity: 'token_required' };

function get(harness: ReturnType<typeof ingestHarness>, path: string, headers = {}) {
  return harness.fetch(path, { headers: { authorization: basic('wk_test'), ...headers } });
}

describe('GET /v1/messages/next', () => {
  test('answers with what is due, in the contract’s shape', async () => {
    const harness = ingestHarness('off');
    harness.answer(await harness.ref('user', 'u1'), { next: () => ({ kind: 'done', due: due('msg_1') }) });
    const response = await get(harness, '/v1/messages/next?userId=u1&surface=top&limit=5');
    expect((await response.json()) as unknown).toMatchObject({
      cursor: 'c7',
      messages: [{ id: 'msg_1', createdAt: '2026-11-24T01:02:03.000Z', content: { html: null } }],
      next: 30,
    });
    expect(harness.queries).toMatchObject([{ query: { surface: 'top', limit: 5 } }]);
  });

  test('asks for one in-app message unless told otherwise, and nothing of ingest', async () => {
    const harness = ingestHarness();
    const response = await get(harness, '/v1/messages/next?anonymousId=a1');
    expect(await response.json()).toEqual({ cursor: '0', messages: [], next: 60 });
    expect(harness.queries).toMatchObject([{ query: { inAppLimit: 1 } }]);
    expect(harness.requests).toEqual([]);
  });

  test.each(['limit=0', 'limit=51', 'limit=1.5', 'limit=-1', 'limit=', `surface=${'s'.repeat(101)}`])(
    'answers 400 to %s',
    async (query) => {
      const response = await get(ingestHarness(), `/v1/messages/next?anonymousId=a1&${query}`);
      expect(response.status).toBe(400);
    },
  );

  test.each(['', '?userId=', `?anonymousId=${'x'.repeat(513)}`])(
    'answers 400 where %j names nobody',
    async (query) => {
      const response = await get(ingestHarness(), `/v1/messages/next${query}`);
      expect(response.status).toBe(400);
    },
  );

  test('a known user’s need the user’s token or the server key', async () => {
    const harness = ingestHarness('optional', { USER_TOKEN_SECRET: SECRET });
    const path = '/v1/messages/next?userId=u1';
    const token = (sub: string) =>
      new SignJWT({ sub, exp: Math.floor(Date.now() / 1000) + 60 })
        .setProtectedHeader({ alg: 'HS256' })
        .sign(new TextEncoder().encode(SECRET));
    expect(await (await get(harness, path)).json()).toEqual(REQUIRED);
    expect(harness.queries).toEqual([]);
    expect((await get(harness, path, { 'x-user-token': await token('u2') })).status).toBe(401);
    expect((await get(harness, path, { 'x-user-token': 'x' })).status).toBe(401);
    const own = await get(harness, path, { 'x-user-token': await token('u1') });
    expect(await own.json()).not.toHaveProperty('identity');
    const server = await get(harness, path, { authorization: 'Bearer sk_test' });
    expect(await server.json()).not.toHaveProperty('identity');
    expect(harness.queries).toHaveLength(2);
  });

  test.each([
    ['optional', REQUIRED],
    ['off', { cursor: 'c7', messages: [expect.objectContaining({ id: 'msg_1' })], next: 30 }],
  ] as const)('a visitor who has become a user is answered, with identity %s, %o', async (mode, answer) => {
    const harness = ingestHarness(mode);
    const user = await harness.ref('user', 'u1');
    harness.answer(await harness.ref('anonymous', 'a1'), { next: () => ({ kind: 'moved', to: user }) });
    harness.answer(user, { next: () => ({ kind: 'done', due: due('msg_1') }) });
    const response = await get(harness, '/v1/messages/next?anonymousId=a1');
    expect(await response.json()).toEqual(answer);
  });

  test('an unavailable profile is 503', async () => {
    const harness = ingestHarness();
    harness.answer(await harness.ref('anonymous', 'a1'), {
      next: () => ({ kind: 'unavailable', retryAfterSeconds: 3 }),
    });
    const response = await get(harness, '/v1/messages/next?anonymousId=a1');
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('3');
  });
});

describe('GET /v1/messages/:id/valid', () => {
  test.each([
    ['msg_valid', true],
    ['msg_other', false],
    ['%00', false],
  ])('of %s is %j, and wakes no profile', async (id, valid) => {
    const harness = ingestHarness();
    const response = await get(harness, `/v1/messages/${id}/valid`);
    expect(await response.json()).toEqual({ valid });
    expect(harness.queries).toEqual([]);
  });
});
