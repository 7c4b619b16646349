import { runDurableObjectAlarm } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { WatcherObject } from '../../src/catalog/watcher-object.ts';
import type { ItemChange } from '../../src/engine/vocabulary.ts';
import type { ItemStanding } from '../../src/protocol/catalog-rpc.ts';
import {
  inWatchers,
  keptQueue,
  namespaceOf,
  rebind,
  rowsOf,
  watcherShard,
  watchersOf,
} from '../support/catalog-objects.ts';

const START = Date.UTC(2026, 8, 1);
const won = (amount: number) => ({ amount, currency: 'KRW' });

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
  vi.setSystemTime(START);
});
afterEach(() => {
  vi.useRealTimers();
});

/** An item as the catalog would tell of it: each price a version of its own, a second apart. */
function anItem(id: string) {
  const told: ItemStanding = { item: null, version: 0, changedAt: 0, prices: [] };
  return {
    told,
    changed(patch: {
      price?: number | null;
      currency?: string;
      title?: string;
    }): [ItemChange, ItemStanding['prices']] {
      const {
        price = told.item?.price ?? null,
        currency = told.item?.currency ?? 'KRW',
        title = told.item?.title,
      } = patch;
      const previous =
        told.item === null
          ? {}
          : { ...(told.item.price !== undefined && { price: told.item.price, currency }) };
      told.item = { id, ...(price !== null && { price, currency }), ...(title !== undefined && { title }) };
      told.version += 1;
      told.changedAt = START + told.version * 1000;
      if (price !== told.prices[0]?.price?.amount) {
        told.prices = [
          { at: told.changedAt, price: price === null ? null : { amount: price, currency } },
          ...told.prices,
        ];
      }
      return [{ item: told.item, version: told.version, previous, changedAt: told.changedAt }, told.prices];
    },
  };
}

/** A shard whose item costs 100 won, with `references[i]` as the reference of watcher `p00i`. */
async function aShard(id: string, watchers: WatcherObject, references: number[]) {
  const item = anItem(id);
  const queue = keptQueue();
  const subscribe = async () => ({ ...item.told });
  rebind(watchers, { FANOUT: queue.queue, CATALOG: namespaceOf({ subscribe }) });
  item.changed({ price: 100 });
  for (const [index, amount] of references.entries()) {
    const profile = `p${String(index).padStart(5, '0')}`;
    await watchers.watch(profile, { itemId: id, relations: ['liked'], since: 0, eventPrice: won(amount) });
  }
  return { item, queue };
}

function told(queue: ReturnType<typeof keptQueue>): string[] {
  return queue.messages().flatMap((message) => message.watchers.map((watcher) => watcher.profile));
}

describe('a price drop', () => {
  it('reads only the watchers it crosses, and writes one row a page', async () => {
    await inWatchers('crossed', async (watchers) => {
      const references = Array.from({ length: 1500 }, (_, index) => (index < 300 ? 100 + index : 50));
      const { item, queue } = await aShard('crossed', watchers, references);
      const rows = await rowsOf(watchers, () => watchers.itemChanged(...item.changed({ price: 90 })));
      await vi.waitFor(() => expect(told(queue)).toHaveLength(300));
      // Beside the crossed: the standing twice, and a handful of looks whether anything is left.
      expect(rows.read).toBeLessThanOrEqual(310);
      expect(rows.written).toBe(3);
      expect(new Set(told(queue)).size).toBe(300);
    });
  });

  it('tells each its own reference, and the price it comes from', async () => {
    await inWatchers('reference', async (watchers) => {
      const { item, queue } = await aShard('reference', watchers, [120.55, 90, 90.0001, 89]);
      await watchers.itemChanged(...item.changed({ price: 90 }));
      await vi.waitFor(() =>
        expect(queue.messages()).toEqual([
          {
            v: 1,
            kind: 'page',
            shard: 'watchers:0:0:reference',
            page: 0,
            change: {
              item: { id: 'reference', price: 90, currency: 'KRW' },
              version: 2,
              previous: { price: 100, currency: 'KRW' },
              changedAt: START + 2000,
            },
            watchers: [
              { profile: 'p00002', reference: won(90.0001) },
              { profile: 'p00000', reference: won(120.55) },
            ],
          },
        ]),
      );
    });
  });

  it('is told once, whatever comes again', async () => {
    await inWatchers('repeat', async (watchers) => {
      const { item, queue } = await aShard('repeat', watchers, [120]);
      const change = item.changed({ price: 90 });
      await watchers.itemChanged(...change);
      const repeated = await rowsOf(watchers, () => watchers.itemChanged(...change));
      await vi.waitFor(() => expect(told(queue)).toEqual(['p00000']));
      expect(repeated.written).toBe(0);
    });
  });

  it('is neither a rise, nor a first price, nor one in another currency, nor the same price', async () => {
    await inWatchers('no-drop', async (watchers) => {
      const { item, queue } = await aShard('no-drop', watchers, [1000]);
      await watchers.itemChanged(...item.changed({ price: 101 }));
      await watchers.itemChanged(...item.changed({ title: 'Ring' }));
      await watchers.itemChanged(...item.changed({ price: 1, currency: 'USD' }));
      await watchers.itemChanged(...item.changed({ price: null }));
      await watchers.itemChanged(...item.changed({ price: 50, currency: 'KRW' }));
      expect(queue.messages()).toEqual([]);
      await watchers.itemChanged(...item.changed({ price: 49 }));
      await vi.waitFor(() => expect(told(queue)).toEqual(['p00000']));
    });
  });

  it('from the first price reaches who began before there was one', async () => {
    await inWatchers('adopted', async (watchers) => {
      const item = anItem('adopted');
      const queue = keptQueue();
      rebind(watchers, {
        FANOUT: queue.queue,
        CATALOG: namespaceOf({ subscribe: async () => ({ ...item.told }) }),
      });
      await watchers.watch('early', { itemId: 'adopted', relations: ['liked'], since: 0 });
      await watchers.watch('priced', {
        itemId: 'adopted',
        relations: ['liked'],
        since: 0,
        eventPrice: won(300),
      });
      await watchers.itemChanged(...item.changed({ price: 100 }));
      expect(queue.messages()).toEqual([]);
      await watchers.itemChanged(...item.changed({ price: 90 }));
      await vi.waitFor(() =>
        expect(queue.messages().flatMap((message) => message.watchers)).toEqual([
          { profile: 'priced', reference: won(300) },
          { profile: 'early', reference: won(100) },
        ]),
      );
    });
  });

  it('that was missed between two others is seen from where the price came', async () => {
    await inWatchers('gap', async (watchers) => {
      const { item, queue } = await aShard('gap', watchers, [120]);
      await watchers.itemChanged(...item.changed({ price: 80 }));
      await vi.waitFor(() => expect(queue.messages()).toHaveLength(1));
      await watchers.settlePage(2, 0);
      item.changed({ price: 100 });
      const [change, prices] = item.changed({ price: 90 });
      await watchers.itemChanged({ ...change, previous: { price: 100, currency: 'KRW' } }, prices);
      await vi.waitFor(() => expect(queue.messages()).toHaveLength(2));
      expect(queue.messages()[1]).toMatchObject({ change: { version: 4, item: { price: 90 } } });
    });
  });
});

describe('a page of watchers', () => {
  it('is sent again until it is settled, at growing intervals', async () => {
    const queue = await inWatchers('resend', async (watchers) => {
      const { item, queue } = await aShard('resend', watchers, [120]);
      await watchers.itemChanged(...item.changed({ price: 90 }));
      return queue;
    });
    const sentAfter = async (seconds: number) => {
      vi.setSystemTime(START + seconds * 1000);
      await runDurableObjectAlarm(watcherShard('resend'));
      return queue.messages().length;
    };
    expect([await sentAfter(29), await sentAfter(30), await sentAfter(89), await sentAfter(90)]).toEqual([
      1, 2, 2, 3,
    ]);
    expect(new Set(queue.messages().map((message) => JSON.stringify(message))).size).toBe(1);
    await watchersOf('resend').settlePage(2, 0);
    expect(await sentAfter(10_000)).toBe(3);
    expect(await runDurableObjectAlarm(watcherShard('resend'))).toBe(false);
  });

  it('is sent by the alarm where the queue refused it', async () => {
    const queue = keptQueue();
    await inWatchers('refused', async (watchers) => {
      const { item } = await aShard('refused', watchers, [120]);
      rebind(watchers, { FANOUT: { sendBatch: () => Promise.reject(new Error('Too Many Requests')) } });
      await watchers.itemChanged(...item.changed({ price: 90 }));
      rebind(watchers, { FANOUT: queue.queue });
    });
    vi.setSystemTime(START + 30_000);
    await runDurableObjectAlarm(watcherShard('refused'));
    expect(told(queue)).toEqual(['p00000']);
  });

  it('is one of a bounded number a turn; the alarm makes the others, each watcher on exactly one', async () => {
    const count = 4500;
    const queue = await inWatchers('many', async (watchers) => {
      const { item, queue } = await aShard('many', watchers, [200]);
      const profiles = JSON.stringify(Array.from({ length: count - 1 }, (_, index) => `q${index}`));
      watchers.sql.all(
        "INSERT INTO watchers (currency, reference, profile) SELECT 'KRW', 1500000, value FROM json_each(?)",
        profiles,
      );
      await watchers.itemChanged(...item.changed({ price: 90 }));
      expect(queue.messages().length).toBeLessThanOrEqual(20);
      return queue;
    });
    await vi.waitFor(async () => {
      await runDurableObjectAlarm(watcherShard('many'));
      expect(told(queue)).toHaveLength(count);
    });
    expect(new Set(told(queue)).size).toBe(count);
    expect(queue.messages().map((message) => message.page)).toEqual(
      Array.from({ length: 23 }, (_, page) => page),
    );
    for (const call of queue.calls) {
      expect(call.length).toBeLessThanOrEqual(100);
      expect(JSON.stringify(call).length).toBeLessThan(256_000);
    }
  });
});

describe('the pages that are out', () => {
  it('are a bounded number, however many the drop crosses, and others follow when those are settled', async () => {
    const count = 10_000;
    const queue = await inWatchers('window', async (watchers) => {
      const { item, queue } = await aShard('window', watchers, [200]);
      const profiles = JSON.stringify(Array.from({ length: count - 1 }, (_, index) => `q${index}`));
      watchers.sql.all(
        "INSERT INTO watchers (currency, reference, profile) SELECT 'KRW', 1500000, value FROM json_each(?)",
        profiles,
      );
      await watchers.itemChanged(...item.changed({ price: 90 }));
      return queue;
    });
    const ring = () => runDurableObjectAlarm(watcherShard('window'));
    for (let turn = 0; turn < 4; turn++) await ring();
    expect(queue.messages().length).toBe(40);
    let settled = 0;
    await vi.waitFor(async () => {
      await inWatchers('window', async (watchers) => {
        for (const { change, page } of queue.messages().slice(settled)) {
          await watchers.settlePage(change.version, page);
          settled += 1;
        }
      });
      await ring();
      expect(told(queue)).toHaveLength(count);
    });
    expect(new Set(told(queue)).size).toBe(count);
  });
});

describe('a price that changes again before everybody has heard', () => {
  it('stops the telling where it is back at where it came from', async () => {
    const queue = await inWatchers('back', async (watchers) => {
      const { item, queue } = await aShard('back', watchers, [120, 130]);
      await watchers.itemChanged(...item.changed({ price: 90 }));
      await watchers.itemChanged(...item.changed({ price: 100 }));
      return queue;
    });
    vi.setSystemTime(START + 3_600_000);
    await runDurableObjectAlarm(watcherShard('back'));
    expect(queue.messages().map((message) => message.change.version)).toEqual([2]);
    await inWatchers('back', async (watchers) => {
      expect(watchers.sql.all('SELECT version FROM pages')).toEqual([]);
    });
    expect(await runDurableObjectAlarm(watcherShard('back'))).toBe(false);
  });

  it('tells the price that stands now, to those for whom it still is a drop', async () => {
    await inWatchers('partly', async (watchers) => {
      const { item, queue } = await aShard('partly', watchers, [92, 120]);
      await watchers.itemChanged(...item.changed({ price: 90 }));
      await watchers.itemChanged(...item.changed({ price: 95 }));
      await vi.waitFor(() => expect(queue.messages()).toHaveLength(2));
      expect(queue.messages()[1]).toMatchObject({
        change: { version: 3, item: { price: 95 }, previous: { price: 100 } },
        watchers: [{ profile: 'p00001' }],
      });
      expect(watchers.sql.all('SELECT version, page FROM pages')).toEqual([{ version: 3, page: 0 }]);
    });
  });

  it('goes on with the first change where only other fields changed', async () => {
    const queue = await inWatchers('title', async (watchers) => {
      const { item, queue } = await aShard('title', watchers, [120]);
      await watchers.itemChanged(...item.changed({ price: 90 }));
      await watchers.itemChanged(...item.changed({ title: 'Ring' }));
      return queue;
    });
    vi.setSystemTime(START + 30_000);
    await runDurableObjectAlarm(watcherShard('title'));
    expect(queue.messages().map((message) => message.change.version)).toEqual([2, 2]);
  });
});
