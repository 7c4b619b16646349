import { evictDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { WatcherObject } from '../../src/catalog/watcher-object.ts';
import { catalogStub } from '../../src/protocol/stubs.ts';
import {
  aWatch,
  inWatchers,
  namespaceOf,
  rebind,
  rowsOf,
  watcherShard,
  watchersOf,
} from '../support/catalog-objects.ts';

const won = (amount: number) => ({ amount, currency: 'KRW' });
const START = Date.UTC(2026, 8, 1);

function at(minutes: number): number {
  const now = START + minutes * 60_000;
  vi.setSystemTime(now);
  return now;
}

/** Sets the price through the real catalog object; its push to a watcher shard has come when this returns. */
async function price(itemId: string, amount: number | null, currency = 'KRW') {
  await catalogStub(env, itemId).put(itemId, { price: amount }, null, currency);
}

function rowsIn(watchers: WatcherObject) {
  return watchers.sql.all('SELECT currency, reference, profile FROM watchers');
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
  at(0);
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a watcher', () => {
  it('is one row; registering again, in whatever order, writes none', async () => {
    await price('rows', 100);
    await inWatchers('rows', async (watchers) => {
      await watchers.watch('first', aWatch('rows'));
      const order = aWatch('rows');
      const fresh = await rowsOf(watchers, () => watchers.watch('p', order));
      const repeated = await rowsOf(watchers, () => watchers.watch('p', order));
      const known = await rowsOf(watchers, () => watchers.watch('p', { ...order, registered: won(100) }));
      const gone = await rowsOf(watchers, () =>
        watchers.watch('p', { ...order, relations: [], registered: won(100) }),
      );
      const again = await rowsOf(watchers, () =>
        watchers.watch('p', { ...order, relations: [], registered: won(100) }),
      );
      expect([fresh, repeated, known, gone, again].map((rows) => rows.written)).toEqual([1, 0, 0, 1, 0]);
      expect(rowsIn(watchers)).toEqual([{ currency: 'KRW', reference: 1_000_000, profile: 'first' }]);
    });
  });

  it('leaves nothing behind where nobody watches: no table, no row', async () => {
    await inWatchers('nobody', async (watchers) => {
      const rows = await rowsOf(watchers, async () => {
        expect(await watchers.watch('p', aWatch('nobody', { relations: [] }))).toEqual({ kind: 'removed' });
        await watchers.settlePage(1, 0);
      });
      expect(rows.written).toBe(0);
      expect(watchers.sql.hasTable('watchers')).toBe(false);
    });
  });

  it('measures against the price at the time it began, not at the time the order came', async () => {
    await price('history', 100);
    const liked = at(10);
    at(20);
    await price('history', 80);
    at(30);
    const result = await watchersOf('history').watch('p', aWatch('history', { since: liked }));
    expect(result).toEqual({
      kind: 'watching',
      reference: won(100),
      began: won(100),
      adopted: won(100),
      from: won(100),
      item: { id: 'history', price: 80, currency: 'KRW' },
      version: 2,
      changedAt: START + 20 * 60_000,
    });
  });

  it("measures against its event's price where the catalog had none, and against nothing where neither is known", async () => {
    const liked = at(1);
    const shard = watchersOf('unpriced');
    expect(await shard.watch('a', aWatch('unpriced', { since: liked, eventPrice: won(70) }))).toMatchObject({
      reference: won(70),
      item: null,
      version: 0,
    });
    expect(await shard.watch('b', aWatch('unpriced', { since: liked }))).toMatchObject({ reference: null });
    await inWatchers('unpriced', async (watchers) => {
      expect(rowsIn(watchers)).toEqual([
        { currency: '', reference: -1, profile: 'b' },
        { currency: 'KRW', reference: 700_000, profile: 'a' },
      ]);
    });
  });

  it("takes the item's first price for its reference where it began before there was any", async () => {
    const liked = at(1);
    const order = aWatch('adopts', { since: liked });
    await watchersOf('adopts').watch('early', order);
    at(2);
    await price('adopts', 100);
    at(3);
    await price('adopts', 90);
    await inWatchers('adopts', async (watchers) => {
      const rows = await rowsOf(watchers, async () => {
        // Whether it remembers no reference, the adopted one, or never got an answer: its row is found.
        for (const registered of [{ registered: null }, { registered: won(100) }, {}]) {
          expect(await watchers.watch('early', { ...order, ...registered })).toMatchObject({
            reference: won(100),
          });
        }
      });
      expect(rows.written).toBe(0);
      expect(await watchers.watch('late', order)).toMatchObject({ reference: won(100) });
      await watchers.watch('early', { ...order, relations: [], registered: won(100) });
      expect(rowsIn(watchers)).toEqual([{ currency: 'KRW', reference: 1_000_000, profile: 'late' }]);
    });
  });

  it('with a second relation stands under the higher of the two prices, for two rows', async () => {
    await price('higher', 100);
    await inWatchers('higher', (watchers) => watchers.watch('p', aWatch('higher')));
    const second = at(10);
    await price('higher', 120);
    await inWatchers('higher', async (watchers) => {
      const order = aWatch('higher', {
        since: at(11),
        relations: ['liked', 'in_cart'],
        registered: won(100),
      });
      const moved = await rowsOf(watchers, () => watchers.watch('p', order));
      expect(moved.written).toBe(2);
      expect(rowsIn(watchers)).toEqual([{ currency: 'KRW', reference: 1_200_000, profile: 'p' }]);
      const lower = aWatch('higher', { since: second - 1, registered: won(120) });
      expect(await watchers.watch('p', lower)).toMatchObject({ reference: won(120) });
      expect(rowsIn(watchers)).toHaveLength(1);
    });
  });

  it('in a new currency stands under the new price', async () => {
    await price('abroad', 100);
    await inWatchers('abroad', (watchers) => watchers.watch('p', aWatch('abroad')));
    at(5);
    await catalogStub(env, 'abroad').put('abroad', { price: 1, currency: 'USD' }, null);
    await inWatchers('abroad', async (watchers) => {
      const order = aWatch('abroad', { since: at(6), registered: won(100) });
      expect(await watchers.watch('p', order)).toMatchObject({ reference: { amount: 1, currency: 'USD' } });
      expect(rowsIn(watchers)).toEqual([{ currency: 'USD', reference: 10_000, profile: 'p' }]);
    });
  });

  it("is asked to come again while the catalog can't be reached", async () => {
    await inWatchers('cut-off', async (watchers) => {
      const subscribe = () => Promise.reject(new Error('away'));
      rebind(watchers, { CATALOG: namespaceOf({ subscribe }) });
      expect(await watchers.watch('p', aWatch('cut-off'))).toEqual({
        kind: 'unavailable',
        retryAfterSeconds: 5,
      });
      expect(watchers.sql.hasTable('watchers')).toBe(false);
    });
  });

  it('does not lose a change that comes while its shard subscribes', async () => {
    await price('race', 100);
    await inWatchers('race', async (watchers) => {
      const subscribe = async (itemId: string, shard: string) => {
        const standing = await catalogStub(env, itemId).subscribe(itemId, shard);
        await price('race', 80);
        return standing;
      };
      rebind(watchers, { CATALOG: namespaceOf({ subscribe }) });
      expect(await watchers.watch('p', aWatch('race'))).toMatchObject({ version: 2, item: { price: 80 } });
    });
  });

  it('is kept over an eviction', async () => {
    await price('evicted', 100);
    const shard = watcherShard('evicted');
    await watchersOf('evicted').watch('p', aWatch('evicted'));
    await evictDurableObject(shard);
    await inWatchers('evicted', async (watchers) => {
      expect((await rowsOf(watchers, () => watchers.watch('p', aWatch('evicted')))).written).toBe(0);
    });
  });

  it('of an id that no item can have is none', async () => {
    const itemId = 'x'.repeat(2000);
    expect(await watchersOf(itemId).watch('p', aWatch(itemId))).toEqual({ kind: 'removed' });
  });
});
