/**
 * Many isolates send one trigger's messages at once, each with money in hand, and die at any moment: what is sent never
 * costs more than the budget, and what isn't spent of it is at most what the dead had in hand.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anAdapter, aWorld, hint } from '../../tests/support/dispatch-world.ts';
import { limiters } from '../../tests/support/memory-limiter.ts';
import { aConfig, aTrigger, send } from '../engine/testing/builders.ts';
import { traceOf, VirtualProfile } from '../engine/testing/virtual-profile.ts';
import { BatchPurses, type Price, type Purses } from './purse.ts';

const DAY_MS = 86_400_000;
const PER_DAY = 1_000;
const TOTAL = 2_500;
const step = fc.record({
  isolate: fc.nat(4),
  /** Messages of the batch. */
  messages: fc.integer({ min: 1, max: 20 }),
  cost: fc.constantFrom(18, 45, 7),
  waitMs: fc.constantFrom(0, 100, 6_000, DAY_MS / 3),
  isKilled: fc.boolean(),
  isDown: fc.nat(9).map((n) => n === 0),
  /** Of each message: whether the provider takes it. */
  taken: fc.array(fc.boolean(), { minLength: 20, maxLength: 20 }),
});
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** What was really spent by day, and what the killed took with them. */
async function play(steps: Step[]) {
  let now = Date.UTC(2026, 11, 1);
  const all = limiters(() => now);
  const isolates: Purses[] = [0, 1, 2, 3, 4].map(() => new Map());
  const spent = new Map<string, number>();
  let lost = 0;
  let refused = 0;
  const wasted: number[] = [];
  for (const { isolate, messages, cost, waitMs, isKilled, isDown, taken } of steps) {
    now += waitMs;
    all.isDown = isDown;
    const day = new Date(now).toISOString().slice(0, 10);
    const price: Price = { trigger: 't', day, cost, perDay: PER_DAY, total: TOTAL };
    const purses = isolates[isolate] as Purses;
    const batch = new BatchPurses(purses, { limiter: (name) => all.of(name), now: () => now });
    const paid = await Promise.all(Array.from({ length: messages }, () => batch.pay(price)));
    const inHand = sum(isolates.flatMap((one) => [...one.values()].map(({ left }) => left)));
    const isPaid = paid.filter(({ kind }) => kind === 'paid').length;
    const given = sum(spent.values()) + isPaid * cost + lost + inHand;
    paid.forEach((payment, i) => {
      if (payment.kind === 'refused') refused += 1;
      // Nobody is refused while there is money that nobody has.
      if (payment.kind === 'refused' && payment.limit === 'total') wasted.push(TOTAL - given - cost);
      if (payment.kind !== 'paid') return;
      if (taken[i]) spent.set(day, (spent.get(day) ?? 0) + cost);
      else batch.giveBack(price);
    });
    if (isKilled) {
      lost += sum([...purses.values()].map(({ left }) => left));
      isolates[isolate] = new Map();
    }
  }
  return { spent, refused, wasted };
}

const sum = (amounts: Iterable<number>) => [...amounts].reduce((a, b) => a + b, 0);

describe('budgets shared by all', () => {
  test('are never exceeded, and lose no more than the dead had in hand', async () => {
    let refusals = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
        const { spent, refused, wasted } = await play(steps);
        refusals += refused;
        for (const [day, ofDay] of spent) expect(ofDay, day).toBeLessThanOrEqual(PER_DAY);
        expect(sum(spent.values())).toBeLessThanOrEqual(TOTAL);
        // What is brought back while the limiter is down is lost as well.
        if (steps.every(({ isDown }) => !isDown)) expect(Math.max(-1, ...wasted)).toBeLessThan(0);
      }),
      { numRuns: 400 },
    );
    expect(refusals).toBeGreaterThan(0);
  });
});

/** A trigger whose SMS cost 18, its profile, and dispatchers in front of it. */
function aCampaign(budget: { perDay?: number; total?: number }) {
  const trigger = aTrigger({
    category: 'transactional',
    transactionalReason: 'r',
    budget,
    steps: [send({ channels: ['webhook'] })],
    delivery: { expireAfter: '30d' },
  });
  const cost = { amount: 18, currency: 'KRW' };
  const channels = [{ id: 'webhook' as const, provider: 'log', settings: {}, cost }];
  const config = aConfig({ triggers: [trigger], channels });
  const profile = new VirtualProfile({ config });
  const { world, consume } = aWorld();
  world.template = { id: 'hello', defaultLocale: 'ko', locales: { ko: { webhook: { data: { a: '1' } } } } };
  world.channels = new Map(config.channels);
  world.triggers = config.triggers;
  world.profile = {
    claim: (id) => profile.claim(id),
    settle: (id, settlement) => void profile.settle(id, settlement),
  };
  const calls: string[] = [];
  const answer = (results: Parameters<typeof anAdapter>[0]) => {
    world.adapter = anAdapter(
      (message) => {
        calls.push(message.id);
        return results(message);
      },
      { idempotent: true },
    );
  };
  answer(() => ({ kind: 'accepted' }));
  const dispatch = async () => {
    world.clock.now = profile.now;
    await consume(profile.outbox().map(({ messageId }) => hint(messageId)));
  };
  return { profile, world, dispatch, calls, answer };
}

describe('a message that there is no money for', () => {
  test('is cancelled with the reason, and the run goes on', async () => {
    const { profile, dispatch, calls } = aCampaign({ perDay: 40 });
    for (let i = 0; i < 3; i++) profile.track('Hello');
    await dispatch();
    expect([calls.length, profile.outbox().length, profile.state.runs.size]).toEqual([2, 0, 0]);
    expect(traceOf(profile)).toMatchObject({ reason: 'budget', path: 'budget.perDay' });
    const cancelled = profile.facts.filter(({ kind }) => kind === 'message_cancelled');
    expect(cancelled.map(({ message }) => message?.reason)).toEqual(['budget']);
    profile.advance('1d');
    profile.track('Hello');
    await dispatch();
    expect(calls.length).toBe(3);
  });

  test('of the whole campaign too', async () => {
    const { profile, dispatch, calls } = aCampaign({ total: 36 });
    for (let day = 0; day < 4; day++) {
      profile.track('Hello');
      await dispatch();
      profile.advance('1d');
    }
    expect(calls.length).toBe(2);
    expect(traceOf(profile)).toMatchObject({ reason: 'budget', path: 'budget.total' });
  });

  test('waits where the budget can’t be asked', async () => {
    const { profile, world, dispatch, calls } = aCampaign({ total: 36 });
    world.limiters.isDown = true;
    profile.track('Hello');
    await dispatch();
    expect([calls.length, profile.outbox().length]).toEqual([0, 1]);
    world.limiters.isDown = false;
    profile.advance('1m');
    await dispatch();
    expect(calls.length).toBe(1);
  });
});

describe('a message is paid for once', () => {
  test('however often it is tried', async () => {
    const { profile, dispatch, calls, answer } = aCampaign({ total: 36 });
    let tries = 0;
    answer(() => {
      tries += 1;
      return tries < 4 ? { kind: 'retry', code: 'http_503', afterMs: 1_000 } : { kind: 'accepted' };
    });
    profile.track('Hello');
    for (let i = 0; i < 4; i++) {
      await dispatch();
      profile.advance('1h');
    }
    expect(calls.length).toBe(4);
    profile.track('Hello');
    await dispatch();
    expect(calls.length).toBe(5);
    profile.track('Hello');
    await dispatch();
    expect(calls.length).toBe(5);
  });

  test('and not at all where it was refused', async () => {
    const { profile, dispatch, calls, answer } = aCampaign({ total: 36 });
    answer(() => ({ kind: 'rejected', scope: 'message', code: 'http_400' }));
    for (let i = 0; i < 5; i++) {
      profile.track('Hello');
      await dispatch();
    }
    expect(calls.length).toBe(5);
  });

  test('a replay of what may have been taken costs nothing more', async () => {
    const { profile, dispatch, calls, answer } = aCampaign({ total: 18 });
    answer(() => ({ kind: 'unknown', code: 'timeout' }));
    profile.track('Hello');
    const id = profile.outbox()[0]?.messageId ?? '';
    for (let i = 0; i < 8; i++) {
      await dispatch();
      profile.advance('12h');
    }
    expect([calls.length, profile.outbox().length]).toEqual([8, 0]);
    answer(() => ({ kind: 'accepted' }));
    expect(profile.replay(id, 8)).toEqual({ kind: 'replayed' });
    await dispatch();
    expect(calls.length).toBe(9);
  });
});
