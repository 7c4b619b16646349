import { describe, expect, test } from 'vitest';
import { CLIENT, callApi, ingestHarness, SERVER } from '../../tests/support/ingest-harness.ts';

describe('devices', () => {
  const fcm = { anonymousId: 'a1', type: 'fcm', token: 't1', platform: 'android', locale: 'ko-KR' };
  const subscription = { endpoint: 'https://push.test/x', keys: { p256dh: 'p', auth: 'a' } };

  test('registering one is an event, and the id is the address’s', async () => {
    const harness = ingestHarness();
    const first = await callApi(harness, 'POST', '/v1/devices', fcm, CLIENT);
    const again = await callApi(harness, 'POST', '/v1/devices', { ...fcm, locale: 'en' }, CLIENT);
    expect(first).toEqual({ status: 200, body: { id: expect.stringMatching(/^dev_[0-9a-f]{26}$/) } });
    expect(again).toEqual(first);
    expect(harness.requests[0]).toMatchObject({
      profile: { kind: 'anonymous', id: 'a1' },
      events: [
        {
          name: '$device',
          origin: 'client',
          properties: { id: first.body.id, type: 'fcm', token: 't1', platform: 'android', locale: 'ko-KR' },
        },
      ],
    });
  });

  test('a web push subscription keeps its keys', async () => {
    const harness = ingestHarness();
    await callApi(
      harness,
      'POST',
      '/v1/devices',
      { anonymousId: 'a1', type: 'web_push', subscription },
      CLIENT,
    );
    expect(harness.requests[0]?.events[0]?.properties).toMatchObject({ type: 'web_push', subscription });
  });

  test.each([
    [{ ...fcm, type: 'pager' }, 'type'],
    [{ ...fcm, token: undefined }, 'token'],
    [{ anonymousId: 'a1', type: 'web_push' }, 'subscription'],
    [
      { anonymousId: 'a1', type: 'web_push', subscription: { ...subscription, endpoint: 'http://x.test' } },
      'subscription.endpoint',
    ],
    [{ ...fcm, anonymousId: undefined }, 'userId'],
  ])('%o is 400 at %s', async (body, path) => {
    const answer = await callApi(ingestHarness(), 'POST', '/v1/devices', body, CLIENT);
    expect(answer).toMatchObject({ status: 400, body: { error: { issues: [{ path }] } } });
  });

  test.each([
    ['query', '/v1/devices/dev_1?anonymousId=a1', undefined],
    ['body', '/v1/devices/dev_1', { anonymousId: 'a1' }],
  ])('is removed for whom the %s names', async (_where, path, body) => {
    const harness = ingestHarness();
    expect((await callApi(harness, 'DELETE', path, body, CLIENT)).status).toBe(200);
    expect(harness.requests).toMatchObject([
      { profile: { id: 'a1' }, events: [{ name: '$device_removed', properties: { id: 'dev_1' } }] },
    ]);
  });

  test('a known user’s needs the user’s token or the server key', async () => {
    const harness = ingestHarness('optional');
    const body = { ...fcm, userId: 'u1' };
    const refused = await callApi(harness, 'POST', '/v1/devices', body, CLIENT);
    expect(refused).toMatchObject({ status: 401, body: { error: { code: 'token_required' } } });
    expect(harness.requests).toEqual([]);
    expect((await callApi(harness, 'POST', '/v1/devices', body, SERVER)).status).toBe(200);
  });

  test('is not sent on to the user that a visitor has become', async () => {
    const harness = ingestHarness('optional');
    const to = await harness.ref('user', 'u1');
    harness.answer(await harness.ref('anonymous', 'a1'), { ingest: () => ({ kind: 'moved', to }) });
    expect((await callApi(harness, 'POST', '/v1/devices', fcm, CLIENT)).status).toBe(401);
    expect((await callApi(harness, 'POST', '/v1/devices', fcm, CLIENT)).status).toBe(401);
    expect(harness.requests.map(({ profile }) => profile.kind)).toEqual(['anonymous']);
    expect((await callApi(harness, 'POST', '/v1/devices', fcm, SERVER)).status).toBe(200);
  });
});
