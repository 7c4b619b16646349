import { describe, expect, test } from 'vitest';
import { CLIENT, callApi, ingestHarness, profileView } from '../../tests/support/ingest-harness.ts';

const AT = '2026-11-20T03:00:00.000Z';

describe('/v1/preferences', () => {
  const consents = [{ channel: 'push', purpose: 'marketing', granted: false, at: '2001-01-01' }];

  test('are the user’s own consents', async () => {
    const harness = ingestHarness('off');
    harness.answer(await harness.ref('user', 'u1'), { describe: () => profileView(AT) });
    const { body } = await callApi(harness, 'GET', '/v1/preferences?userId=u1', undefined, CLIENT);
    expect(body.consents).toMatchObject([{ channel: 'push', granted: true, at: AT }]);
    const { body: none } = await callApi(harness, 'GET', '/v1/preferences?anonymousId=a9', undefined, CLIENT);
    expect(none).toEqual({ consents: [] });
  });

  test('changed by the user, they count from now', async () => {
    const harness = ingestHarness();
    const body = { anonymousId: 'a1', consents };
    expect((await callApi(harness, 'PUT', '/v1/preferences', body, CLIENT)).status).toBe(200);
    const event = harness.requests[0]?.events[0];
    expect(event).toMatchObject({
      name: '$consent',
      origin: 'client',
      properties: { channel: 'push', purpose: 'marketing', granted: false, source: 'preferences' },
    });
    expect(event?.timestamp).toBe(event?.receivedAt);
  });

  test.each(['GET', 'PUT'])('%s of a known user’s without a token is 401', async (method) => {
    const harness = ingestHarness('optional');
    const body = method === 'PUT' ? { consents } : undefined;
    expect((await callApi(harness, method, '/v1/preferences?userId=u1', body, CLIENT)).status).toBe(401);
    expect(harness.requests).toEqual([]);
  });
});
