import { describe, expect, test } from 'vitest';
import { callApi, ingestHarness } from '../../tests/support/ingest-harness.ts';

const AT = '2026-11-20T03:00:00.000Z';

describe('PUT /v1/profiles/:userId/consents', () => {
  const consent = { channel: 'push', purpose: 'marketing', granted: true };

  test('is an event of the profile, dated by `at`', async () => {
    const harness = ingestHarness();
    const body = { ...consent, at: AT, source: 'signup', textVersion: 'v2' };
    expect(await callApi(harness, 'PUT', '/v1/profiles/u1/consents', body)).toEqual({
      status: 200,
      body: { success: true },
    });
    expect(harness.requests).toMatchObject([
      {
        profile: { kind: 'user', id: 'u1' },
        events: [
          {
            name: '$consent',
            origin: 'server',
            timestamp: Date.parse(AT),
            properties: { ...consent, source: 'signup', textVersion: 'v2' },
          },
        ],
      },
    ]);
  });

  test('said again with the same date it is the same event, without a date a new one', async () => {
    const harness = ingestHarness();
    const dated = { ...consent, at: AT };
    const bodies = [dated, dated, { ...dated, granted: false }, consent, consent];
    for (const body of bodies) await callApi(harness, 'PUT', '/v1/profiles/u1/consents', body);
    const ids = harness.requests.map(({ events }) => events[0]?.messageId);
    expect(ids[0]).toBe(ids[1]);
    expect(new Set(ids).size).toBe(4);
    expect(ids.every((id) => id !== undefined && id.length < 100)).toBe(true);
  });

  test('several are applied by one request', async () => {
    const harness = ingestHarness();
    const list = [consent, { ...consent, purpose: 'marketing_night' }];
    await callApi(harness, 'PUT', '/v1/profiles/anon:a1/consents', list);
    expect(harness.requests).toMatchObject([{ profile: { kind: 'anonymous', id: 'a1' } }]);
    expect(harness.requests[0]?.events).toHaveLength(2);
  });

  test('a date in the future counts from now', async () => {
    const harness = ingestHarness();
    await callApi(harness, 'PUT', '/v1/profiles/u1/consents', { ...consent, at: '2999-01-01' });
    const event = harness.requests[0]?.events[0];
    expect(event?.timestamp).toBe(event?.receivedAt);
  });

  test.each([
    ['channel', { ...consent, channel: 'fax' }, 'push, web_push, email, sms, lms, kakao, line, whatsapp'],
    ['purpose', { ...consent, purpose: 'spam' }, 'marketing, marketing_night, location'],
    ['granted', { ...consent, granted: 'yes' }, 'true or false'],
    ['at', { ...consent, at: 'yesterday' }, 'ISO 8601'],
    ['1.channel', [consent, { ...consent, channel: 'fax' }], 'whatsapp'],
  ])('a wrong %s is 400, says what is right, and nothing is applied', async (path, body, right) => {
    const harness = ingestHarness();
    const answer = await callApi(harness, 'PUT', '/v1/profiles/u1/consents', body);
    expect(answer).toMatchObject({
      status: 400,
      body: { error: { issues: [{ path, message: expect.stringContaining(right) }] } },
    });
    expect(harness.requests).toEqual([]);
  });
});

describe('POST /v1/consents/batch', () => {
  const consent = { userId: 'u1', channel: 'email', purpose: 'marketing', granted: true, at: AT };

  test('applies the good ones by profile and lists the bad ones', async () => {
    const harness = ingestHarness();
    const consents = [
      consent,
      { ...consent, channel: 'fax' },
      { ...consent, userId: 'anon:a1' },
      { ...consent, channel: 'sms' },
      { ...consent, userId: '' },
      { ...consent, userId: 'anon:' },
      null,
    ];
    const { status, body } = await callApi(harness, 'POST', '/v1/consents/batch', { consents });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      success: true,
      rejected: [1, 4, 5, 6].map((index) => ({ index, code: 'invalid_request' })),
    });
    expect(harness.requests.map(({ profile, events }) => [profile.id, events.length])).toEqual([
      ['u1', 2],
      ['a1', 1],
    ]);
  });

  test('holds 1,000 and not one more', async () => {
    const harness = ingestHarness();
    const consents = Array.from({ length: 1_000 }, () => consent);
    expect((await callApi(harness, 'POST', '/v1/consents/batch', { consents })).status).toBe(200);
    const answer = await callApi(harness, 'POST', '/v1/consents/batch', { consents: [...consents, consent] });
    expect(answer.status).toBe(400);
  });
});
