/**
 * The bill of a price drop, counted: per page and per watcher who is told. ARCHITECTURE.md makes a million of it; whoever
 * changes a number here changes it there.
 */
import { runDurableObjectAlarm } from 'cloudflare:test';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { WatcherObject } from '../../src/catalog/watcher-object.ts';
import { itemEvent } from '../../src/engine/items/item-event.ts';
import { consumeFanout } from '../../src/fanout/fanout-consumer.ts';
import type { FanoutMessage, WatcherPage } from '../../src/protocol/queue-messages.ts';
import {
  aWatch,
  inWatchers,
  keptQueue,
  rebind,
  rowsOf,
  watcherShard,
  watchersOf,
} from '../support/catalog-objects.ts';
import { meter } from '../support/profile-meter.ts';
import { anEvent, at, profileOf, publish, ring, send, startClock, user } from '../support/profile-world.ts';

const PRICE_UNITS = 10_000;
const WATCHERS = 5_000;

beforeAll(() =>
  publish({ id: 'drop', entry: { on: [{ item: 'price_drop', relation: ['liked'] }], key: ['item.id'] } }, [
    'webhook',
  ]),
);
beforeEach(startClock);
afterEach(() => {
  vi.useRealTimers();
});

const standing = (id: string, price: number, version: number) => ({
  item: { id, price, currency: 'KRW' },
  version,
  changedAt: Date.now() + version,
  prices: [{ at: 0, price: { amount: price, currency: 'KRW' } }],
});

/** A shard with so many watchers, of whom the first `crossed` began at 100 and the others at 50. */
async function aShard(id: string, watchers: WatcherObject, crossed: number, all = crossed) {
  const queue = keptQueue();
  const subscribe = async () => standing(id, 100, 1);
  rebind(watchers, { FANOUT: queue.queue, CATALOG: { getByName: () => ({ subscribe }) } });
  await watchers.watch('w00000', aWatch(id));
  const rows = Array.from({ length: all - 1 }, (_, i) => [
    `w${String(i + 1).padStart(5, '0')}`,
    (i + 1 < crossed ? 100 : 50) * PRICE_UNITS,
  ]);
  watchers.sql.all(
    `INSERT INTO watchers (currency, reference, profile, relations)
     SELECT 'KRW', value->>1, value->>0, 1 FROM json_each(?)`,
    JSON.stringify(rows),
  );
  const drop = () => {
    const { prices, ...change } = standing(id, 90, 2);
    return watchers.itemChanged({ ...change, previous: { price: 100, currency: 'KRW' } }, prices);
  };
  return { queue, drop };
}

/** Alarms until no page more is made. */
async function allPages(id: string, messages: () => WatcherPage[], count: number) {
  await vi.waitFor(async () => {
    await runDurableObjectAlarm(watcherShard(id));
    expect(messages()).toHaveLength(count);
  });
}

describe('a drop that one in a hundred of 5,000 watchers has waited for', () => {
  it('is told to exactly those, and reads nobody else', async () => {
    const rows = await inWatchers('one-percent', async (watchers) => {
      const { queue, drop } = await aShard('one-percent', watchers, WATCHERS / 100, WATCHERS);
      const spent = await rowsOf(watchers, drop);
      await vi.waitFor(() => expect(queue.messages()).toHaveLength(1));
      const told = queue.messages().flatMap((page) => page.watchers.map(({ profile }) => profile));
      const crossed = Array.from({ length: 50 }, (_, i) => `w${String(i).padStart(5, '0')}`);
      expect(told).toEqual(crossed);
      return spent;
    });
    expect(rows.written).toBe(2);
    expect(rows.read).toBeLessThanOrEqual(60);
  });
});

describe.each([1_000, 5_000])('a drop that all of %i have waited for', (count) => {
  it('costs the shard 2 rows a page of 200 and 1 for each turn of 20 pages; the queue a message a page', async () => {
    const id = `all-${count}`;
    const pages = count / 200;
    const { queue, spent } = await inWatchers(id, async (watchers) => {
      const { queue, drop } = await aShard(id, watchers, count);
      const spent = await rowsOf(watchers, drop);
      return { queue, spent };
    });
    let rest = { read: 0, written: 0 };
    if (pages > 20) {
      const before = await inWatchers(id, async ({ sql }) => ({
        read: sql.rowsRead,
        written: sql.rowsWritten,
      }));
      await allPages(id, queue.messages, pages);
      const after = await inWatchers(id, async ({ sql }) => ({
        read: sql.rowsRead,
        written: sql.rowsWritten,
      }));
      rest = { read: after.read - before.read, written: after.written - before.written };
    } else await vi.waitFor(() => expect(queue.messages()).toHaveLength(pages));
    const told = queue.messages().flatMap((page) => page.watchers.map(({ profile }) => profile));
    expect(new Set(told).size).toBe(count);
    expect(told).toHaveLength(count);
    // A page as it is made, and the standing of each turn.
    expect(spent.written + rest.written).toBe(pages + Math.ceil((pages + 1) / 20));
    // Each watcher once, each page's end, and a few looks at the standing.
    expect(spent.read + rest.read).toBeLessThan(count * 1.05 + 50);
    const settling = await inWatchers(id, (watchers) =>
      rowsOf(watchers, async () => {
        for (const { change, page } of queue.messages()) await watchers.settlePage(change.version, page);
      }),
    );
    expect(settling.written).toBe(pages);
    for (const message of queue.messages()) {
      // The queue counts by 64 KB.
      expect(JSON.stringify(message).length).toBeLessThan(64_000);
    }
  });
});

describe('a page', () => {
  it('costs two calls to its shard and one to each profile', async () => {
    const calls: string[] = [];
    const watchers = Array.from({ length: 200 }, (_, i) => ({ profile: `p${i}`, reference: null }));
    const { prices: _, ...change } = standing('calls', 90, 2);
    const body: FanoutMessage = { v: 1, kind: 'page', shard: 's', page: 0, change, watchers };
    const message = { body, attempts: 1, ack: () => calls.push('ack'), retry: () => calls.push('retry') };
    await consumeFanout({ messages: [message] } as unknown as MessageBatch<FanoutMessage>, {
      now: Date.now,
      watchers: () => ({
        owesPage: async () => calls.push('owes') > 0,
        settlePage: async () => void calls.push('settled'),
        owesTopicPage: () => Promise.reject(new Error('no topic')),
        settleTopicPage: () => Promise.reject(new Error('no topic')),
      }),
      scheduler: () => ({
        owesPage: () => Promise.reject(new Error('no broadcast')),
        settlePage: () => Promise.reject(new Error('no broadcast')),
      }),
      pause: () => Promise.resolve(),
      profile: () => ({
        ingest: async () => {
          calls.push('told');
          return { kind: 'done' };
        },
      }),
    });
    expect(calls).toEqual(['owes', ...Array.from({ length: 200 }, () => 'told'), 'settled', 'ack']);
  });
});

describe('a watcher who is told', () => {
  async function aWatcher(id: string) {
    const ref = await user(id);
    const metered = await meter(ref);
    await send(ref, [
      anEvent('Product Added to Wishlist', { product_id: 'ring', price: 100, currency: 'KRW' }),
    ]);
    await vi.waitFor(async () => {
      expect((await profileOf(ref).describe()) !== null).toBe(true);
    });
    await profileOf(ref).settleFacts([1]);
    at(120);
    await ring(ref);
    at(400);
    await ring(ref);
    const told = (price: number) => {
      const item = { id: 'ring', price, currency: 'KRW' };
      const change = {
        item,
        version: 200 - price,
        previous: { price: 100, currency: 'KRW' },
        changedAt: Date.now(),
      };
      return send({ ...ref, id: '' }, [itemEvent(change, ref.key, Date.now())]);
    };
    return { ref, told, ...metered };
  }

  it('of what fires nothing costs 1 row; of what fires 1 more, the alarm, before anything is sent', async () => {
    const { told, cost } = await aWatcher('told');
    const nothing = { rows: 0, alarms: 0, commits: 0, dispatches: 0, factBatches: 0, statements: 0 };
    // The configuration is read every five seconds, whoever asks.
    const isolated = async (price: number) => ({ ...(await cost(() => told(price))), statements: 0 });
    expect(await isolated(101)).toEqual({ ...nothing, rows: 1, commits: 1 });
    expect(await isolated(90)).toEqual({ ...nothing, rows: 1, commits: 1, alarms: 1, dispatches: 1 });
  });
});

it('a shard that is asked whether it owes a page reads one row', async () => {
  await inWatchers('asked', async (watchers) => {
    const { queue, drop } = await aShard('asked', watchers, 3);
    await drop();
    await vi.waitFor(() => expect(queue.messages()).toHaveLength(1));
    const rows = await rowsOf(watchers, async () => expect(await watchers.owesPage(2, 0)).toBe(true));
    expect(rows).toEqual({ read: 1, written: 0 });
    await watchers.settlePage(2, 0);
    expect(await watchers.owesPage(2, 0)).toBe(false);
  });
  expect(await watchersOf('nobody-asked').owesPage(1, 0)).toBe(false);
});
