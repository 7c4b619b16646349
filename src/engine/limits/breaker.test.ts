import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { admit, type Breaker, closedBreaker, MAX_PAUSE_MS, type Report, report } from './breaker.ts';

const ok = (n = 1): Report => ({ ok: n, failed: 0 });
const failed = (n = 1): Report => ({ ok: 0, failed: n, code: 'http_503' });
const kindAt = (breaker: Breaker, now: number) => admit(breaker, now).admission.kind;

function opened(now = 0): Breaker {
  return report(closedBreaker(now), failed(5), now);
}

describe('a breaker', () => {
  test('opens where five messages failed, and half of all', () => {
    expect(report(closedBreaker(0), failed(4), 0).open).toBeNull();
    expect(opened().open).toMatchObject({ kind: 'failing', code: 'http_503', probeAt: 10_000 });
    expect(report(report(closedBreaker(0), ok(6), 0), failed(5), 1).open).toBeNull();
    expect(report(report(closedBreaker(0), ok(5), 0), failed(5), 1).open).not.toBeNull();
  });

  test('counts the same whether it is told one by one or in bulk', () => {
    let breaker = closedBreaker(0);
    for (let i = 0; i < 5; i++) breaker = report(breaker, failed(), i);
    expect(breaker.open).not.toBeNull();
  });

  test('forgets what is over a minute old', () => {
    const before = report(closedBreaker(0), failed(4), 0);
    expect(report(before, failed(1), 29_999).open).not.toBeNull();
    expect(report(before, failed(1), 59_999).open).not.toBeNull();
    expect(report(before, failed(1), 60_000).open).toBeNull();
  });

  test('lets one message through when its pause is over, and all when that was taken', () => {
    const breaker = opened();
    expect(kindAt(breaker, 9_999)).toBe('open');
    const probed = admit(breaker, 10_000);
    expect(probed.admission).toEqual({ kind: 'probe', untilAt: 40_000 });
    expect(admit(probed.breaker, 10_001).admission).toMatchObject({ kind: 'open', untilAt: 15_001 });
    const healed = report(probed.breaker, { ...ok(), isProbe: true }, 10_100);
    expect(kindAt(healed, 10_100)).toBe('closed');
  });

  test('is closed by a probe that got through, and by nothing else', () => {
    const { breaker } = admit(opened(), 10_000);
    const told = (news: Report) => report(breaker, news, 10_100);
    expect(told({ ok: 1, failed: 0, isProbe: true })).toEqual(closedBreaker(10_100));
    expect(told({ ok: 1, failed: 0 })).toEqual(breaker);
    expect(told({ ok: 1, failed: 1, isProbe: true }).open).toMatchObject({
      times: 2,
      kind: 'failing',
      since: 0,
    });
    expect(told({ ok: 0, failed: 0, isProbe: true }).open).toMatchObject({ times: 2, code: 'http_503' });
  });

  test('weighs failures against all of the last minute, not of this half of it', () => {
    const half = report(closedBreaker(0), ok(20), 0);
    expect(report(half, failed(6), 30_000).open).toBeNull();
    expect(report(half, failed(20), 30_000).open).not.toBeNull();
    expect(report(half, failed(19), 30_000).open).toBeNull();
  });

  test('pauses twice as long after each probe that failed, five minutes at most', () => {
    let [breaker, now] = [opened(), 0];
    const pauses: number[] = [];
    for (let i = 0; i < 8; i++) {
      const at = breaker.open?.probeAt ?? 0;
      pauses.push((at - now) / 1_000);
      now = at;
      breaker = report(admit(breaker, now).breaker, { ...failed(), isProbe: true }, now);
    }
    expect(pauses).toEqual([10, 20, 40, 80, 160, 300, 300, 300]);
  });

  test('gives the probe to the next one where no word came of it', () => {
    const probed = admit(opened(), 10_000).breaker;
    expect(kindAt(probed, 39_999)).toBe('open');
    expect(kindAt(probed, 40_000)).toBe('probe');
  });

  test('learns nothing of messages that were sent before it opened', () => {
    const breaker = opened();
    expect(report(breaker, ok(100), 1)).toBe(breaker);
    expect(report(breaker, failed(100), 1)).toBe(breaker);
  });

  test('opens at once where the account is refused, and where the provider asks to wait', () => {
    expect(report(closedBreaker(0), { ...ok(0), refused: 'http_401' }, 0).open).toMatchObject({
      kind: 'refused',
      code: 'http_401',
      probeAt: 60_000,
    });
    const parked = report(closedBreaker(0), { ...ok(0), parkedUntil: 7_200_000, code: 'day_limit' }, 0);
    expect(parked.open).toMatchObject({ kind: 'parked', probeAt: 7_200_000 });
  });
});

type Act = { afterMs: number } & ({ kind: 'admit' } | { kind: 'report'; isWell: boolean; n: number });

const acts = fc.array(
  fc.record({
    afterMs: fc.integer({ min: 0, max: 40_000 }),
    kind: fc.constantFrom('admit' as const, 'report' as const),
    isWell: fc.boolean(),
    n: fc.integer({ min: 0, max: 20 }),
  }),
  { maxLength: 80 },
) as fc.Arbitrary<Act[]>;

interface Step {
  now: number;
  before: Breaker;
  /** Null where it was told something. */
  admitted: string | null;
  sinceProbe: number;
}

/** A report that comes in time is taken for the probe's. */
function* liveThrough(life: Act[]): Generator<Step> {
  let [breaker, now, probedAt] = [closedBreaker(0), 0, Number.NEGATIVE_INFINITY];
  for (const act of life) {
    now += act.afterMs;
    const step = { now, before: breaker, admitted: null, sinceProbe: now - probedAt };
    if (act.kind === 'report') {
      const news = act.isWell ? ok(act.n) : failed(act.n);
      breaker = report(breaker, { ...news, ...(step.sinceProbe < 30_000 && { isProbe: true }) }, now);
      yield step;
      continue;
    }
    const { admission, breaker: after } = admit(breaker, now);
    breaker = after;
    if (admission.kind === 'probe') probedAt = now;
    yield { ...step, admitted: admission.kind };
  }
}

function expectAdmitted({ now, before: { open }, admitted, sinceProbe }: Step): void {
  if (admitted === null) return;
  const expected = open === null ? 'closed' : now < open.probeAt ? 'open' : 'probe';
  expect(admitted).toBe(expected);
  if (expected === 'probe' && open?.isProbing) expect(sinceProbe).toBeGreaterThanOrEqual(30_000);
}

describe('in every life of a breaker', () => {
  test('an endpoint that is open gets nothing before its time, and one message in thirty seconds', () => {
    fc.assert(
      fc.property(acts, (life) => {
        for (const step of liveThrough(life)) expectAdmitted(step);
      }),
      { numRuns: 500 },
    );
  });

  test('some message is let through within five minutes', () => {
    fc.assert(
      fc.property(acts, (life) => {
        let [breaker, now] = [closedBreaker(0), 0];
        for (const act of life) {
          now += act.afterMs;
          breaker =
            act.kind === 'admit'
              ? admit(breaker, now).breaker
              : report(breaker, { ...(act.isWell ? ok(act.n) : failed(act.n)), isProbe: true }, now);
        }
        expect(['closed', 'probe']).toContain(kindAt(breaker, now + MAX_PAUSE_MS));
      }),
      { numRuns: 500 },
    );
  });

  test('an endpoint that takes everything is never closed', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 60_000 }), { maxLength: 50 }), (gaps) => {
        let [breaker, now] = [closedBreaker(0), 0];
        for (const gap of gaps) {
          now += gap;
          breaker = report(breaker, ok(), now);
          expect(kindAt(breaker, now)).toBe('closed');
        }
      }),
    );
  });
});
