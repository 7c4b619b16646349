/** The alarm of whatever object never gives up, and one that was lost is set again by the next call. */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CountedSql } from '../../src/objects/counted-sql.ts';
import type { CatalogRpc } from '../../src/protocol/catalog-rpc.ts';
import type { SchedulerRpc } from '../../src/protocol/rpc.ts';
import { dropConfig } from '../../src/store/config-cache.ts';
import {
  catalogShard,
  inCatalog,
  inWatchers,
  keptQueue,
  namespaceOf,
  watcherShard,
  watchersOf,
} from '../support/catalog-objects.ts';
import { anEvent, at, inProfile, rebind, START, send, startClock, user } from '../support/profile-world.ts';

beforeEach(startClock);
afterEach(() => {
  vi.useRealTimers();
});

type Stub = DurableObjectStub;

const won = (amount: number) => ({ amount, currency: 'KRW' });
const TELLS_NOBODY = namespaceOf({
  itemChanged: () => Promise.reject(new Error('unreachable')),
  subscribe: async () => ({ item: null, version: 0, changedAt: 0, prices: [] }),
});

function alarmAt(stub: Stub): Promise<number | null> {
  return runInDurableObject(stub, (_, { storage }) => storage.getAlarm());
}

/** Every statement fails, as long as the object lives. */
function breakDisk(stub: Stub): Promise<void> {
  return runInDurableObject(stub, (object) => {
    const { sql } = object as unknown as { sql: CountedSql };
    const full = () => {
      throw new Error('the disk is full');
    };
    Object.assign(sql, { all: full, run: full, transaction: full });
  });
}

/** A catalog shard that owes a change to watchers that can't be reached. */
async function owing(name: string): Promise<Stub> {
  await inCatalog(name, async (catalog) => {
    rebind(catalog, { WATCHERS: TELLS_NOBODY });
    await catalog.subscribe('ring', 'watchers:0:0:ring');
    await catalog.put('ring', { price: 100 }, null, 'KRW');
  });
  return catalogShard(name) as unknown as Stub;
}

/** A watcher shard with a page that nobody has settled. */
async function telling(name: string): Promise<Stub> {
  await inWatchers(name, async (watchers) => {
    rebind(watchers, { CATALOG: TELLS_NOBODY, FANOUT: keptQueue().queue });
    const price = { item: { id: name, price: 100, currency: 'KRW' }, changedAt: START };
    await watchers.watch('p1', { itemId: name, relations: ['liked'], since: START, eventPrice: won(100) });
    await watchers.itemChanged({ ...price, version: 1 }, [{ at: START, price: won(100) }]);
    const drop = { ...price, item: { ...price.item, price: 80 }, version: 2, previous: won(100) };
    await watchers.itemChanged({ ...drop, previous: { price: 100, currency: 'KRW' } }, [
      { at: START, price: won(80) },
    ]);
  });
  return watcherShard(name) as unknown as Stub;
}

function schedulerOfAlarms() {
  return env.SCHEDULER.getByName('scheduler of alarms') as unknown as Stub & SchedulerRpc;
}

/** The scheduler, which looks for broadcasts for ever. */
async function looking(): Promise<Stub> {
  await schedulerOfAlarms().sync(START);
  return schedulerOfAlarms();
}

/** What has an alarm, and a call that wakes it. */
const OBJECTS: [
  kind: string,
  make: (name: string) => Promise<Stub>,
  wake: (name: string) => Promise<unknown>,
][] = [
  ['catalog', owing, async (name) => (catalogShard(name) as unknown as CatalogRpc).read('ring')],
  ['watchers', telling, async (name) => watchersOf(name).settlePage(0, 0)],
  ['scheduler', looking, async () => schedulerOfAlarms().sync(START)],
];

describe.each(OBJECTS)('the alarm of the %s', (name, make, wake) => {
  it('outlives twenty failures in a row', async () => {
    const stub = await make(`${name} fails`);
    for (let i = 0; i < 20; i++) {
      const now = at(3_600 * (i + 1));
      if (i % 3 === 0) await evictDurableObject(stub);
      await breakDisk(stub);
      if (name === 'scheduler') await runInDurableObject(stub, (object) => rebind(object, { DB: null }));
      expect(await runDurableObjectAlarm(stub), `failure ${i}`).toBe(true);
      expect(await alarmAt(stub), `failure ${i}`).toBeGreaterThan(now);
    }
    await evictDurableObject(stub);
    expect(await runDurableObjectAlarm(stub)).toBe(true);
  });

  it('is set again by the next call where it was lost, and where it is long past', async () => {
    const stub = await make(`${name} loses`);
    await runInDurableObject(stub, (_, { storage }) => storage.deleteAlarm());
    await evictDurableObject(stub);
    await wake(`${name} loses`);
    expect(await alarmAt(stub)).toBeGreaterThanOrEqual(START);
    const now = at(7_200);
    await evictDurableObject(stub);
    await wake(`${name} loses`);
    expect(await alarmAt(stub)).toBeGreaterThanOrEqual(now);
  });
});

describe('an alarm that died half-way', () => {
  it('sets the next one, durably, before it begins again', async () => {
    const ref = await user('dies half-way');
    await send(ref, [anEvent('Opened')]);
    const now = at(3_600);
    dropConfig();
    const armedAt = await inProfile(ref, async (profile, { storage }) => {
      const session = { prepare: () => ({ bind: () => null }), batch: () => new Promise(() => {}) };
      rebind(profile, { DB: { withSession: () => session } });
      await storage.deleteAlarm();
      void profile.alarm({ isRetry: true });
      await storage.sync();
      return storage.getAlarm();
    });
    expect(armedAt).toBe(now + 30_000);
  });
});
