import { runDurableObjectAlarm } from 'cloudflare:test';
import { describe, expect, it, vi } from 'vitest';
import type { ItemChange } from '../../src/engine/vocabulary.ts';
import { catalogShard, inCatalog, namespaceOf, rebind, rowsOf } from '../support/catalog-objects.ts';

describe('an item in the catalog', () => {
  it('costs one row a change, and nothing when it is read, unknown or written with the same content', async () => {
    await inCatalog('rows', async (catalog) => {
      const unknown = await rowsOf(catalog, () =>
        Promise.all([catalog.read('ring'), catalog.remove('ring')]),
      );
      await catalog.put('other', { price: 1 }, null, 'KRW');
      const first = await rowsOf(catalog, () =>
        catalog.put('ring', { price: 100, attributes: { a: [1] } }, 5, 'KRW'),
      );
      const second = await rowsOf(catalog, () => catalog.put('ring', { price: 90 }, 6, 'KRW'));
      const same = await rowsOf(catalog, () =>
        catalog.put('ring', { price: 90, attributes: { a: [1] } }, 6, 'KRW'),
      );
      const older = await rowsOf(catalog, () => catalog.put('ring', { price: 80 }, 4, 'KRW'));
      const read = await rowsOf(catalog, () => catalog.read('ring'));
      expect([unknown, first, second, same, older, read].map((rows) => rows.written)).toEqual([
        0, 1, 1, 0, 0, 0,
      ]);
    });
  });

  it('is merged field by field; null removes one', async () => {
    await inCatalog('merge', async (catalog) => {
      await catalog.put('ring', { title: 'Ring', brand: 'B', attributes: { color: 'gold', size: 5 } }, null);
      await catalog.put('ring', { brand: null, stock: 3, attributes: { size: null, carat: 14 } }, null);
      expect(await catalog.read('ring')).toEqual({
        item: { id: 'ring', title: 'Ring', stock: 3, attributes: { color: 'gold', carat: 14 } },
        version: 2,
      });
    });
  });

  it('grows its version by one with every change and only then', async () => {
    await inCatalog('version', async (catalog) => {
      const versions = [];
      for (const price of [100, 100, 90, 90, 100]) {
        const result = await catalog.put('ring', { price }, null, 'KRW');
        versions.push(result.kind === 'done' && [result.version, result.changed]);
      }
      expect(versions).toEqual([
        [1, true],
        [1, false],
        [2, true],
        [2, false],
        [3, true],
      ]);
    });
  });

  it('ignores a write older than what it knows, also after an equal one in between', async () => {
    await inCatalog('updated-at', async (catalog) => {
      await catalog.put('ring', { price: 100 }, 1000, 'KRW');
      const equal = await rowsOf(catalog, () => catalog.put('ring', { price: 100 }, 3000, 'KRW'));
      const late = await catalog.put('ring', { price: 90 }, 2000, 'KRW');
      expect(late).toEqual({
        kind: 'ignored',
        item: { id: 'ring', price: 100, currency: 'KRW' },
        version: 1,
      });
      expect(equal.written).toBe(1);
      expect(await catalog.put('ring', { price: 80 }, 3000, 'KRW')).toMatchObject({
        kind: 'done',
        version: 2,
      });
      expect(await catalog.put('ring', { price: 70 }, null, 'KRW')).toMatchObject({
        kind: 'done',
        version: 3,
      });
    });
  });

  it('takes the default currency only where it has a price and none of its own', async () => {
    await inCatalog('currency', async (catalog) => {
      await catalog.put('ring', { price: 10, currency: 'USD' }, null, 'KRW');
      expect(await catalog.put('ring', { price: 9 }, null, 'KRW')).toMatchObject({
        item: { currency: 'USD' },
      });
      expect(await catalog.put('ring', { currency: null }, null, 'KRW')).toMatchObject({
        item: { currency: 'KRW' },
      });
      expect(await catalog.put('bag', { title: 'Bag' }, null, 'KRW')).toMatchObject({
        item: { id: 'bag', title: 'Bag' },
      });
    });
  });

  it('refuses attributes that grow beyond their limit together, and stays as it was', async () => {
    await inCatalog('attributes', async (catalog) => {
      await catalog.put('ring', { attributes: { a: 'x'.repeat(5000) } }, null);
      const result = await catalog.put('ring', { title: 'Ring', attributes: { b: 'x'.repeat(5000) } }, null);
      expect(result).toMatchObject({ kind: 'refused', path: 'attributes' });
      expect((await catalog.read('ring'))?.version).toBe(1);
    });
  });

  it('goes on counting after it was removed, so that no version means two things', async () => {
    await inCatalog('removed', async (catalog) => {
      await catalog.put('ring', { price: 100 }, null, 'KRW');
      expect([
        await catalog.remove('ring'),
        await catalog.remove('ring'),
        await catalog.read('ring'),
      ]).toEqual([true, false, null]);
      expect(await catalog.put('ring', { price: 90 }, null, 'KRW')).toMatchObject({
        version: 3,
        item: { id: 'ring', price: 90, currency: 'KRW' },
      });
    });
  });

  it('keeps its newest 16 prices', async () => {
    await inCatalog('prices', async (catalog) => {
      for (let price = 1; price <= 20; price++) await catalog.put('ring', { price }, null, 'KRW');
      const { prices } = await catalog.subscribe('ring', 'watchers:0:0:ring');
      expect(prices.map((entry) => entry.price?.amount)).toEqual(
        Array.from({ length: 16 }, (_, index) => 20 - index),
      );
    });
  });
});

describe('a watched item', () => {
  /** Stands in for the watcher shards: records what it is told, and fails while `down`. */
  function shards() {
    const told: (ItemChange & { shard?: string })[] = [];
    const state = { down: false };
    const itemChanged = async (change: ItemChange) => {
      if (state.down) throw new Error('the shard is away');
      told.push(change);
    };
    return { told, state, namespace: namespaceOf({ itemChanged }) };
  }

  it('is registered with its shard for one row; again only where the shard has lost it', async () => {
    await inCatalog('subscribe', async (catalog) => {
      const first = await rowsOf(catalog, () => catalog.subscribe('new', 'watchers:0:0:new'));
      const again = await rowsOf(catalog, () => catalog.subscribe('new', 'watchers:0:0:new'));
      expect(again.written).toBe(1);
      // The first write also made the tables.
      expect(first.written).toBeGreaterThan(0);
      expect((await rowsOf(catalog, () => catalog.subscribe('more', 'watchers:0:0:more'))).written).toBe(1);
      expect(await catalog.read('new')).toBeNull();
    });
  });

  it('is told on, where the end of a subscription arrives after the next one', async () => {
    const { namespace, told } = shards();
    await inCatalog('late', async (catalog) => {
      rebind(catalog, { WATCHERS: namespace });
      const [first, second] = [
        await catalog.subscribe('ring', 'watchers:0:0:ring'),
        await catalog.subscribe('ring', 'watchers:0:0:ring'),
      ];
      await catalog.unsubscribe('ring', 'watchers:0:0:ring', first.ticket);
      await catalog.put('ring', { price: 100 }, null, 'KRW');
      expect(told).toHaveLength(1);
      await catalog.unsubscribe('ring', 'watchers:0:0:ring', second.ticket);
      await catalog.put('ring', { price: 90 }, null, 'KRW');
      expect(told).toHaveLength(1);
      const third = await catalog.subscribe('ring', 'watchers:0:0:ring');
      expect([first.ticket, second.ticket]).not.toContain(third.ticket);
    });
  });

  it('costs the item, the debt and its settling', async () => {
    const { namespace, told } = shards();
    await inCatalog('debt', async (catalog) => {
      rebind(catalog, { WATCHERS: namespace });
      await catalog.subscribe('ring', 'watchers:0:0:ring');
      const rows = await rowsOf(catalog, () => catalog.put('ring', { price: 100 }, null, 'KRW'));
      expect(rows.written).toBe(3);
      expect(told).toMatchObject([{ version: 1, item: { price: 100 }, previous: {} }]);
    });
  });

  it('reaches its shard by the alarm where the push failed after the commit', async () => {
    const { namespace, told, state } = shards();
    await inCatalog('crash', async (catalog) => {
      rebind(catalog, { WATCHERS: namespace });
      await catalog.subscribe('ring', 'watchers:0:0:ring');
      await catalog.put('ring', { price: 100 }, null, 'KRW');
      state.down = true;
      expect(await catalog.put('ring', { price: 80 }, null, 'KRW')).toMatchObject({
        kind: 'done',
        changed: true,
      });
    });
    await runDurableObjectAlarm(catalogShard('crash'));
    expect(told).toHaveLength(1);
    state.down = false;
    await runDurableObjectAlarm(catalogShard('crash'));
    expect(told[1]).toMatchObject({
      version: 2,
      item: { price: 80 },
      previous: { price: 100, currency: 'KRW' },
    });
    expect(await runDurableObjectAlarm(catalogShard('crash'))).toBe(false);
  });

  it('tells changes that were missed as one that hides no drop', async () => {
    const { namespace, told, state } = shards();
    await inCatalog('coalesce', async (catalog) => {
      rebind(catalog, { WATCHERS: namespace });
      await catalog.subscribe('ring', 'watchers:0:0:ring');
      await catalog.put('ring', { price: 80, stock: 1 }, null, 'KRW');
      state.down = true;
      await catalog.put('ring', { price: 100, stock: 0 }, null, 'KRW');
      await catalog.put('ring', { price: 90 }, null, 'KRW');
      state.down = false;
      await catalog.put('ring', { title: 'Ring' }, null, 'KRW');
    });
    expect(told[1]).toMatchObject({
      version: 4,
      item: { price: 90, title: 'Ring' },
      previous: { price: 100, currency: 'KRW', stock: 1 },
    });
  });

  it('still owes a change that came while an older one was on its way', async () => {
    const told: number[] = [];
    let arrive = () => {};
    const itemChanged = (change: ItemChange) => {
      told.push(change.version);
      if (change.version > 1 && told.length < 3) return Promise.reject(new Error('the shard is away'));
      return change.version > 1 ? Promise.resolve() : new Promise<void>((resolve) => (arrive = resolve));
    };
    await inCatalog('overtaken', async (catalog) => {
      rebind(catalog, { WATCHERS: namespaceOf({ itemChanged }) });
      await catalog.subscribe('ring', 'watchers:0:0:ring');
      const first = catalog.put('ring', { price: 100 }, null, 'KRW');
      await vi.waitFor(() => expect(told).toEqual([1]));
      await catalog.put('ring', { price: 90 }, null, 'KRW');
      arrive();
      await first;
    });
    await runDurableObjectAlarm(catalogShard('overtaken'));
    expect(told).toEqual([1, 2, 2]);
  });

  it('tells every shard, and one that is away holds up no other', async () => {
    const told: string[] = [];
    const WATCHERS = {
      getByName: (shard: string) => ({
        itemChanged: async () => {
          if (shard.startsWith('watchers:1:0')) throw new Error('the shard is away');
          told.push(shard);
        },
      }),
    };
    await inCatalog('many', async (catalog) => {
      rebind(catalog, { WATCHERS });
      for (let index = 0; index < 3; index++) await catalog.subscribe('ring', `watchers:1:${index}:ring`);
      await catalog.put('ring', { price: 100 }, null, 'KRW');
      expect(told).toEqual(['watchers:1:1:ring', 'watchers:1:2:ring']);
    });
  });

  it('tells that it was removed', async () => {
    const { namespace, told } = shards();
    await inCatalog('gone', async (catalog) => {
      rebind(catalog, { WATCHERS: namespace });
      await catalog.subscribe('ring', 'watchers:0:0:ring');
      await catalog.put('ring', { price: 100 }, null, 'KRW');
      await catalog.remove('ring');
      expect(told[1]).toMatchObject({ version: 2, item: { id: 'ring' }, previous: { price: 100 } });
    });
  });
});
