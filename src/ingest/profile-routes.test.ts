import { describe, expect, test } from 'vitest';
import { CLIENT, callApi, ingestHarness, profileView } from '../../tests/support/ingest-harness.ts';

const AT = '2026-11-20T03:00:00.000Z';

describe('GET /v1/profiles/:userId', () => {
  const answer = {
    userId: 'u1',
    anonymousIds: ['a1'],
    traits: { tier: 'VIP' },
    firstSeenAt: AT,
    lastSeenAt: AT,
    sessions: { count: 0, lastAt: null },
    consents: [
      { channel: 'push', purpose: 'marketing', granted: true, at: AT, source: 'signup', textVersion: null },
    ],
    relations: [{ relation: 'liked', itemId: 'r1', since: AT, reference: null }],
  };

  test('answers what is known, without the object’s name', async () => {
    const harness = ingestHarness();
    harness.answer(await harness.ref('user', 'u1'), { describe: () => profileView(AT) });
    expect(await callApi(harness, 'GET', '/v1/profiles/u1')).toEqual({ status: 200, body: answer });
  });

  test('an anonymous id that has become a user’s describes that user', async () => {
    const harness = ingestHarness();
    const user = await harness.ref('user', 'u1');
    harness.answer(user, { describe: () => profileView(AT) });
    harness.answer(await harness.ref('anonymous', 'a1'), { next: () => ({ kind: 'moved', to: user }) });
    expect(await callApi(harness, 'GET', '/v1/profiles/anon:a1')).toEqual({ status: 200, body: answer });
  });

  test('an unknown id is 404, a nameless one 400', async () => {
    expect((await callApi(ingestHarness(), 'GET', '/v1/profiles/u9')).status).toBe(404);
    expect((await callApi(ingestHarness(), 'GET', '/v1/profiles/anon:a9')).status).toBe(404);
    expect((await callApi(ingestHarness(), 'GET', '/v1/profiles/anon:')).status).toBe(400);
  });

  test('is the server’s alone', async () => {
    expect((await callApi(ingestHarness(), 'GET', '/v1/profiles/u1', undefined, CLIENT)).status).toBe(403);
  });
});
