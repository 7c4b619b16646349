import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Event } from '../../src/engine/vocabulary.ts';
import type { ProfileRef } from '../../src/protocol/rpc.ts';
import { registryStub } from '../../src/protocol/stubs.ts';
import type { RegistryObject } from '../../src/registry/registry-object.ts';
import { inWatchers, rowsOf } from '../support/catalog-objects.ts';
import { anEvent, at, send, startClock, tablesOf, user, visitor } from '../support/profile-world.ts';

function index(name: string) {
  return env.REGISTRY.getByName(name) as unknown as DurableObjectStub<RegistryObject>;
}

const some = (count: number) =>
  Array.from({ length: count }, (_, number) => ({
    key: `p${String(number).padStart(4, '0')}`,
    createdAt: number,
  }));

describe('the registry', () => {
  it('has one row for each profile, however often it is told', async () => {
    const stub = index('rows');
    await stub.add(some(3));
    await runInDurableObject(stub, async (object) => {
      const twoKnown = [...some(5), { key: 'p0000', createdAt: 99 }];
      const add = () => object.add(twoKnown);
      expect((await rowsOf(object, add)).written).toBe(2);
      expect((await rowsOf(object, add)).written).toBe(0);
      expect(object.sql.all('SELECT key, created_at FROM profiles ORDER BY key LIMIT 1')).toEqual([
        { key: 'p0000', created_at: 0 },
      ]);
    });
  });

  it('pages through all profiles in the order of their keys, each once', async () => {
    const stub = index('pages');
    await stub.add(some(25).reverse());
    const keys: string[] = [];
    const sizes: number[] = [];
    let cursor: string | null = null;
    do {
      const page: { keys: string[]; cursor: string | null } = await stub.page(cursor, 10);
      keys.push(...page.keys);
      sizes.push(page.keys.length);
      cursor = page.cursor;
    } while (cursor !== null);
    expect(keys).toEqual(some(25).map((profile) => profile.key));
    expect(sizes).toEqual([10, 10, 5]);
  });

  it('ends with the page that is just full', async () => {
    const stub = index('full');
    await stub.add(some(10));
    expect((await stub.page(null, 10)).cursor).toBeNull();
    expect((await stub.page('p0009', 10)).keys).toEqual([]);
  });

  it('finds profiles that came in behind the cursor', async () => {
    const stub = index('growing');
    await stub.add([
      { key: 'a', createdAt: 1 },
      { key: 'c', createdAt: 1 },
    ]);
    const first = await stub.page(null, 1);
    await stub.add([{ key: 'b', createdAt: 2 }]);
    expect((await stub.page(first.cursor, 10)).keys).toEqual(['b', 'c']);
  });

  it('leaves nothing behind where it is only asked, and keeps what it was told over an eviction', async () => {
    const stub = index('quiet');
    expect(await stub.page(null, 10)).toEqual({ keys: [], cursor: null });
    await stub.add([]);
    await runInDurableObject(stub, (_, state) => {
      expect(
        state.storage.sql.exec("SELECT name FROM sqlite_master WHERE name = 'profiles'").toArray(),
      ).toEqual([]);
    });
    await stub.add([{ key: 'a', createdAt: 1 }]);
    await evictDurableObject(stub);
    expect((await stub.page(null, 10)).keys).toEqual(['a']);
  });

  it('gives pages of 1 to 1,000, whatever is asked', async () => {
    const stub = index('limits');
    await stub.add(some(1200));
    expect((await stub.page(null, 5000)).keys).toHaveLength(1000);
    expect((await stub.page(null, 0)).keys).toHaveLength(1);
  });

  it('has a place for every profile', async () => {
    await registryStub(env, 'profile-1').add([{ key: 'profile-1', createdAt: 1 }]);
    expect((await registryStub(env, 'profile-1').page(null, 10)).keys).toEqual(['profile-1']);
  });
});

describe('anonymous profiles that nobody has seen for 90 days', () => {
  const DAY_S = 86_400;
  beforeEach(startClock);
  afterEach(() => {
    vi.useRealTimers();
  });

  /** As the facts consumer tells of them; what else is on its way from other tests doesn't matter. */
  async function someone(ref: ProfileRef, event: Event) {
    await send(ref, [event]);
    await registryStub(env, ref.key).add([{ key: ref.key, createdAt: Date.now() }]);
  }
  const sweep = (ref: ProfileRef) => runDurableObjectAlarm(registryStub(env, ref.key) as never);
  const isKnown = async (ref: ProfileRef) =>
    (await registryStub(env, ref.key).page(ref.key.slice(0, -1), 5)).keys.includes(ref.key);

  it('are deleted with what watches for them, leave no trace, and may come back as anybody', async () => {
    const idle = await visitor('idle');
    await someone(idle, anEvent('Product Added to Wishlist', { product_id: 'idle-item', price: 9 }));
    const watchers = () =>
      inWatchers('idle-item', async ({ sql }) =>
        sql.hasTable('watchers') ? sql.all('SELECT * FROM watchers') : [],
      );
    await vi.waitFor(async () => expect(await watchers()).toHaveLength(1));
    at(89 * DAY_S);
    await sweep(idle);
    expect(await tablesOf(idle)).toContain('log');
    at(91 * DAY_S);
    await sweep(idle);
    expect(await tablesOf(idle)).toEqual([]);
    expect(await watchers()).toEqual([]);
    expect(await isKnown(idle)).toBe(false);
    await send(idle, [anEvent('Came', {}, { timestamp: at(92 * DAY_S) - 3_600_000 })]);
    expect(await tablesOf(idle)).toEqual(['log']);
  });

  it('stay where they were seen since, and are asked again 90 days after that', async () => {
    const seen = await visitor('seen');
    await someone(seen, anEvent('Came'));
    at(60 * DAY_S);
    await send(seen, [anEvent('Came')]);
    at(91 * DAY_S);
    await sweep(seen);
    expect(await tablesOf(seen)).toContain('log');
    at(149 * DAY_S);
    await sweep(seen);
    expect(await tablesOf(seen)).toContain('log');
    at(151 * DAY_S);
    await sweep(seen);
    expect(await tablesOf(seen)).toEqual([]);
  });

  it('stay where they are somebody’s, and are not asked a second time', async () => {
    const known = await user('known and idle');
    await someone(known, anEvent('Came'));
    at(91 * DAY_S);
    await sweep(known);
    expect(await tablesOf(known)).toContain('log');
    const asked = await runInDurableObject(registryStub(env, known.key) as never, ({ sql }: RegistryObject) =>
      sql.all('SELECT check_at FROM profiles WHERE key = ?', known.key),
    );
    expect(asked).toEqual([{ check_at: Number.MAX_SAFE_INTEGER }]);
    expect(await isKnown(known)).toBe(true);
  });
});
