/**
 * The bill, row by row. `rows` are those of the profile's own tables; an alarm that is set is one more, counted apart.
 * The numbers are exact: whoever changes one changes what a million events cost.
 */
import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { WatcherObject } from '../../src/catalog/watcher-object.ts';
import type { ProfileRef } from '../../src/protocol/rpc.ts';
import { firstTopicShard, firstWatcherShard } from '../../src/protocol/stubs.ts';
import { type Cost, meter } from '../support/profile-meter.ts';
import {
  anEvent,
  at,
  due,
  outboxOf,
  profileOf,
  publish,
  readyAt,
  ring,
  send,
  sleep,
  startClock,
  tablesOf,
  user,
  visitor,
} from '../support/profile-world.ts';

const NOTHING: Cost = { rows: 0, alarms: 0, commits: 0, dispatches: 0, factBatches: 0, statements: 0 };
const ONE_ROW: Cost = { ...NOTHING, rows: 1, commits: 1 };

beforeAll(async () => {
  await publish({ id: 'pushed', entry: { on: [{ event: 'Pushed' }] } }, ['push']);
  await publish({ id: 'three', entry: { on: [{ event: 'Three' }] }, steps: threeSends() });
  await publish({ id: 'shown', entry: { on: [{ event: 'Shown' }] } });
  await publish({
    id: 'listens',
    entry: { on: [{ event: 'Opened' }], if: { did: 'Opened', count: { eq: 1_000_000 } } },
  });
});
beforeEach(startClock);
afterEach(() => {
  vi.useRealTimers();
});

function threeSends() {
  const channels = ['push', 'webhook', 'email'];
  return channels.map((channel) => ({ id: channel, send: { channels: [channel], template: 'three' } }));
}

/** A profile that has told the registry of itself and has no alarm pending. */
async function aSettledProfile(id: string) {
  const ref = await user(id);
  const metered = await meter(ref);
  await send(ref, [anEvent('Began')]);
  await profileOf(ref).settleFacts([1]);
  at(60);
  await ring(ref);
  return { ref, ...metered };
}

describe('an ordinary event', () => {
  it('costs 1.066 rows on average over 320 events with all history kept: tables and snapshots included', async () => {
    const { ref, cost } = await aSettledProfile('ordinary');
    const spent = await cost(async () => {
      for (let i = 0; i < 320; i++) {
        at(60 + i / 100);
        await send(ref, [anEvent('Opened', { page: i })], { read: {} });
      }
    });
    expect(spent).toEqual({ ...NOTHING, rows: 341, commits: 320 });
    expect(spent.rows / 320).toBeLessThanOrEqual(1.1);
    expect(await profileOf(ref).decisions(1_000)).toHaveLength(321);
  });

  it('costs 1.047 rows once the tables are there, however large the state', async () => {
    const { ref, cost } = await aSettledProfile('large');
    const traits = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`trait${i}`, '가'.repeat(100)]));
    await send(ref, [anEvent('$identify', {}, { traits })]);
    for (let i = 0; i < 64; i++) await send(ref, [anEvent('Opened')]);
    const spent = await cost(async () => {
      for (let i = 0; i < 640; i++) await send(ref, [anEvent('Opened', { note: 'x'.repeat(1_900) })]);
    });
    expect(spent).toEqual({ ...NOTHING, rows: 670, commits: 640 });
  });

  it('costs a batch of them the same one row and one commit', async () => {
    const { ref, cost } = await aSettledProfile('batch');
    const batch = Array.from({ length: 20 }, () => anEvent('Opened'));
    expect(await cost(() => send(ref, batch))).toEqual(ONE_ROW);
  });
});

describe('what changes nothing writes nothing', () => {
  it('a duplicate, a poll, an unknown message and facts that are settled already: 0 rows', async () => {
    const { ref, cost } = await aSettledProfile('nothing');
    const event = anEvent('Opened');
    await send(ref, [event]);
    for (const state of ['awake', 'woken']) {
      const metered = state === 'awake' ? { cost } : await meter(ref);
      const spent = await metered.cost(async () => {
        await send(ref, [event], { read: {} });
        await profileOf(ref).next({});
        await profileOf(ref).claim('msg_unknown');
        await profileOf(ref).settle('msg_unknown', { kind: 'sent', at: 0 });
        await profileOf(ref).settleFacts([1, 99]);
        await profileOf(ref).describe();
        await profileOf(ref).decisions(10);
      });
      expect(spent, state).toEqual(NOTHING);
      await sleep(ref);
    }
  });

  it('an id that nobody knows gets no table and no alarm', async () => {
    const ref = await visitor('nobody');
    const { cost } = await meter(ref);
    const stub = profileOf(ref);
    await readyAt(0);
    const watcher: ProfileRef = { kind: 'user', id: '', key: ref.key };
    const spent = await cost(async () => {
      expect(await stub.next({})).toEqual({ kind: 'done', due: { cursor: '0', messages: [], next: 30 } });
      expect(await stub.claim('msg_x')).toEqual({ kind: 'gone', reason: 'settled' });
      await stub.settle('msg_x', { kind: 'sent', at: 0 });
      await stub.settleFacts([1]);
      await stub.releaseFrozen('x>y');
      expect(await stub.describe()).toBeNull();
      expect(await stub.decisions(10)).toEqual([]);
      expect(await send(watcher, [anEvent('$item', {}, { origin: 'system' })])).toEqual({ kind: 'done' });
    });
    expect(spent).toEqual(NOTHING);
    expect(await tablesOf(ref)).toEqual([]);
  });

  it('a request that brings no event makes no profile', async () => {
    const ref = await visitor('empty');
    await send(ref, [], { read: {} });
    expect(await profileOf(ref).describe()).toBeNull();
    expect(await tablesOf(ref)).toEqual([]);
  });

  it('an alarm that finds nothing due, awake or woken: 0 rows, and none is set again', async () => {
    const { ref, cost } = await aSettledProfile('idle-alarm');
    for (const state of ['awake', 'woken']) {
      await send(ref, [anEvent('Pushed')]);
      const [message] = await claimed(ref);
      await profileOf(ref).settle(message ?? '', { kind: 'sent', at: 0 });
      await readyAt(state === 'awake' ? 120 : 240);
      if (state === 'woken') await sleep(ref);
      const metered = state === 'awake' ? { cost } : await meter(ref);
      expect(await metered.cost(() => ring(ref)), state).toEqual(NOTHING);
    }
  });
});

/** Claims what waits in the outbox, as the dispatcher does; the ids. */
async function claimed(ref: ProfileRef): Promise<string[]> {
  const decisions = await profileOf(ref).decisions(1);
  const ids = decisions.flatMap(({ triggers }) => triggers.flatMap(({ messageId }) => messageId ?? []));
  for (const id of ids) expect(await profileOf(ref).claim(id)).toMatchObject({ kind: 'claimed' });
  return ids;
}

describe('an event that fires', () => {
  it('costs 2 rows (its own and the alarm) and 2 for the message that leaves: claim and settle', async () => {
    const { ref, cost, dispatch } = await aSettledProfile('fires');
    const decided = await cost(() => send(ref, [anEvent('Pushed')]));
    expect(decided).toEqual({ ...ONE_ROW, alarms: 1, dispatches: 1 });
    expect(dispatch.calls).toHaveLength(1);
    expect(dispatch.calls[0]).toHaveLength(1);
    const left = await cost(async () => {
      for (const id of await claimed(ref)) await profileOf(ref).settle(id, { kind: 'sent', at: 0 });
    });
    expect(left).toEqual({ ...NOTHING, rows: 2, commits: 2 });
    await readyAt(120);
    expect(await cost(() => ring(ref))).toEqual(NOTHING);
  });

  it('thrice costs 2 rows and 2 for each message, in one batch to the queue', async () => {
    const { ref, cost, dispatch } = await aSettledProfile('fires-thrice');
    const decided = await cost(() => send(ref, [anEvent('Three')]));
    expect(decided).toEqual({ ...ONE_ROW, alarms: 1, dispatches: 1 });
    expect(dispatch.calls[0]).toHaveLength(3);
    const left = await cost(async () => {
      for (const id of await claimed(ref)) await profileOf(ref).settle(id, { kind: 'sent', at: 0 });
    });
    expect(left).toEqual({ ...NOTHING, rows: 6, commits: 6 });
  });

  it('in the app costs 2 rows, and 1 for its fact', async () => {
    const { ref, cost, facts } = await aSettledProfile('fires-in-app');
    const decided = await cost(() => send(ref, [anEvent('Shown')], { read: {} }));
    expect(decided).toEqual({ ...ONE_ROW, alarms: 1, factBatches: 1 });
    const seqs = facts.calls.flat().flatMap((message) => message.facts.map(({ seq }) => seq));
    expect(await cost(() => profileOf(ref).settleFacts(seqs))).toEqual(ONE_ROW);
    const [message] = await due(ref);
    const viewed = () => send(ref, [anEvent('Message Viewed', { message_id: message?.id ?? '' })]);
    // The alarm of the decision still stands: none is set for the acknowledgement's fact.
    expect(await cost(viewed)).toEqual({ ...ONE_ROW, factBatches: 1 });
    expect(await cost(() => profileOf(ref).settleFacts([3]))).toEqual(ONE_ROW);
  });
});

async function settled(ref: ProfileRef) {
  await vi.waitFor(async () => expect(await outboxOf(ref)).toEqual([]));
}

describe('a topic that is followed', () => {
  const follow = (name: 'Followed' | 'Unfollowed') =>
    anEvent(`Topic ${name}`, { type: 'brand', value: 'Budget' });

  function shardRows(): Promise<number> {
    const stub = env.WATCHERS.getByName(firstTopicShard('brand:budget'));
    return runInDurableObject(
      stub as unknown as DurableObjectStub<WatcherObject>,
      ({ sql }) => sql.rowsWritten,
    );
  }

  it('costs its own row, the alarm, 1 in the topic’s shard and 1 to settle it; the same to leave', async () => {
    const first = await aSettledProfile('follows-first');
    await send(first.ref, [follow('Followed')]);
    await settled(first.ref);
    const { ref, cost } = await aSettledProfile('follows');
    const before = await shardRows();
    const spent = await cost(async () => {
      await send(ref, [follow('Followed')]);
      await settled(ref);
    });
    expect(spent).toEqual({ ...NOTHING, rows: 2, commits: 2, alarms: 1 });
    expect(await shardRows()).toBe(before + 1);
    const left = await cost(async () => {
      await send(ref, [follow('Unfollowed')]);
      await settled(ref);
    });
    expect(left).toEqual({ ...NOTHING, rows: 2, commits: 2 });
    expect(await shardRows()).toBe(before + 2);
  });
});

describe('a changed relation', () => {
  const like = (id: string) => anEvent('Product Added to Wishlist', { product_id: id, price: 100 });

  async function shardRows(itemId: string): Promise<number> {
    const stub = env.WATCHERS.getByName(
      firstWatcherShard(itemId),
    ) as unknown as DurableObjectStub<WatcherObject>;
    return runInDurableObject(stub, ({ sql }) => sql.rowsWritten);
  }

  it('costs its own row, the alarm, 1 in the watcher shard and 1 to settle it', async () => {
    const { ref, cost } = await aSettledProfile('likes');
    const other = await aSettledProfile('likes-first');
    await other.cost(() => send(other.ref, [like('p1')]));
    await vi.waitFor(async () => expect(await shardRows('p1')).toBeGreaterThan(0));
    const before = await shardRows('p1');
    const spent = await cost(async () => {
      await send(ref, [like('p1')]);
      await vi.waitFor(async () => expect(await shardRows('p1')).toBe(before + 1));
      await settled(ref);
    });
    expect(spent).toEqual({ ...NOTHING, rows: 2, commits: 2, alarms: 1 });
    expect(await shardRows('p1')).toBe(before + 1);
  });

  it('while an alarm stands anyway costs no other', async () => {
    const { ref, cost } = await aSettledProfile('likes-on');
    await send(ref, [like('p2')]);
    await settled(ref);
    at(61);
    const spent = await cost(async () => {
      await send(ref, [like('p3')]);
      await settled(ref);
    });
    expect(spent).toEqual({ ...NOTHING, rows: 2, commits: 2 });
  });

  it('that was so before changes nothing: 1 row, as an ordinary event', async () => {
    const { ref, cost } = await aSettledProfile('likes-again');
    await send(ref, [like('p4')]);
    await settled(ref);
    expect(await cost(() => send(ref, [like('p4')]))).toEqual(ONE_ROW);
  });
});
