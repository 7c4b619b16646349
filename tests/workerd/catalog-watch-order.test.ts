/**
 * Orders of one profile for one item, whose calls get lost, come twice, and overtake each other: the engine and the offering
 * of the outbox on one side, real watcher shards on the other, and between them a network that does what it likes.
 */
import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FENCE } from '../../src/catalog/fence.ts';
import { childrenOf } from '../../src/catalog/split.ts';
import { priceAt } from '../../src/catalog/watch-plan.ts';
import type { WatcherObject } from '../../src/catalog/watcher-object.ts';
import { applyDelta } from '../../src/engine/delta.ts';
import { settleWatch } from '../../src/engine/items/watch-orders.ts';
import { aConfig, products } from '../../src/engine/testing/builders.ts';
import { VirtualProfile } from '../../src/engine/testing/virtual-profile.ts';
import type { Price, WatchOrder } from '../../src/engine/vocabulary.ts';
import { offer, type WatchEntry } from '../../src/profiles/offer.ts';
import type { WatcherRow, WatchResult } from '../../src/protocol/catalog-rpc.ts';
import { catalogStub, firstTopicShard, firstWatcherShard, watcherStub } from '../../src/protocol/stubs.ts';
import {
  aWatch,
  inWatchers,
  namespaceOf,
  rebind,
  watcherShard,
  watchersOf,
} from '../support/catalog-objects.ts';

vi.setConfig({ testTimeout: 60_000 });

const START = Date.UTC(2026, 8, 1);
const HOUR_MS = 3_600_000;
const WAIT = { timeout: 20_000 };
const won = (amount: number): Price => ({ amount, currency: 'KRW' });

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
  vi.setSystemTime(START);
});
afterEach(() => {
  vi.useRealTimers();
});

function shard(name: string) {
  return env.WATCHERS.getByName(name) as unknown as DurableObjectStub<WatcherObject>;
}

/** Of the item's first shard and, where it has been split, of its children; fences are none. */
async function rowsOf(itemId: string): Promise<WatcherRow[]> {
  const names = [
    firstWatcherShard(itemId),
    ...childrenOf({ kind: 'item', generation: 0, index: 0, of: itemId }),
  ];
  const rows = await Promise.all(
    names.map((name) =>
      runInDurableObject(shard(name), ({ sql }) =>
        sql.hasTable('watchers')
          ? (sql.all('SELECT * FROM watchers WHERE currency <> ?', FENCE.currency) as unknown as WatcherRow[])
          : [],
      ),
    ),
  );
  return rows.flat();
}

const LIKE = 'Product Added to Wishlist';
const UNLIKE = 'Product Removed from Wishlist';
const CART = 'Product Added';
const UNCART = 'Product Removed';
const PROFILE = 'key-of-u1';

/** What becomes of one call: never made; made, and the answer lost; or made when it has long been given up. */
type Fate = 'answered' | 'lost' | 'unanswered' | 'late';

/** One profile and one item's shards. */
class OneWatcher {
  readonly profile = new VirtualProfile({ config: aConfig(), at: START });
  readonly itemId: string;
  /** Calls that are still on their way. */
  readonly late: (() => Promise<void>)[] = [];
  price = 100;

  constructor(itemId: string) {
    this.itemId = itemId;
    this.profile.answersWatches = false;
  }

  pass(seconds: number) {
    this.profile.now += seconds * 1000;
    vi.setSystemTime(this.profile.now);
  }

  async costs(price: number) {
    this.pass(1);
    this.price = price;
    await catalogStub(env, this.itemId).put(this.itemId, { price, currency: 'KRW' }, null);
  }

  async does(event: string, fate: Fate) {
    this.pass(1);
    const { effects } = this.profile.track(event, products({ product_id: this.itemId, price: this.price }));
    for (const entry of effects) if (entry.kind === 'watch') await this.#leave(entry, fate);
  }

  /** The alarm: what nobody has answered is offered again. */
  async wakes(fate: Fate) {
    this.pass(301);
    for (const entry of this.profile.wake().effects)
      if (entry.kind === 'watch') await this.#leave(entry, fate);
  }

  async arrives() {
    this.pass(1);
    await this.late.shift()?.();
  }

  /** Nothing fails any more: until the outbox is empty. */
  async settles() {
    for (let round = 0; this.#isOpen(); round++) {
      if (round > 20) throw new Error('the orders never come to an end');
      await this.wakes('answered');
    }
  }

  /** Whoever comes next finds the shard full. */
  async splits() {
    await inWatchers(this.itemId, async (watchers) => {
      rebind(watchers, { WATCHERS_PER_SHARD: '1' });
      await watchers.watch('other', aWatch(this.itemId, { since: this.profile.now }));
    });
    // Pages on their way are settled first, by a real queue on a machine that may be busy.
    await vi.waitFor(async () => {
      this.pass(31);
      await runDurableObjectAlarm(watcherShard(this.itemId));
      const asked = await watchersOf(this.itemId).watch('other', aWatch(this.itemId, { relations: [] }));
      expect(asked.kind).toBe('moved');
    }, WAIT);
  }

  #isOpen(): boolean {
    return [...this.profile.state.outbox.values()].some(({ kind }) => kind === 'watch');
  }

  async #leave(entry: WatchEntry, fate: Fate): Promise<void> {
    if (fate === 'lost') return;
    const call = async () => {
      await offer(PROFILE, [entry], {
        ...unused,
        watchers: (name) => watcherStub(env, name),
        firstShard: firstWatcherShard,
        watched: async (answered, result) => {
          if (fate !== 'unanswered') await this.#answered(answered, result);
        },
      });
    };
    if (fate === 'late') this.late.push(call);
    else await call();
  }

  async #answered({ id, watch }: WatchEntry, result: WatchResult): Promise<void> {
    const { reference, began = null } = result.kind === 'watching' ? result : { reference: null };
    const { state, config, now } = this.profile;
    const settled = settleWatch({
      state,
      config,
      now,
      history: this.profile,
      id,
      order: watch,
      reference,
      began,
    });
    applyDelta(state, settled.delta);
    for (const entry of settled.effects) if (entry.kind === 'watch') await this.#leave(entry, 'answered');
  }
}

const fails = () => Promise.reject(new Error('nothing else leaves'));
const unused = {
  dispatch: { sendBatch: fails },
  facts: { sendBatch: fails },
  profile: () => ({ releaseFrozen: fails }),
  released: fails,
  followed: fails,
  firstTopicShard,
};

/** One row while the user is anything to the item, at the price that the profile was told, and else none. */
async function expectLastState(one: OneWatcher) {
  const { state } = one.profile;
  const isOn = [...state.relations.values()].some(({ on }) => on);
  const rows = (await rowsOf(one.itemId)).filter(({ profile }) => profile === PROFILE);
  expect(rows.map((row) => priceAt(row, null))).toEqual(
    isOn ? [state.watches.get(one.itemId)?.registered] : [],
  );
}

const fate = fc.constantFrom<Fate>('answered', 'lost', 'unanswered', 'late');
const aStep = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.constantFrom(LIKE, UNLIKE, CART, UNCART), fate) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('wake' as const), fate) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('price' as const), fc.integer({ min: 1, max: 5 })) },
  { weight: 3, arbitrary: fc.tuple(fc.constant('arrive' as const), fc.constant(0)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('split' as const), fc.constant(0)) },
);

let lives = 0;

async function play(steps: [what: string, how: Fate | number][]) {
  const one = new OneWatcher(`life-${++lives}`);
  await one.costs(100);
  let isSplit = false;
  for (const [what, how] of steps) {
    if (what === 'price') await one.costs(Number(how));
    else if (what === 'arrive') await one.arrives();
    else if (what === 'wake') await one.wakes(how as Fate);
    else if (what !== 'split') await one.does(what, how as Fate);
    else if (!isSplit) {
      isSplit = true;
      await one.splits();
    }
  }
  await one.settles();
  while (one.late.length > 0) await one.arrives();
  await one.settles();
  await expectLastState(one);
}

describe('orders that are lost, repeated and reordered', () => {
  it('end in what the profile ordered last, in one shard as in one that splits meanwhile', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(aStep, { minLength: 3, maxLength: 14 }), (steps) => play(steps)),
      { numRuns: 25 },
    );
  });

  it.each([
    [
      'a registration after the removal',
      [
        [LIKE, 'late'],
        ['wake', 'answered'],
        [UNLIKE, 'answered'],
        ['arrive', 0],
      ],
    ],
    [
      'a removal after the registration that followed it',
      [
        [LIKE, 'answered'],
        [UNLIKE, 'late'],
        ['wake', 'answered'],
        [LIKE, 'answered'],
        ['arrive', 0],
      ],
    ],
    [
      'a registration at an older price, after the item was liked anew',
      [
        [LIKE, 'late'],
        ['wake', 'answered'],
        [UNLIKE, 'answered'],
        ['price', 3],
        [LIKE, 'answered'],
        ['arrive', 0],
      ],
    ],
    [
      'a registration after the removal and a split',
      [
        [LIKE, 'late'],
        ['wake', 'answered'],
        [UNLIKE, 'answered'],
        ['split', 0],
        ['arrive', 0],
      ],
    ],
  ] as [string, [string, Fate | number][]][])('%s: it comes too late', (_, steps) => play(steps));
});

describe('a fence', () => {
  const like = (orderedAt: number, more: Partial<WatchOrder> = {}) =>
    aWatch('fenced', { since: START, orderedAt, ...more });

  it('is put up by what is ordered again, moved by all that follows, and costs who is answered at once nothing', async () => {
    await inWatchers('fenced', async (watchers) => {
      const fence = () => watchers.sql.all('SELECT profile, since FROM watchers WHERE currency = ?', '~');
      await watchers.watch('calm', like(1));
      expect(fence()).toEqual([]);
      await watchers.watch('p', like(START, { again: true }));
      expect(fence()).toEqual([{ profile: 'p', since: START }]);
      await watchers.watch('p', like(START + 5, { relations: [], registered: null }));
      expect(fence()).toEqual([{ profile: 'p', since: START + 5 }]);
      expect(await watchers.watch('p', like(START))).toEqual({ kind: 'overtaken' });
      expect(await watchers.watch('calm', like(1))).toMatchObject({ kind: 'watching' });
    });
  });

  it('stops an order that has waited for the catalog since before', async () => {
    await inWatchers('waits', async (watchers) => {
      let answer = () => {};
      const asked = new Promise<void>((resolve) => {
        answer = resolve;
      });
      const subscribe = async () => {
        await asked;
        return { item: null, version: 0, changedAt: 0, prices: [] };
      };
      rebind(watchers, { CATALOG: namespaceOf({ subscribe, unsubscribe: async () => {} }) });
      const waiting = watchers.watch('p', aWatch('waits', { orderedAt: START }));
      const again = { orderedAt: START + 1, again: true as const, relations: [] };
      expect(await watchers.watch('p', aWatch('waits', again))).toEqual({ kind: 'removed' });
      answer();
      expect(await waiting).toEqual({ kind: 'overtaken' });
      expect(watchers.sql.all("SELECT * FROM watchers WHERE currency < '~'")).toEqual([]);
    });
  });

  it('subscribes again after a subscription that failed, though a change came meanwhile', async () => {
    await inWatchers('torn', async (watchers) => {
      const { subscribe, unsubscribe } = catalogStub(env, 'torn');
      const failing = Promise.withResolvers<never>();
      let asked = 0;
      const failsOnce = (itemId: string, shard: string) =>
        asked++ === 0 ? failing.promise : subscribe(itemId, shard);
      rebind(watchers, { CATALOG: namespaceOf({ subscribe: failsOnce, unsubscribe }) });
      const waiting = watchers.watch('p', aWatch('torn', { orderedAt: START }));
      await vi.waitFor(() => expect(asked).toBe(1));
      const item = { id: 'torn', price: 90, currency: 'KRW' };
      const change = { item, version: 1, previous: {}, changedAt: START };
      const prices = [{ at: START, price: won(90) }];
      await watchers.itemChanged(change, prices);
      failing.reject(new Error('it has died'));
      expect(await waiting).toMatchObject({ kind: 'unavailable' });
      expect(await watchers.watch('p', aWatch('torn', { orderedAt: START }))).toMatchObject({
        kind: 'watching',
      });
      const cheaper = { ...change, item: { ...item, price: 80 }, version: 2, changedAt: START + 1 };
      await watchers.itemChanged(cheaper, [{ at: START + 1, price: won(80) }, ...prices]);
      await watchers.watch('q', aWatch('torn', { orderedAt: START }));
      expect(asked).toBe(2);
    });
  });

  it('is no watcher: its shard leaves the catalog, and is told nothing', async () => {
    await catalogStub(env, 'empty').put('empty', { price: 100, currency: 'KRW' }, null);
    const gone: string[] = [];
    await inWatchers('empty', async (watchers) => {
      const { subscribe } = catalogStub(env, 'empty');
      const unsubscribe = async (itemId: string) => {
        gone.push(itemId);
      };
      rebind(watchers, { CATALOG: namespaceOf({ subscribe, unsubscribe }) });
      await watchers.watch('p', aWatch('empty', { orderedAt: START }));
      const again = { orderedAt: START + 1, again: true as const, relations: [], registered: won(100) };
      await watchers.watch('p', aWatch('empty', again));
      await vi.waitFor(() => expect(gone).toEqual(['empty']));
    });
  });

  it('is taken down after an hour, and with its profile', async () => {
    const count = () =>
      inWatchers('hour', async ({ sql }) => sql.all('SELECT profile FROM watchers ORDER BY profile').length);
    for (const profile of ['a', 'b']) {
      await watchersOf('hour').watch(
        profile,
        aWatch('hour', { orderedAt: START, again: true, relations: [] }),
      );
    }
    expect(await count()).toBe(2);
    await watchersOf('hour').forget('a');
    expect(await count()).toBe(1);
    vi.setSystemTime(START + HOUR_MS);
    expect(await runDurableObjectAlarm(watcherShard('hour'))).toBe(true);
    expect(await count()).toBe(0);
  });
});
