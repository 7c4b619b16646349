/** Topics in the catalog's objects: what following costs, who is told of what, and that nothing is lost on the way. */
import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CatalogObject } from '../../src/catalog/catalog-object.ts';
import { parseShardName, type ShardName } from '../../src/catalog/shard-name.ts';
import { childOf, childrenOf } from '../../src/catalog/split.ts';
import type { WatcherObject } from '../../src/catalog/watcher-object.ts';
import type { ItemChange, ItemSnapshot } from '../../src/engine/vocabulary.ts';
import type { ItemPatch } from '../../src/protocol/catalog-rpc.ts';
import type { FanoutMessage, TopicPage } from '../../src/protocol/queue-messages.ts';
import { firstTopicShard, watcherStub } from '../../src/protocol/stubs.ts';
import { catalogShard, inCatalog, rebind, rowsOf } from '../support/catalog-objects.ts';
import { publish, readyAt } from '../support/profile-world.ts';

const START = Date.UTC(2026, 8, 1);
const MOON = 'brand:moon';
const order = (topic: string, on = true) => ({ topic, on, at: START });
const RING: ItemSnapshot = { id: 'ring', brand: 'Moon', price: 100, currency: 'KRW' };

beforeAll(async () => {
  await publish({
    id: 'topics',
    entry: {
      on: [
        { topic: 'brand', change: 'new_item' },
        { topic: 'keyword', change: 'new_item' },
        { topic: 'brand', change: 'price_drop' },
      ],
    },
  });
});
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
  vi.setSystemTime(START);
});
afterEach(() => {
  vi.useRealTimers();
});

const stubOf = (name: string) => env.WATCHERS.getByName(name) as unknown as DurableObjectStub<WatcherObject>;
function inTopic<T>(topic: string, work: (shard: WatcherObject) => Promise<T>): Promise<T> {
  return runInDurableObject(stubOf(firstTopicShard(topic)), work);
}

function keptPages() {
  const kept: TopicPage[] = [];
  const sendBatch = async (messages: Iterable<{ body: FanoutMessage }>) => {
    for (const { body } of messages) if (body.kind === 'topic') kept.push(body);
  };
  return { kept, queue: { sendBatch }, told: () => kept.flatMap(({ profiles }) => profiles) };
}

/** A topic's shard with followers, whose pages the test keeps. */
async function followed(topic: string, profiles: string[]) {
  const pages = keptPages();
  await inTopic(topic, async (shard) => {
    rebind(shard, { FANOUT: pages.queue });
    for (const profile of profiles) await shard.follow(profile, order(topic));
  });
  return pages;
}

const news = (change: Partial<ItemChange> & { item: ItemSnapshot }): ItemChange => ({
  version: 1,
  changedAt: START,
  ...change,
});
const isNew = (id: string, brand: string) =>
  news({ item: { ...RING, id, brand }, isNew: true, previous: {} });

describe('following a topic', () => {
  it('costs one row, repeating it none, and leaving removes exactly that one without looking for it', async () => {
    await inTopic('brand:rows', async (shard) => {
      await shard.follow('first', order('brand:rows'));
      expect((await rowsOf(shard, () => shard.follow('p', order('brand:rows')))).written).toBe(1);
      expect((await rowsOf(shard, () => shard.follow('p', order('brand:rows')))).written).toBe(0);
      shard.sql.all(
        "INSERT INTO watchers (currency, reference, profile) SELECT '', -1, value FROM json_each(?)",
        JSON.stringify(Array.from({ length: 1000 }, (_, i) => `q${i}`)),
      );
      const left = await rowsOf(shard, () => shard.follow('p', order('brand:rows', false)));
      expect(left.written).toBe(1);
      expect(left.read).toBeLessThan(10);
      expect((await rowsOf(shard, () => shard.follow('p', order('brand:rows', false)))).written).toBe(0);
    });
  });

  it('of nobody’s topic that ends makes no table', async () => {
    await inTopic('brand:untouched', async (shard) => {
      await shard.follow('p', order('brand:untouched', false));
      await shard.topicNews(isNew('ring', 'untouched'));
      expect(shard.sql.rowsWritten).toBe(0);
    });
  });

  it('is nothing to an item of that name, nor the other way round', async () => {
    await inTopic('brand:names', async (shard) => {
      const watch = { itemId: 'brand:names', relations: ['liked' as const], since: 0 };
      expect(await shard.watch('p', watch)).toEqual({ kind: 'removed' });
      expect(shard.sql.rowsWritten).toBe(0);
    });
  });
});

describe('news of a topic', () => {
  it('reaches its followers by pages, and leaves no row when all have heard', async () => {
    const pages = await followed('brand:told', ['a', 'b']);
    await inTopic('brand:told', async (shard) => {
      await shard.topicNews(isNew('first', 'told'));
      await shard.settleTopicPage('new_item first', 1, 0);
      const rows = await rowsOf(shard, () => shard.topicNews(isNew('ring', 'told')));
      expect(rows.written).toBe(2);
      await vi.waitFor(() => expect(pages.kept).toHaveLength(2));
      expect(pages.kept[1]).toEqual({
        v: 1,
        kind: 'topic',
        shard: 'topics:0:0:brand:told',
        walk: 'new_item ring',
        page: 0,
        change: { item: { ...RING, brand: 'told' }, version: 1, changedAt: START, isNew: true },
        profiles: ['a', 'b'],
      });
      expect((await rowsOf(shard, () => shard.settleTopicPage('new_item ring', 1, 0))).written).toBe(2);
      const left = shard.sql.all('SELECT walk FROM walks UNION ALL SELECT walk FROM topic_pages');
      expect(left).toEqual([]);
    });
  });

  it('of an item that isn’t in the topic, or to nobody, is told to nobody', async () => {
    const pages = await followed('brand:mine', ['a']);
    await inTopic('brand:mine', async (shard) => {
      await shard.topicNews(isNew('ring', 'other'));
      await shard.follow('a', order('brand:mine', false));
      await shard.topicNews(isNew('ring', 'mine'));
    });
    expect(pages.told()).toEqual([]);
  });

  it('goes on by the alarm as pages are settled, each follower on exactly one page, many items side by side', async () => {
    const pages = await followed('brand:many', []);
    await inTopic('brand:many', async (shard) => {
      await shard.follow('p', order('brand:many'));
      shard.sql.all(
        "INSERT INTO watchers (currency, reference, profile) SELECT '', -1, value FROM json_each(?)",
        JSON.stringify(Array.from({ length: 4_999 }, (_, i) => `q${String(i).padStart(5, '0')}`)),
      );
      await shard.topicNews(isNew('one', 'many'));
      await shard.topicNews(isNew('two', 'many'));
      expect(pages.kept.length).toBeLessThanOrEqual(40);
    });
    // However often it is rung, no more are made while these are out.
    for (let turn = 0; turn < 3; turn++) await runDurableObjectAlarm(stubOf(firstTopicShard('brand:many')));
    expect(pages.kept.length).toBeLessThanOrEqual(40);
    let settled = 0;
    await vi.waitFor(async () => {
      await inTopic('brand:many', async (shard) => {
        for (const { walk, change, page } of pages.kept.slice(settled)) {
          expect(await shard.owesTopicPage(walk, change.version, page)).toBe(true);
          await shard.settleTopicPage(walk, change.version, page);
          expect(await shard.owesTopicPage(walk, change.version, page)).toBe(false);
          settled += 1;
        }
      });
      await runDurableObjectAlarm(stubOf(firstTopicShard('brand:many')));
      expect(pages.told()).toHaveLength(10_000);
    });
    for (const walk of ['new_item one', 'new_item two']) {
      const told = pages.kept.filter((page) => page.walk === walk).flatMap(({ profiles }) => profiles);
      expect(new Set(told).size).toBe(5_000);
    }
  });

  it('is sent again until it is settled', async () => {
    const pages = await followed('brand:again', ['a']);
    await inTopic('brand:again', (shard) => shard.topicNews(isNew('ring', 'again')));
    const sentAfter = async (seconds: number) => {
      vi.setSystemTime(START + seconds * 1000);
      await runDurableObjectAlarm(stubOf(firstTopicShard('brand:again')));
      return pages.kept.length;
    };
    expect([await sentAfter(29), await sentAfter(30), await sentAfter(89), await sentAfter(90)]).toEqual([
      1, 2, 2, 3,
    ]);
    await inTopic('brand:again', (shard) => shard.settleTopicPage('new_item ring', 1, 0));
    expect(await sentAfter(10_000)).toBe(3);
  });

  it('stops where the item leaves the topic; a price that is back stops its drop, one lower still begins anew', async () => {
    const pages = await followed('brand:stops', ['a']);
    const at = (price: number, from: number, version: number, brand = 'stops') =>
      news({ item: { ...RING, brand, price }, previous: { price: from, currency: 'KRW' }, version });
    const walks = () =>
      inTopic('brand:stops', async ({ sql }) =>
        sql.all('SELECT walk, version FROM walks').map(({ walk, version }) => `${walk} ${version}`),
      );
    const tell = (change: ItemChange) => inTopic('brand:stops', (shard) => shard.topicNews(change));
    await tell(isNew('ring', 'stops'));
    await tell(at(90, 100, 2));
    expect(await walks()).toEqual(['new_item ring 1', 'price_drop ring 2']);
    await tell(at(95, 90, 3));
    expect(await walks()).toEqual(['new_item ring 1', 'price_drop ring 3']);
    expect(pages.kept.at(-1)?.change).toMatchObject({ previous: { price: 100 }, item: { price: 95 } });
    await tell(at(100, 95, 4));
    expect(await walks()).toEqual(['new_item ring 1']);
    await tell(at(80, 100, 5));
    await tell(at(80, 80, 6, 'another'));
    expect(await walks()).toEqual([]);
  });

  it('forgets a profile that is erased, on its pages too', async () => {
    await followed('brand:erased', ['a', 'b']);
    await inTopic('brand:erased', async (shard) => {
      await shard.topicNews(isNew('ring', 'erased'));
      await shard.forget('a');
      expect(shard.sql.all('SELECT profiles FROM topic_pages')).toEqual([{ profiles: '["b"]' }]);
      expect(shard.sql.all('SELECT profile FROM watchers')).toEqual([{ profile: 'b' }]);
    });
  });
});

describe('a topic’s shard that is full', () => {
  it('becomes eight, which hear of news through it, and everybody hears once', async () => {
    const topic = 'brand:grown';
    const name = parseShardName(firstTopicShard(topic)) as ShardName;
    const profiles = Array.from({ length: 40 }, (_, i) => `p${i}`);
    const pages = keptPages();
    await inTopic(topic, async (shard) => {
      rebind(shard, { FANOUT: pages.queue, WATCHERS_PER_SHARD: '40' });
      for (const profile of profiles) await shard.follow(profile, order(topic));
    });
    await vi.waitFor(async () => {
      vi.setSystemTime(Date.now() + 31_000);
      await runDurableObjectAlarm(stubOf(firstTopicShard(topic)));
      const first = watcherStub(env, firstTopicShard(topic));
      expect(await first.follow('p1', order(topic, false))).toEqual({
        kind: 'moved',
        shard: childOf(name, 'p1'),
      });
    });
    for (const child of childrenOf(name)) {
      await runInDurableObject(stubOf(child), async (shard) => rebind(shard, { FANOUT: pages.queue }));
    }
    await watcherStub(env, childOf(name, 'p1')).follow('p1', order(topic, false));
    await watcherStub(env, firstTopicShard(topic)).topicNews(isNew('ring', 'grown'));
    await vi.waitFor(() => expect(pages.told()).toHaveLength(39));
    expect(pages.told().sort()).toEqual(profiles.filter((one) => one !== 'p1').sort());
  });
});

describe('the catalog', () => {
  /** Topic shards that keep what they are told; `fails`: while it answers true, they can't be reached. */
  async function aCatalog(name: string, fails = () => false) {
    const told: { topic: string; change: ItemChange }[] = [];
    await readyAt(0);
    vi.setSystemTime(START);
    await inCatalog(name, async (catalog) => {
      const shard = (topic: string) => ({
        topicNews: async (change: ItemChange) => {
          if (fails()) throw new Error('overloaded');
          told.push({ topic, change });
        },
      });
      rebind(catalog, { WATCHERS: { getByName: shard } });
    });
    const put = (catalog: CatalogObject, patch: ItemPatch, imported = false) =>
      catalog.put('ring', patch, null, 'KRW', imported);
    return { told, put, topics: () => told.map(({ topic }) => topic.replace('topics:0:0:', '')) };
  }

  it('tells every topic of an item’s first write with one row more to owe and one to settle it', async () => {
    const { told, put, topics } = await aCatalog('catalog-new');
    await inCatalog('catalog-new', async (catalog) => {
      await catalog.put('other', { price: 1 }, null, 'KRW');
      const patch = { brand: 'Moon', category: 'Rings', attributes: { keywords: ['pearl', '14k'] } };
      const rows = await rowsOf(catalog, () => put(catalog, { ...patch, price: 100 }));
      // Nobody listens to categories.
      expect(topics().sort()).toEqual([MOON, 'keyword:14k', 'keyword:pearl']);
      expect(told[0]?.change).toMatchObject({ version: 1, isNew: true, item: { id: 'ring' } });
      expect(rows.written).toBe(3);
      const again = await rowsOf(catalog, () => put(catalog, { title: 'Ring' }));
      expect([again.written, told.length]).toEqual([1, 3]);
    });
  });

  it('tells nobody of one that is imported, at no row more; of its price drop later, those who listen to it', async () => {
    const { told, put, topics } = await aCatalog('catalog-imported');
    await inCatalog('catalog-imported', async (catalog) => {
      await catalog.put('other', { price: 1 }, null, 'KRW');
      const patch = { brand: 'Moon', price: 100, attributes: { keywords: ['pearl'] } };
      expect((await rowsOf(catalog, () => put(catalog, patch, true))).written).toBe(1);
      await put(catalog, { price: 110 });
      expect(told).toEqual([]);
      await put(catalog, { price: 90 });
      expect(topics()).toEqual([MOON]);
      expect(told[0]?.change).toMatchObject({ version: 3, previous: { price: 110 }, item: { price: 90 } });
      expect(told[0]?.change).not.toHaveProperty('isNew');
    });
  });

  it('tells what ends the news of the hour, to the topics that it left too', async () => {
    const { told, put, topics } = await aCatalog('catalog-ends');
    await inCatalog('catalog-ends', async (catalog) => {
      await put(catalog, { brand: 'Moon', price: 100 });
      await put(catalog, { brand: 'Sun' });
      expect(topics()).toEqual([MOON, MOON, 'brand:sun']);
      vi.setSystemTime(START + 3_700_000);
      await put(catalog, { brand: 'Star' });
      expect(told).toHaveLength(3);
    });
  });

  it('owes what can’t be told, changes together, and tells it by the alarm', async () => {
    let isDown = true;
    const { told, put } = await aCatalog('catalog-owes', () => isDown);
    await inCatalog('catalog-owes', async (catalog) => {
      await put(catalog, { brand: 'Moon', price: 100 });
      await put(catalog, { brand: 'Sun', price: 90 });
    });
    expect(told).toEqual([]);
    isDown = false;
    vi.setSystemTime(START + 60_000);
    await readyAt(0);
    vi.setSystemTime(START + 60_000);
    await runDurableObjectAlarm(catalogShard('catalog-owes'));
    await vi.waitFor(() => expect(told).toHaveLength(2));
    expect(told.map(({ topic }) => topic).sort()).toEqual(['topics:0:0:brand:moon', 'topics:0:0:brand:sun']);
    expect(told[0]?.change).toMatchObject({ version: 2, isNew: true, previous: { price: 100 } });
    await inCatalog('catalog-owes', async ({ sql }) => {
      expect(sql.all('SELECT shard FROM pushes')).toEqual([]);
    });
  });
});
