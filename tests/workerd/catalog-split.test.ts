import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { childOf, childrenOf } from '../../src/catalog/split.ts';
import type { WatcherObject } from '../../src/catalog/watcher-object.ts';
import type { WatcherPage } from '../../src/protocol/queue-messages.ts';
import { catalogStub, firstWatcherShard, watcherStub } from '../../src/protocol/stubs.ts';
import {
  aWatch,
  inWatchers,
  keptQueue,
  rebind,
  rowsOf,
  watcherShard,
  watchersOf,
} from '../support/catalog-objects.ts';

const START = Date.UTC(2026, 8, 1);
const LIMIT = 48;
const root = (itemId: string) => ({ kind: 'item' as const, generation: 0, index: 0, of: itemId });
const won = (amount: number) => ({ amount, currency: 'KRW' });

let now = START;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
  vi.setSystemTime(now);
});
afterEach(() => {
  vi.useRealTimers();
});

function pass(seconds: number) {
  now += seconds * 1000;
  vi.setSystemTime(now);
}

async function price(itemId: string, amount: number) {
  pass(1);
  await catalogStub(env, itemId).put(itemId, { price: amount, currency: 'KRW' }, null);
}

function shard(name: string) {
  return env.WATCHERS.getByName(name) as unknown as DurableObjectStub<WatcherObject>;
}

/** Each watcher that the item's shards hold, with the shard it stands in. */
async function rowsOfItem(itemId: string): Promise<[profile: string, shard: string][]> {
  const names = [firstWatcherShard(itemId), ...childrenOf(root(itemId))];
  const rows = await Promise.all(
    names.map((name) =>
      runInDurableObject(shard(name), async ({ sql }) =>
        sql.hasTable('watchers')
          ? sql
              .all<{ profile: string }>('SELECT profile FROM watchers')
              .map(({ profile }) => [profile, name] as [string, string])
          : [],
      ),
    ),
  );
  return rows.flat();
}

const profiles = Array.from({ length: LIMIT }, (_, index) => `p${String(index).padStart(3, '0')}`);

/** An item at 100 won with as many watchers as a shard holds, all but the last; a third of them began at 50. */
async function almostFull(itemId: string, bindings: object = {}) {
  await price(itemId, 100);
  await inWatchers(itemId, async (watchers) => {
    rebind(watchers, { WATCHERS_PER_SHARD: String(LIMIT), ...bindings });
    await watchers.watch(profiles[0] ?? '', aWatch(itemId));
    const others = profiles
      .slice(1, -1)
      .map((profile, index) => [profile, index % 3 === 0 ? 500_000 : 1_000_000]);
    watchers.sql.all(
      `INSERT INTO watchers (currency, reference, profile, relations)
       SELECT 'KRW', value->>1, value->>0, 1 FROM json_each(?)`,
      JSON.stringify(others),
    );
  });
  const low = profiles.slice(1, -1).filter((_, index) => index % 3 === 0);
  return { crossed: profiles.filter((profile) => !low.includes(profile)) };
}

const last = profiles.at(-1) ?? '';
const addLast = (itemId: string) => inWatchers(itemId, (watchers) => watchers.watch(last, aWatch(itemId)));

/** Alarms until the shard says where to go. */
async function untilSplit(itemId: string) {
  await vi.waitFor(async () => {
    pass(31);
    await runDurableObjectAlarm(watcherShard(itemId));
    expect(await watchersOf(itemId).watch('nobody', aWatch(itemId, { relations: [] }))).toMatchObject({
      kind: 'moved',
    });
  });
}

describe('a shard that is full', () => {
  it('becomes eight: each watcher stands in the one that its hash names, and in no other', async () => {
    await almostFull('grown');
    await addLast('grown');
    await untilSplit('grown');
    const rows = await rowsOfItem('grown');
    expect(rows.map(([profile]) => profile).sort()).toEqual(profiles);
    expect(rows.every(([profile, name]) => name === childOf(root('grown'), profile))).toBe(true);
    expect(new Set(rows.map(([, name]) => name)).size).toBeGreaterThan(4);
  });

  it('asks whoever comes while it is being split to come again, and is itself counted only when it may be full', async () => {
    await almostFull('busy');
    await addLast('busy');
    const busy = { kind: 'unavailable', retryAfterSeconds: 2 };
    expect(await watchersOf('busy').watch('new', aWatch('busy'))).toEqual(busy);
    expect(await watchersOf('busy').forget('p001')).toEqual(busy);
    await price('small', 100);
    await inWatchers('small', async (watchers) => {
      await watchers.watch('a', aWatch('small'));
      const rows = await rowsOf(watchers, () => watchers.watch('b', aWatch('small')));
      expect(rows.read).toBeLessThanOrEqual(4);
      expect(rows.written).toBe(1);
    });
  });

  it('then registers, removes and forgets in the child alone, for one row each', async () => {
    await almostFull('after');
    await addLast('after');
    await untilSplit('after');
    const moved = await watchersOf('after').watch('new', aWatch('after'));
    if (moved.kind !== 'moved') throw new Error(moved.kind);
    await runInDurableObject(shard(moved.shard), async (child) => {
      const order = aWatch('after', { registered: won(100) });
      expect((await rowsOf(child, () => child.watch('new', order))).written).toBe(1);
      const gone = await rowsOf(child, () => child.watch('new', { ...order, relations: [] }));
      expect(gone.written).toBe(1);
    });
    const home = await watchersOf('after').forget('p001');
    if (home.kind !== 'moved') throw new Error(home.kind);
    expect(await watcherStub(env, home.shard).forget('p001')).toEqual({ kind: 'forgotten' });
    expect((await rowsOfItem('after')).map(([profile]) => profile).sort()).toEqual(
      profiles.filter((profile) => profile !== 'p001'),
    );
  });
});

/** Bindings whose `at`th call to another object fails, before it was made or after. */
function failing(at: number, when: 'before' | 'after') {
  let calls = 0;
  const wrap = (namespace: DurableObjectNamespace) => ({
    getByName: (name: string) => {
      const stub = namespace.getByName(name) as unknown as Record<
        string,
        (...args: unknown[]) => Promise<unknown>
      >;
      return new Proxy(stub, {
        get:
          (target, method: string) =>
          async (...args: unknown[]) => {
            calls += 1;
            const fails = calls === at;
            if (fails && when === 'before') throw new Error('killed');
            const answer = await target[method]?.(...args);
            if (fails) throw new Error('killed');
            return answer;
          },
      });
    },
  });
  return { WATCHERS: wrap(env.WATCHERS), CATALOG: wrap(env.CATALOG), calls: () => calls };
}

describe('a split that is cut off', () => {
  // A stretch for each of the seven children that get one, eight beginnings, one word to the catalog.
  const points = [1, 4, 7, 8, 9, 12, 15, 16].flatMap((at) => [
    [at, 'before'] as const,
    [at, 'after'] as const,
  ]);

  it.each(points)(
    'at its call %i (%s it was made) loses no watcher, doubles none, and tells each once',
    async (at, when) => {
      const itemId = `cut-${at}-${when}`;
      const { crossed } = await almostFull(itemId);
      const told: string[] = [];
      const queue = {
        sendBatch: async (messages: Iterable<{ body: WatcherPage }>) => {
          for (const { body } of messages) {
            told.push(...body.watchers.map((one) => `${one.profile}@${body.change.item.price}`));
            // As the consumer does, once every profile has heard.
            await watcherStub(env, body.shard).settlePage(body.change.version, body.page);
          }
        },
      };
      /** What the catalog couldn't tell a shard that had not begun, its alarm tells again. */
      const allHear = (amount: number) =>
        vi.waitFor(async () => {
          pass(11);
          await runDurableObjectAlarm(catalogStub(env, itemId) as unknown as DurableObjectStub);
          const heard = told.filter((one) => one.endsWith(`@${amount}`)).sort();
          expect(heard).toEqual(crossed.map((one) => `${one}@${amount}`));
        });
      for (const name of childrenOf(root(itemId))) {
        await runInDurableObject(shard(name), async (child) => rebind(child, { FANOUT: queue }));
      }
      const { calls, ...bindings } = failing(at, when);
      await inWatchers(itemId, async (watchers) => {
        rebind(watchers, { WATCHERS_PER_SHARD: String(LIMIT), FANOUT: queue, ...bindings });
        await watchers.watch(last, aWatch(itemId));
      });
      await vi.waitFor(async () => {
        await runDurableObjectAlarm(watcherShard(itemId));
        expect(calls()).toBeGreaterThanOrEqual(at);
      });
      await evictDurableObject(watcherShard(itemId));
      await inWatchers(itemId, async (watchers) => rebind(watchers, { FANOUT: queue }));
      // In the middle of it: a drop that crosses two thirds of them.
      await price(itemId, 90);
      await untilSplit(itemId);
      await allHear(90);
      await price(itemId, 80);
      await allHear(80);
      const rows = await rowsOfItem(itemId);
      expect(rows.map(([profile]) => profile).sort()).toEqual(profiles);
    },
  );
});

describe('a shard that its last watcher leaves', () => {
  it('is told of nothing any more, and of everything again when somebody watches anew', async () => {
    await price('left', 100);
    const kept = keptQueue();
    await inWatchers('left', async (watchers) => {
      rebind(watchers, { FANOUT: kept.queue });
      await watchers.watch('p', aWatch('left'));
      await watchers.watch('p', aWatch('left', { relations: [], registered: won(100) }));
      await watchers.watch('p', aWatch('left'));
      await price('left', 90);
      await vi.waitFor(() => expect(kept.messages()).toHaveLength(1));
      await watchers.settlePage(2, 0);
      await watchers.watch('p', aWatch('left', { relations: [], registered: won(100) }));
      const rows = await rowsOf(watchers, () => price('left', 80));
      expect(rows).toEqual({ read: 0, written: 0 });
      expect(watchers.sql.all('SELECT * FROM standing')).toEqual([]);
    });
  });
});
