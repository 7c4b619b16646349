import { runDurableObjectAlarm } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { WatcherObject } from '../../src/catalog/watcher-object.ts';
import type { ItemPatch } from '../../src/protocol/catalog-rpc.ts';
import { catalogStub } from '../../src/protocol/stubs.ts';
import {
  aWatch,
  inWatchers,
  keptQueue,
  rebind,
  rowsOf,
  watcherShard,
  watchersOf,
} from '../support/catalog-objects.ts';
import { publish } from '../support/profile-world.ts';

const START = Date.UTC(2026, 8, 1);

function at(minutes: number): number {
  const now = START + minutes * 60_000;
  vi.setSystemTime(now);
  return now;
}

beforeAll(async () => {
  await publish({
    id: 'news',
    entry: {
      on: [
        { item: 'back_in_stock', relation: ['subscribed', 'liked'] },
        { item: 'low_stock', relation: ['in_cart'] },
        { item: 'changed', path: 'item.attributes.size', relation: ['liked'] },
      ],
    },
  });
});
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
  at(0);
});
afterEach(() => {
  vi.useRealTimers();
});

async function put(itemId: string, patch: ItemPatch) {
  await catalogStub(env, itemId).put(itemId, patch, null);
}

/** A shard of an item in this state, watched by `who`, whose pages the test keeps. */
async function watched(
  itemId: string,
  first: ItemPatch,
  who: Record<string, Partial<Parameters<typeof aWatch>[1]>>,
) {
  await put(itemId, first);
  const kept = keptQueue();
  await inWatchers(itemId, async (watchers) => {
    rebind(watchers, { FANOUT: kept.queue });
    for (const [profile, order] of Object.entries(who)) await watchers.watch(profile, aWatch(itemId, order));
  });
  const told = () =>
    kept.messages().map(({ change, watchers }) => [change.version, ...watchers.map((one) => one.profile)]);
  return { ...kept, told };
}

const waiting = (minutes: number) => ({
  relations: ['subscribed' as const],
  subscribedSince: START + minutes * 60_000,
});

describe('an item that comes back in stock', () => {
  it('is told to who waits longest first, then to others whom it concerns, and to nobody else', async () => {
    const { told, messages } = await watched(
      'back',
      { stock: 0, price: 100, currency: 'KRW' },
      {
        likes: { relations: ['liked'] },
        late: waiting(3),
        early: waiting(1),
        carts: { relations: ['in_cart'] },
      },
    );
    at(10);
    await put('back', { stock: 9 });
    await vi.waitFor(() => expect(told()).toEqual([[2, 'early', 'late', 'likes']]));
    expect(messages()[0]?.change.previous).toEqual({
      price: 100,
      currency: 'KRW',
      stock: 0,
      at: START,
      differs: { 'item.stock': START + 600_000 },
    });
  });

  it('is told in that order over all pages, by the alarm where they are more than a turn makes, and to each once', async () => {
    const count = 4_500;
    const { messages } = await watched('queue', { stock: 0 }, { first: waiting(0) });
    await inWatchers('queue', async ({ sql }) => {
      // Whoever comes last by name waits longest.
      const rows = Array.from({ length: count - 1 }, (_, i) => [`w${String(count - i)}`, START + 1 + i]);
      sql.all(
        `INSERT INTO watchers (currency, reference, profile, relations, since)
         SELECT '', -1, value->>0, 8, value->>1 FROM json_each(?)`,
        JSON.stringify(rows),
      );
    });
    at(10);
    await put('queue', { stock: 9 });
    expect(messages().length).toBeLessThanOrEqual(20);
    await vi.waitFor(async () => {
      await runDurableObjectAlarm(watcherShard('queue'));
      expect(messages()).toHaveLength(23);
    });
    const told = messages().flatMap((page) => page.watchers.map(({ profile }) => profile));
    expect(told).toEqual(['first', ...Array.from({ length: count - 1 }, (_, i) => `w${count - i}`)]);
  });

  it('is not told any further once it is sold out again', async () => {
    const { told } = await watched('gone', { stock: 0 }, { a: waiting(1) });
    await put('gone', { stock: 2 });
    await put('gone', { stock: 0 });
    at(60);
    await runDurableObjectAlarm(watcherShard('gone'));
    expect(told()).toEqual([[2, 'a']]);
    await inWatchers('gone', async ({ sql }) => expect(sql.all('SELECT page FROM pages')).toEqual([]));
    expect(await runDurableObjectAlarm(watcherShard('gone'))).toBe(false);
  });

  it('is told anew, from where it began, when it changes before everybody has heard', async () => {
    const { told, messages } = await watched('again', { stock: 0 }, { a: waiting(1) });
    await put('again', { stock: 2 });
    await put('again', { stock: 1 });
    await vi.waitFor(() =>
      expect(told()).toEqual([
        [2, 'a'],
        [3, 'a'],
      ]),
    );
    expect(messages()[1]?.change).toMatchObject({ item: { stock: 1 }, previous: { stock: 0, at: START } });
  });

  it('before a watcher was registered is told with its registration', async () => {
    await put('missed', { stock: 0 });
    const since = at(1);
    at(2);
    await put('missed', { stock: 4 });
    const answer = await watchersOf('missed').watch(
      'p',
      aWatch('missed', { since, relations: ['subscribed'] }),
    );
    expect(answer).toMatchObject({ kind: 'watching', restockedAt: START + 120_000 });
  });
});

describe('other news of an item', () => {
  it('is told once with a price drop of the same version, as one event', async () => {
    const { told, messages } = await watched(
      'both',
      { stock: 9, price: 100, currency: 'KRW' },
      {
        likes: { relations: ['liked'] },
        carts: { relations: ['in_cart'] },
      },
    );
    await put('both', { stock: 4, price: 90 });
    await vi.waitFor(() =>
      expect(told()).toEqual([
        [2, 'carts', 'likes'],
        [2, 'carts'],
      ]),
    );
    const [drop, news] = messages();
    expect(news?.change).toEqual(drop?.change);
    expect(new Set(messages().map(({ page }) => page)).size).toBe(2);
    await watchersOf('both').settlePage(2, drop?.page ?? -1);
    at(60);
    await runDurableObjectAlarm(watcherShard('both'));
    expect(told()).toHaveLength(3);
  });

  it('that nobody listens to is told to nobody, and costs one row', async () => {
    const { told } = await watched('quiet', { stock: 9, title: 'Ring' }, { likes: { relations: ['liked'] } });
    await inWatchers('quiet', async (watchers: WatcherObject) => {
      const rows = await rowsOf(watchers, () =>
        put('quiet', { stock: 8, title: 'Band', attributes: { color: 'red' } }),
      );
      expect(rows.written).toBe(1);
    });
    expect(told()).toEqual([]);
    await put('quiet', { attributes: { size: 12 } });
    await vi.waitFor(() => expect(told()).toEqual([[3, 'likes']]));
  });

  it('concerns a watcher by the relations that it has now', async () => {
    const order = { since: START, registered: null };
    const { told } = await watched('moves', { stock: 9 }, { p: { relations: ['liked'] } });
    await inWatchers('moves', async (watchers: WatcherObject) => {
      const more = aWatch('moves', { ...order, relations: ['liked', 'in_cart'] });
      expect((await rowsOf(watchers, () => watchers.watch('p', more))).written).toBe(1);
      expect((await rowsOf(watchers, () => watchers.watch('p', more))).written).toBe(0);
    });
    await put('moves', { stock: 5 });
    await vi.waitFor(() => expect(told()).toEqual([[2, 'p']]));
  });
});
