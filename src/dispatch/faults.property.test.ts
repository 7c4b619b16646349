/**
 * A profile, its dispatcher and a provider, on a virtual clock, where anything may fail at any time: the provider in every
 * way it can, D1, the profile's answers, the Worker itself. Whatever happens, each message comes to an end that is true, and
 * a provider that would send twice what it is given twice is never given twice what it may have.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anAdapter, aWorld, hint } from '../../tests/support/dispatch-world.ts';
import type { SendResult } from '../channels/channel.ts';
import { aConfig, aTrigger, send } from '../engine/testing/builders.ts';
import { VirtualProfile } from '../engine/testing/virtual-profile.ts';
import { isSettled } from '../store/delivery-status.ts';

/** What a call to the provider does, and what is heard of it. */
const PROVIDER = {
  takes: { isTaken: true, result: { kind: 'accepted' } },
  takesAndIsLost: { isTaken: true, result: { kind: 'unknown', code: 'timeout' } },
  isLost: { isTaken: false, result: { kind: 'unknown', code: 'reset' } },
  isBusy: { isTaken: false, result: { kind: 'retry', code: 'http_503' } },
  asksToWait: { isTaken: false, result: { kind: 'retry', code: 'http_429', afterMs: 900_000 } },
  refuses: { isTaken: false, result: { kind: 'rejected', scope: 'message', code: 'http_400' } },
  refusesAll: { isTaken: false, result: { kind: 'rejected', scope: 'account', code: 'http_401' } },
} satisfies Record<string, { isTaken: boolean; result: SendResult }>;
type Answer = keyof typeof PROVIDER;

/** Where the next call of ours fails, twice: once would be healed at once. */
const FAULTS = ['none', 'none', 'none', 'record', 'settle', 'claim', 'read', 'template'] as const;

const lives = fc.record({
  isIdempotent: fc.boolean(),
  answers: fc.array(fc.constantFrom(...(Object.keys(PROVIDER) as Answer[])), { maxLength: 30 }),
  faults: fc.array(fc.constantFrom(...FAULTS), { maxLength: 30 }),
  messages: fc.integer({ min: 1, max: 4 }),
});
type Life = typeof lives extends fc.Arbitrary<infer T> ? T : never;

const DAYS = 6;

function aLife({ isIdempotent, answers, faults, messages }: Life) {
  const trigger = aTrigger({
    category: 'transactional',
    transactionalReason: 'r',
    steps: [send({ channels: ['webhook'] })],
    delivery: { expireAfter: '30d' },
  });
  const profile = new VirtualProfile({ config: aConfig({ triggers: [trigger] }) });
  const taken = new Map<string, number>();
  const script = [...answers];
  const { world, rows, consume } = aWorld();
  const adapter = anAdapter(
    ({ id }) => {
      const { isTaken, result } = PROVIDER[script.shift() ?? 'takes'];
      if (isTaken && !(isIdempotent && taken.has(id))) taken.set(id, (taken.get(id) ?? 0) + 1);
      return result;
    },
    { idempotent: isIdempotent },
  );
  world.adapter = adapter;
  world.template = { id: 'hello', defaultLocale: 'ko', locales: { ko: { webhook: { data: { a: '1' } } } } };
  world.profile = {
    claim: (id) => profile.claim(id),
    settle: (id, settlement) => void profile.settle(id, settlement),
  };
  for (let i = 0; i < messages; i++) profile.track('Hello');
  const ids = profile.outbox().map(({ messageId }) => messageId);
  return { profile, taken, rows, world, consume, ids, adapter, faults: [...faults] };
}

/** Every offer is taken up at once; between them, time passes. */
async function live(life: ReturnType<typeof aLife>): Promise<void> {
  const { profile, world, consume, faults } = life;
  const endAt = profile.now + DAYS * 86_400_000;
  let seen = 0;
  while (profile.now < endAt && (profile.outbox().length > 0 || seen < profile.offers.length)) {
    world.clock.now = profile.now;
    const offers = profile.offers.slice(seen);
    seen = profile.offers.length;
    const fault = offers.length > 0 ? faults.shift() : undefined;
    world.failing.clear();
    if (fault && fault !== 'none') world.failing.set(fault, 2);
    await consume(offers.map(({ id }) => hint(id)));
    profile.advance('5s');
  }
}

function expectTrueEnd({ rows, taken }: ReturnType<typeof aLife>, id: string, isIdempotent: boolean): void {
  const status = rows.get(id)?.status;
  const times = taken.get(id) ?? 0;
  expect(times).toBeLessThanOrEqual(1);
  expect(status && isSettled(status)).toBe(true);
  if (status === 'sent') expect(times).toBe(1);
  // One that knows ids again may have taken it and lost its answer, and refused it the next time.
  if ((status === 'failed' || status === 'dead') && !isIdempotent) expect(times).toBe(0);
}

describe('whatever fails', () => {
  test('each message comes to an end, and a provider that could send twice is not called twice for what it may have', async () => {
    await fc.assert(
      fc.asyncProperty(lives, async (given) => {
        const life = aLife(given);
        await live(life);
        expect(life.profile.outbox()).toEqual([]);
        for (const id of life.ids) expectTrueEnd(life, id, given.isIdempotent);
      }),
      { numRuns: 150 },
    );
  }, 30_000);
});
