import { describe, expect, test } from 'vitest';
import { due, ingestHarness } from '../../tests/support/ingest-harness.ts';

const of = (ids: object, messageId: string) => ({ type: 'track', event: 'X', messageId, ...ids });
const a1 = { anonymousId: 'a1' };
const u1 = { userId: 'u1' };

describe('which profile', () => {
  test('gets one request with its events in order, userId before anonymousId', async () => {
    const { post, requests } = ingestHarness();
    await post('/v1/batch', {
      batch: [of(a1, '1'), of({ ...a1, ...u1 }, '2'), of(a1, '3'), of(u1, '4'), of({ userId: 'u2' }, '5')],
    });
    expect(
      requests.map(({ profile, events }) => [
        profile.kind,
        profile.id,
        events.map(({ messageId }) => messageId).join(' '),
      ]),
    ).toEqual([
      ['anonymous', 'a1', '1 3'],
      ['user', 'u2', '5'],
      ['user', 'u1', '2 4'],
    ]);
  });

  test('an event with both ids links them, once', async () => {
    const { post, requests, ref } = ingestHarness();
    await post('/v1/batch', { batch: [of({ ...a1, ...u1 }, '1'), of({ ...a1, ...u1 }, '2')] });
    expect(requests[0]?.links).toEqual([await ref('anonymous', 'a1')]);
  });

  test('an alias links who the user was', async () => {
    const { post, requests, ref } = ingestHarness();
    await post('/v1/alias', { userId: 'u1', previousId: 'a0', anonymousId: 'a1' });
    expect(requests[0]?.links).toEqual([await ref('anonymous', 'a1'), await ref('anonymous', 'a0')]);
  });

  test('the same id as a user’s and as a visitor’s is two profiles', async () => {
    const { post, requests } = ingestHarness();
    await post('/v1/batch', { batch: [of({ userId: 'x' }, '1'), of({ anonymousId: 'x' }, '2')] });
    expect(new Set(requests.map(({ profile }) => profile.key)).size).toBe(2);
  });
});

describe('order', () => {
  test('a profile that is linked in the same request has committed before the one that links it', async () => {
    const { post, answer, ref } = ingestHarness();
    const log: string[] = [];
    answer(await ref('anonymous', 'a1'), {
      async ingest() {
        log.push('visitor begins');
        await new Promise((resolve) => setTimeout(resolve, 5));
        log.push('visitor committed');
        return { kind: 'done' };
      },
    });
    answer(await ref('user', 'u1'), {
      ingest() {
        log.push('user begins');
        return { kind: 'done' };
      },
    });
    await post('/v1/batch', { batch: [of({ ...a1, ...u1 }, '1'), of(a1, '2')] });
    expect(log).toEqual(['visitor begins', 'visitor committed', 'user begins']);
  });

  test('at most 40 profiles are asked at a time', async () => {
    const { post, answer, ref } = ingestHarness();
    let running = 0;
    let most = 0;
    const ids = Array.from({ length: 120 }, (_, i) => `u${i}`);
    for (const id of ids) {
      answer(await ref('user', id), {
        async ingest() {
          running += 1;
          most = Math.max(most, running);
          await new Promise((resolve) => setImmediate(resolve));
          running -= 1;
          return { kind: 'done' };
        },
      });
    }
    await post('/v1/batch', { batch: ids.map((userId) => of({ userId }, userId)) });
    expect(most).toBe(40);
  });
});

describe('a profile that can’t commit', () => {
  test('makes the whole answer 503 with Retry-After, after the others have had theirs', async () => {
    const { post, answer, ref, requests } = ingestHarness();
    answer(await ref('user', 'u1'), { ingest: () => ({ kind: 'unavailable', retryAfterSeconds: 7 }) });
    const { status, headers, body } = await post('/v1/batch', {
      batch: [of(u1, '1'), of({ userId: 'u2' }, '2')],
    });
    expect(status).toBe(503);
    expect(headers.get('retry-after')).toBe('7');
    expect(body).toMatchObject({ error: { code: 'unavailable' } });
    expect(requests.map(({ profile }) => profile.id)).toEqual(['u1', 'u2']);
  });

  test('is not linked by a user who could', async () => {
    const { post, answer, ref, requests } = ingestHarness();
    answer(await ref('anonymous', 'a1'), { ingest: () => ({ kind: 'unavailable', retryAfterSeconds: 1 }) });
    await post('/v1/batch', { batch: [of(a1, '1'), of({ ...a1, ...u1 }, '2')] });
    expect(requests.map(({ profile }) => profile.kind)).toEqual(['anonymous']);
  });

  test('and one that a newer build answers for in words of its own, is 503 as well', async () => {
    const { post, answer, ref } = ingestHarness();
    answer(await ref('user', 'u1'), { ingest: () => ({ kind: 'postponed' }) as never });
    const { status, headers } = await post('/v1/track', of(u1, '1'));
    expect([status, headers.get('retry-after')]).toEqual([503, '1']);
  });

  test('is asked once more where the platform says so, with the same request', async () => {
    const { post, answer, ref, requests } = ingestHarness();
    let attempts = 0;
    answer(await ref('user', 'u1'), {
      ingest() {
        attempts += 1;
        if (attempts === 1) throw Object.assign(new Error('reset'), { retryable: true });
        return { kind: 'done' };
      },
    });
    expect((await post('/v1/track', of(u1, '1'))).status).toBe(200);
    expect(requests).toHaveLength(2);
    expect(requests[0]).toEqual(requests[1]);
  });

  test.each([
    ['overloaded', { retryable: true, overloaded: true }, 1],
    ['broken', {}, 1],
    ['broken twice', { retryable: true }, 2],
  ])('and %s is 503, with the cause reported and not answered', async (_how, flags, attempts) => {
    const { post, answer, ref, requests, faults } = ingestHarness();
    answer(await ref('user', 'u1'), {
      ingest() {
        throw Object.assign(new Error('inside'), flags);
      },
    });
    const { status, headers, body } = await post('/v1/track', of(u1, '1'));
    expect(status).toBe(503);
    expect(headers.get('retry-after')).toBe('2');
    expect(JSON.stringify(body)).not.toContain('inside');
    expect(requests).toHaveLength(attempts);
    expect(faults).toMatchObject([{ error: { message: 'inside' } }]);
  });
});

describe('a visitor who has become a user', () => {
  async function moved(mode: 'off' | 'optional' = 'optional') {
    const harness = ingestHarness(mode);
    const user = await harness.ref('user', 'u1');
    harness.answer(await harness.ref('anonymous', 'a1'), { ingest: () => ({ kind: 'moved', to: user }) });
    harness.answer(user, { ingest: ({ read }) => ({ kind: 'done', ...(read && { due: due('msg_1') }) }) });
    return harness;
  }

  test('has the events sent on', async () => {
    const { post, requests, ref } = await moved();
    expect(await post('/v1/track', of(a1, '1'))).toMatchObject({ status: 200, body: { success: true } });
    expect(requests[1]).toEqual({
      profile: await ref('user', 'u1'),
      events: requests[0]?.events,
      // The merge may have died half-way: this event then completes it.
      links: [await ref('anonymous', 'a1')],
      forwarded: true,
    });
  });

  test('is found at once from then on', async () => {
    const { post, requests } = await moved();
    await post('/v1/track', of(a1, '1'));
    await post('/v1/track', of(a1, '2'));
    expect(requests.map(({ profile }) => profile.id)).toEqual(['a1', 'u1', 'u1']);
    expect(requests[2]).toMatchObject({ forwarded: true, events: [{ messageId: '2' }] });
  });

  test('is not answered with the user’s messages, found at once or not', async () => {
    const { post, requests } = await moved();
    const answer = { success: true, cursor: '0', messages: [], next: 60, identity: 'token_required' };
    expect((await post('/v1/track?sync=1', of(a1, '1'))).body).toEqual(answer);
    expect((await post('/v1/track?sync=1', of(a1, '2'))).body).toEqual(answer);
    expect(requests.filter(({ profile }) => profile.kind === 'user').map(({ read }) => read)).toEqual([
      undefined,
      undefined,
    ]);
  });

  test('is answered with them where identity is off', async () => {
    const { post } = await moved('off');
    expect((await post('/v1/track?sync=1', of(a1, '1'))).body).toMatchObject({ messages: [{ id: 'msg_1' }] });
  });

  test('is a visitor again once the user was erased: what was sent on comes back, and nothing is sent there again', async () => {
    const { post, answer, ref, requests } = await moved();
    await post('/v1/track', of(a1, '1'));
    answer(await ref('user', 'u1'), { ingest: () => ({ kind: 'stale' }) });
    answer(await ref('anonymous', 'a1'), {});
    for (const id of ['2', '3']) expect((await post('/v1/track', of(a1, id))).status).toBe(200);
    expect(requests.slice(2).map(({ profile, forwarded }) => [profile.id, forwarded])).toEqual([
      ['u1', true],
      ['a1', undefined],
      ['a1', undefined],
    ]);
  });

  test('is not followed for ever', async () => {
    const { post, answer, ref, requests } = await moved();
    const [a, b] = [await ref('anonymous', 'a1'), await ref('user', 'u1')];
    answer(b, { ingest: () => ({ kind: 'moved', to: a }) });
    expect((await post('/v1/track', of(a1, '1'))).status).toBe(503);
    expect(requests.length).toBeLessThan(5);
  });
});
