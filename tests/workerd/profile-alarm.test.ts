/** What waits has an alarm, and the alarm never gives up. */
import { env } from 'cloudflare:workers';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { consumeDispatch } from '../../src/dispatch/dispatch-consumer.ts';
import { nextDueAt } from '../../src/engine/resume.ts';
import type { DispatchMessage } from '../../src/protocol/queue-messages.ts';
import type { ProfileRef } from '../../src/protocol/rpc.ts';
import { readDelivery } from '../../src/store/deliveries.ts';
import { admin } from '../support/admin-client.ts';
import { meter } from '../support/profile-meter.ts';
import {
  alarmAt,
  anEvent,
  at,
  due,
  inProfile,
  keptQueue,
  outboxOf,
  profileOf,
  publish,
  reasons,
  rebind,
  ring,
  START,
  send,
  sleep,
  startClock,
  stateOnDisk,
  user,
  visitor,
} from '../support/profile-world.ts';

const delayed = (id: string, delay: string) => [
  { id: 'pause', wait: delay },
  { id: 'send', send: { channels: ['in_app'], template: id } },
];

beforeAll(async () => {
  await publish({ id: 'later', entry: { on: [{ event: 'Later' }] }, steps: delayed('later', '1h') });
  await publish({ id: 'sooner', entry: { on: [{ event: 'Sooner' }] }, steps: delayed('sooner', '10m') });
  await publish({ id: 'pushes', entry: { on: [{ event: 'Pushed' }] } }, ['webhook']);
});
beforeEach(startClock);
afterEach(() => {
  vi.useRealTimers();
});

/** Pending work has an alarm, at the latest when it is due. */
async function expectArmed(ref: ProfileRef, after: string): Promise<void> {
  const state = await stateOnDisk(ref);
  const dueAt = state && nextDueAt(state);
  if (dueAt === null) return;
  const armedAt = await alarmAt(ref);
  expect(armedAt, after).not.toBeNull();
  expect(armedAt, after).toBeLessThanOrEqual(Math.max(dueAt, Date.now()));
}

describe('work that waits', () => {
  it('has an alarm at the latest when it is due, after whatever call', async () => {
    const [ref, anonymous] = [await user('armed'), await visitor('armed')];
    const { dispatch, facts } = await meter(ref);
    await meter(anonymous);
    const calls: [string, () => Promise<unknown>][] = [
      ['the first event', () => send(ref, [anEvent('Opened')])],
      ['an event that starts a wait', () => send(ref, [anEvent('Later')])],
      ['one that is due sooner', () => send(ref, [anEvent('Sooner')])],
      ['a message', () => send(ref, [anEvent('Pushed')])],
      ['a claim', () => profileOf(ref).claim(dispatch.calls.flat()[0]?.messageId ?? '')],
      [
        'a retry',
        () =>
          profileOf(ref).settle(dispatch.calls.flat()[0]?.messageId ?? '', {
            kind: 'retry',
            afterMs: 5_000,
            at: Date.now(),
          }),
      ],
      ['a like', () => send(ref, [anEvent('Product Added to Wishlist', { product_id: 'armed' })])],
      ['a poll', () => profileOf(ref).next({})],
      ['an alarm that comes early', () => ring(ref)],
      [
        'facts settled',
        () => profileOf(ref).settleFacts(facts.calls.flat().flatMap((m) => m.facts.map((f) => f.seq))),
      ],
      ["the visitor's work", () => send(anonymous, [anEvent('Later'), anEvent('Pushed')])],
      ['a merge', () => send(ref, [anEvent('$identify')], { links: [anonymous] })],
      ['the wait of one', () => ringAt(700)],
      ['the end of the other', () => ringAt(3_700)],
      [
        'a message sent',
        () => profileOf(ref).settle(dispatch.calls.flat()[0]?.messageId ?? '', { kind: 'sent', at: 0 }),
      ],
    ];
    for (const [name, call] of calls) {
      await call();
      await expectArmed(ref, `awake, after ${name}`);
      await sleep(ref);
      await profileOf(ref).next({});
      await meterAgain(ref);
      await expectArmed(ref, `woken, after ${name}`);
    }
    expect(await reasons(ref, '$timer')).toContain('later: sent');

    function ringAt(seconds: number) {
      at(seconds);
      return ring(ref);
    }

    async function meterAgain(profile: ProfileRef) {
      await inProfile(profile, (object) => rebind(object, { DISPATCH: dispatch, FACTS: facts }));
    }
  });

  it('is done when its time has come, not before, and once', async () => {
    const ref = await user('on time');
    await meter(ref);
    await send(ref, [anEvent('Sooner')]);
    at(599);
    await ring(ref);
    expect(await due(ref)).toEqual([]);
    at(600);
    await sleep(ref);
    await ring(ref);
    await ring(ref);
    expect(await due(ref)).toHaveLength(1);
    expect(await reasons(ref, '$timer')).toEqual(['sooner: sent']);
  });

  it('whose alarm was lost gets another on the next wake, and so does one that is long past', async () => {
    const ref = await user('lost alarm');
    await meter(ref);
    await send(ref, [anEvent('Later')]);
    await inProfile(ref, (_, { storage }) => storage.deleteAlarm());
    await sleep(ref);
    await profileOf(ref).next({});
    expect(await alarmAt(ref)).toBe(START + 30_000);
    at(7_200);
    await sleep(ref);
    await profileOf(ref).next({});
    expect(await alarmAt(ref)).toBe(at(7_200));
    await ring(ref);
    expect(await due(ref)).toHaveLength(1);
  });

  it('outlives twenty alarms in a row that failed', async () => {
    const ref = await user('failing alarm');
    await meter(ref);
    await send(ref, [anEvent('Sooner')]);
    let failures = 0;
    for (let i = 0; i < 20; i++) {
      const now = at(600 + i * 60);
      // The object dies now and then, too: what it remembers must not be needed.
      if (i % 3 === 2) await sleep(ref);
      await inProfile(ref, ({ sql }) => {
        sql.transaction = () => {
          failures += 1;
          throw new Error('the disk is full');
        };
      });
      expect(await ring(ref)).toBe(true);
      expect(await alarmAt(ref)).toBe(now + 30_000);
    }
    expect(failures).toBe(20);
    await sleep(ref);
    at(3_000);
    expect(await ring(ref)).toBe(true);
    expect(await due(ref)).toHaveLength(1);
  });

  it('that can never be done rings now and then, not all the time', async () => {
    const ref = await user('stuck');
    await meter(ref);
    await send(ref, [anEvent('Sooner')]);
    await profileOf(ref).settleFacts([1]);
    await env.DB.prepare(
      "UPDATE document_versions SET version = 900 WHERE id = 'sooner' AND kind = 'trigger'",
    ).run();
    await env.DB.prepare(
      "UPDATE documents SET live_version = 900, last_version = 900 WHERE id = 'sooner'",
    ).run();
    await admin('PUT', 'lookups/any', { rows: [{ key: 'a' }] });
    await admin('POST', 'triggers/sooner/pause');
    at(1_000);
    await ring(ref);
    expect(await alarmAt(ref)).toBeGreaterThanOrEqual(at(1_000) + 30_000);
  });
});

describe('a message whose hint', () => {
  function hintBatch(bodies: DispatchMessage[]) {
    const messages = bodies.map((body, i) => ({
      id: `q${i}`,
      timestamp: new Date(),
      attempts: 1,
      body,
      ack() {},
      retry() {},
    }));
    return { queue: 'reflex-dispatch', messages } as unknown as MessageBatch<DispatchMessage>;
  }

  /** Every message of the queue's, as often as said; then what the deliveries say. */
  async function dispatch(queue: { calls: DispatchMessage[][] }) {
    await consumeDispatch(hintBatch(queue.calls.flat()), env);
  }

  async function contents() {
    const { results } = await env.DB.prepare('SELECT id FROM delivery_contents').all();
    return results.length;
  }

  it.each(['is lost', 'is refused'])('%s is offered again by the alarm and sent once', async (how) => {
    const ref = await user(`hint ${how}`);
    const metered = await meter(ref);
    const lossy = {
      sendBatch: how === 'is lost' ? async () => {} : () => Promise.reject(new Error('Too Many Requests')),
    };
    await inProfile(ref, (object) => rebind(object, { DISPATCH: lossy, FACTS: metered.facts }));
    await send(ref, [anEvent('Pushed')]);
    const [id] = (await outboxOf(ref)).filter((one) => one.startsWith('msg_'));
    expect(await readDelivery(env.DB, id ?? '')).toBeNull();
    const queue = keptQueue<DispatchMessage>();
    await sleep(ref);
    await inProfile(ref, (object) => rebind(object, { DISPATCH: queue, FACTS: metered.facts }));
    at(29);
    await ring(ref);
    expect(queue.calls).toEqual([]);
    at(30);
    await ring(ref);
    expect(queue.calls.flat().map(({ messageId }) => messageId)).toEqual([id]);
    await dispatch(queue);
    expect(await readDelivery(env.DB, id ?? '')).toMatchObject({ status: 'sent', attempts: 1 });
    expect((await outboxOf(ref)).filter((one) => one.startsWith('msg_'))).toEqual([]);
    at(300);
    await ring(ref);
    expect(queue.calls).toHaveLength(1);
  });

  it('is repeated and comes out of order is sent once', async () => {
    const ref = await user('hints repeated');
    const { dispatch: queue } = await meter(ref);
    await send(ref, [anEvent('Pushed'), anEvent('Pushed'), anEvent('Pushed')]);
    const hints = queue.calls.flat();
    expect(hints).toHaveLength(3);
    const before = await contents();
    const shuffled = [...hints, ...hints.toReversed(), ...hints];
    await consumeDispatch(hintBatch(shuffled), env);
    await consumeDispatch(hintBatch(shuffled), env);
    for (const { messageId } of hints) {
      expect(await readDelivery(env.DB, messageId)).toMatchObject({ status: 'sent', attempts: 1 });
    }
    expect(await contents()).toBe(before + 3);
    expect((await outboxOf(ref)).filter((one) => one.startsWith('msg_'))).toEqual([]);
  });
});
