/** From decisions to numbers: profiles decide, facts reach D1 through the queue, the report counts them. */
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Fact, FactKind } from '../../src/engine/vocabulary.ts';
import { applyFacts } from '../../src/store/facts.ts';
import { readTriggerReport } from '../../src/store/trigger-report.ts';
import { admin } from '../support/admin-client.ts';
import {
  anEvent,
  due,
  publish,
  START,
  send,
  startClock,
  stateOnDisk,
  user,
} from '../support/profile-world.ts';

vi.setConfig({ testTimeout: 20_000 });
beforeEach(startClock);
afterEach(() => {
  vi.useRealTimers();
});

const context = { currency: 'KRW', now: START };
const always = { fromAt: 0, toAt: Number.MAX_SAFE_INTEGER };

function aFact(kind: FactKind, seq: number, more: Partial<Fact> = {}): Fact {
  const message = {
    id: `msg_${seq}`,
    trigger: 'counted',
    version: 1,
    variant: 'a',
    channel: 'in_app' as const,
    reason: 'sent' as const,
    createdAt: START,
  };
  return { seq, kind, at: START, message, ...more };
}

const none = () => ({ shown: 0, clicked: 0, converted: 0, value: 0, heldOut: 0, heldOutConverted: 0 });
type Numbers = ReturnType<typeof none>;

/** One person's life, counted under their arm: every second reader clicks, every third person orders. */
async function live(i: number, expected: Record<string, Numbers>): Promise<void> {
  const ref = await user(`tested-${i}`);
  await send(ref, [anEvent('Hello')]);
  const [message] = await due(ref);
  const arm = [...((await stateOnDisk(ref))?.goals.values() ?? [])][0]?.variant ?? '';
  const numbers = expected[arm];
  if (!numbers) throw new Error(`no arm: ${arm}`);
  numbers[message ? 'shown' : 'heldOut'] += 1;
  if (message) await send(ref, [anEvent('Message Viewed', { message_id: message.id })]);
  if (message && i % 2 === 0) {
    await send(ref, [anEvent('Message Clicked', { message_id: message.id })]);
    numbers.clicked += 1;
  }
  if (i % 3 !== 0) return;
  await send(ref, [anEvent('Order Completed', { revenue: 1_000 })]);
  numbers[message ? 'converted' : 'heldOutConverted'] += 1;
  if (message) numbers.value += 1_000;
}

describe('a report', () => {
  it('counts what the profiles have decided, those who were held out beside the others, and each arm', async () => {
    await publish({
      id: 'tested',
      entry: { on: [{ event: 'Hello' }] },
      experiment: {
        holdout: 0.4,
        variants: [
          { id: 'a', weight: 1 },
          { id: 'b', weight: 1 },
        ],
      },
      goals: [
        { id: 'order', on: { event: 'Order Completed' }, within: '1d', value: 'event.properties.revenue' },
      ],
    });
    const expected: Record<string, Numbers> = { a: none(), b: none() };
    for (let i = 0; i < 24; i++) await live(i, expected);
    for (const numbers of Object.values(expected)) expect(numbers.heldOut * numbers.shown).toBeGreaterThan(0);
    const report = await vi.waitFor(
      async () => {
        const { body } = await admin('GET', 'triggers/tested/report');
        expect(body.perVariant).toMatchObject(expected);
        return body;
      },
      { timeout: 10_000, interval: 50 },
    );
    const { a = none(), b = none() } = expected;
    const total = Object.fromEntries(
      Object.keys(none()).map((name) => [name, a[name as keyof typeof a] + b[name as keyof typeof b]]),
    );
    expect(report).toMatchObject({ trigger: 'tested', ...total, sent: 0, offered: total.shown, waiting: 0 });
    expect(report.perGoal).toEqual({
      order: {
        converted: total.converted,
        value: total.value,
        heldOutConverted: total.heldOutConverted,
        heldOutValue: (total.heldOutConverted ?? 0) * 1_000,
      },
    });
    expect(report.statuses.clicked).toBe(total.clicked);
  });

  it('counts a fact once, however often it is told', async () => {
    const conversion = {
      trigger: 'counted',
      version: 1,
      variant: 'a',
      goal: 'order',
      heldOut: true,
      value: 5,
      sentAt: START,
    };
    const { message: _, ...told } = aFact('converted', 3, { conversion });
    const facts = [aFact('held_out', 1), aFact('message_shown', 2), told];
    for (const _again of [1, 2]) await applyFacts(env.DB, [{ profileKey: 'p1', facts }]);
    expect(await readTriggerReport(env.DB, 'counted', always, context)).toMatchObject({
      heldOut: 1,
      shown: 1,
      converted: 0,
      heldOutConverted: 1,
      heldOutValue: 5,
    });
  });

  it('says of messages in the app that they were offered, and which of them still wait for it', async () => {
    await publish({ id: 'offered', entry: { on: [{ event: 'Offer' }] } });
    const people = await Promise.all([1, 2, 3].map((i) => user(`offered-${i}`)));
    for (const ref of people) await send(ref, [anEvent('Offer')]);
    const asked = async () => (await admin('GET', 'triggers/offered/report')).body;
    const waiting = { entered: 3, sent: 0, offered: 3, waiting: 3, shown: 0, clickToOpen: null };
    await vi.waitFor(async () => expect(await asked()).toMatchObject({ ...waiting, conversionRate: 0 }));
    const [first] = people;
    const [message] = first ? await due(first) : [];
    if (first) await send(first, [anEvent('Message Viewed', { message_id: message?.id ?? '' })]);
    const shown = { sent: 0, offered: 3, waiting: 2, shown: 1, clickToOpen: 0 };
    await vi.waitFor(async () =>
      expect(await asked()).toMatchObject({ ...shown, perChannel: { in_app: shown } }),
    );
  });

  it('is bounded by when the messages were decided', async () => {
    const spans = [
      { fromAt: START, toAt: START + 1 },
      { fromAt: 0, toAt: START },
      { fromAt: START + 1, toAt: Number.MAX_SAFE_INTEGER },
    ];
    await applyFacts(env.DB, [
      { profileKey: 'p1', facts: [aFact('held_out', 1), aFact('message_shown', 2)] },
    ]);
    const counts = await Promise.all(
      spans.map(async (span) => {
        const { heldOut, shown } = await readTriggerReport(env.DB, 'counted', span, context);
        return [heldOut, shown];
      }),
    );
    expect(counts).toEqual([
      [1, 1],
      [0, 0],
      [0, 0],
    ]);
  });

  it('of a trigger that has sent nothing is all noughts, and of an unknown one a refusal', async () => {
    await publish({ id: 'silent', entry: { on: [{ event: 'Never' }] } });
    expect((await admin('GET', 'triggers/silent/report')).body).toMatchObject({
      sent: 0,
      offered: 0,
      conversionRate: null,
      heldOut: 0,
      perVariant: {},
    });
    expect((await admin('GET', 'triggers/ghost/report')).status).toBe(404);
    const { status, body } = await admin('GET', 'triggers/silent/report?from=yesterday');
    expect([status, body.error.issues[0].path]).toEqual([400, 'from']);
  });
});
