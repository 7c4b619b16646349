/** What an older build wrote opens and is upgraded once; what a newer one wrote is left alone. */
import { evictDurableObject, runDurableObjectAlarm } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { StateStep } from '../../src/engine/upgrade-state.ts';
import type { SchemaStep } from '../../src/objects/schema.ts';
import { openSchema } from '../../src/objects/schema.ts';
import { freezeLinks } from '../../src/profiles/merge-links.ts';
import { ProfileStore } from '../../src/profiles/profile-store.ts';
import {
  catalogStub,
  firstWatcherShard,
  registryStub,
  schedulerStub,
  watcherStub,
} from '../../src/protocol/stubs.ts';
import fixture from '../fixtures/objects-v1.json';
import { aWatch } from '../support/catalog-objects.ts';
import { LIKED_ITEM } from '../support/marked-life.ts';
import { contentsOf, fillObject, inObject, type TableFixture } from '../support/older-objects.ts';
import { anEvent, inProfile, profileOf, send, sleep, stateOnDisk, user } from '../support/profile-world.ts';
import { api } from '../support/workerd-api.ts';

const FIXTURE_USER = 'fixture-userid';
const older = fixture as unknown as Record<
  'profile' | 'registry' | 'scheduler' | 'catalog' | 'watchers',
  TableFixture[]
>;
const profileOfFixture = async () => env.PROFILE.getByName((await user(FIXTURE_USER)).key);
const objects = {
  catalog: () => catalogStub(env, LIKED_ITEM),
  watchers: () => watcherStub(env, firstWatcherShard(LIKED_ITEM)),
  scheduler: () => schedulerStub(env),
  registry: async () => registryStub(env, (await user(FIXTURE_USER)).key),
};

/** Right after the fixture was written: nothing in it is over. */
const THEN = Date.parse('2026-11-24T10:00:00Z');
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: THEN });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('what version 1 wrote', () => {
  it('is a profile that goes on: its traits, history, messages, and what it has already seen', async () => {
    const ref = await user(FIXTURE_USER);
    await fillObject(await profileOfFixture(), older.profile);
    expect(await profileOf(ref).describe()).toMatchObject({
      userId: FIXTURE_USER,
      anonymousIds: ['fixture-anonymousid'],
      traits: { name: 'fixture-name', email: 'fixture-email' },
      consents: [{ channel: 'push', granted: true }],
    });
    const before = await stateOnDisk(ref);
    expect(before?.counts.get('Opened')?.n).toBe(70);
    expect(before?.meta).toMatchObject({ v: 1, erasedAt: null });
    const repeated = anEvent(
      'Products Searched',
      {},
      { messageId: 'fixture-messageid', originalAt: THEN - 60_000 },
    );
    await send(ref, [repeated]);
    expect((await stateOnDisk(ref))?.counts.get('Products Searched')?.n).toBe(
      before?.counts.get('Products Searched')?.n,
    );
    await send(ref, [anEvent('Opened')]);
    await sleep(ref);
    expect((await stateOnDisk(ref))?.counts.get('Opened')?.n).toBe(71);
  });

  it('is an item and plans that go on, without a row written', async () => {
    await fillObject(objects.catalog(), older.catalog);
    await fillObject(objects.scheduler(), older.scheduler);
    const before = await contentsOf(objects.catalog());
    expect(await objects.catalog().read(LIKED_ITEM)).toMatchObject({ item: { price: 100, currency: 'KRW' } });
    expect(await contentsOf(objects.catalog())).toEqual(before);
    await objects.scheduler().settlePage('fixture-broadcast', 0, 0);
    expect((await contentsOf(objects.scheduler())).plans).toHaveLength(1);
  });

  it('is a shard of watchers, which is upgraded once and keeps them, whatever they are to the item', async () => {
    const watchers = objects.watchers();
    await fillObject(watchers, older.watchers);
    const { key } = await user(FIXTURE_USER);
    await watchers.watch('nobody', { ...aWatch(LIKED_ITEM), relations: [] });
    const upgraded = await contentsOf(watchers);
    expect(upgraded).toMatchObject({ schema: [{ version: 2 }] });
    expect(upgraded.watchers).toEqual([expect.objectContaining({ profile: key, relations: 11, since: 0 })]);
    await sleepObject(watchers);
    await watchers.watch('nobody', { ...aWatch(LIKED_ITEM), relations: [] });
    expect(await contentsOf(watchers)).toEqual(upgraded);
    const again = { registered: { amount: 100, currency: 'KRW' } };
    expect(await watchers.watch(key, aWatch(LIKED_ITEM, again))).toMatchObject({
      kind: 'watching',
      reference: { amount: 100, currency: 'KRW' },
    });
  });

  it('is an index of profiles, which is upgraded once and keeps them', async () => {
    const registry = await objects.registry();
    await fillObject(registry, older.registry);
    const { key } = await user(FIXTURE_USER);
    expect((await registry.page(null, 10)).keys).toContain(key);
    const upgraded = await contentsOf(registry);
    expect(upgraded).toMatchObject({ schema: [{ version: 2 }], erasures: [] });
    expect(upgraded.profiles).toContainEqual(expect.objectContaining({ key, check_at: null }));
    await sleepObject(registry);
    await registry.page(null, 10);
    expect(await contentsOf(registry)).toEqual(upgraded);
  });
});

describe('an upgrade of tables', () => {
  const steps: SchemaStep[] = [
    (sql) => void sql.all('ALTER TABLE things ADD COLUMN size INTEGER'),
    (sql) => void sql.all('UPDATE things SET size = coalesce(size, 0) + 1'),
  ];
  const anObject = async (name: string) => {
    const stub = env.REGISTRY.getByName(`upgrades ${name}`);
    await fillObject(stub, [
      { table: 'things', create: 'CREATE TABLE things (id INTEGER PRIMARY KEY)', rows: [{ id: 1 }] },
    ]);
    return stub;
  };

  it('takes every step, once', async () => {
    const stub = await anObject('once');
    for (let i = 0; i < 3; i++) await inObject(stub, ({ sql }) => openSchema(sql, steps));
    expect(await contentsOf(stub)).toEqual({ things: [{ id: 1, size: 1 }], schema: [{ id: 0, version: 3 }] });
  });

  it('that is cut off between two steps has taken none, and is taken again', async () => {
    const stub = await anObject('cut off');
    const cut: SchemaStep[] = [
      steps[0] as SchemaStep,
      () => {
        throw new Error('cut off');
      },
    ];
    await expect(
      inObject(stub, ({ sql }) => {
        try {
          openSchema(sql, cut);
        } catch (error) {
          return String(error);
        }
        return '';
      }),
    ).resolves.toContain('cut off');
    expect(await contentsOf(stub)).toEqual({ things: [{ id: 1 }] });
    await inObject(stub, ({ sql }) => openSchema(sql, steps));
    expect(await contentsOf(stub)).toEqual({ things: [{ id: 1, size: 1 }], schema: [{ id: 0, version: 3 }] });
  });
});

describe('an upgrade of a profile', () => {
  const steps: StateStep[] = [(state) => [['meta', 'orderCount', state.meta.orderCount + 10]]];

  it('is part of its next commit: cut off before, it is taken again, after it, never', async () => {
    const ref = await user('upgraded');
    await send(ref, [anEvent('Opened')]);
    const read = () =>
      inProfile(ref, ({ sql }) => ProfileStore.load(sql, null, Date.now(), steps)?.state.meta);
    expect(await read()).toMatchObject({ v: 2, orderCount: 10 });
    // Read, and lost with the process: the old layout still stands.
    expect(await read()).toMatchObject({ v: 2, orderCount: 10 });
    const written = await inProfile(ref, ({ sql }) => {
      const before = sql.rowsWritten;
      const store = ProfileStore.load(sql, null, Date.now(), steps);
      store?.apply([['traits', 'size', { value: 'M', at: 1 }]]);
      store?.commit(Date.now(), '365d');
      return sql.rowsWritten - before;
    });
    expect(written).toBe(1);
    expect(await read()).toMatchObject({ v: 2, orderCount: 10 });
    await sleep(ref);
    // This build is now the older one of the two.
    await expect(outcomeOf(() => profileOf(ref).describe())).resolves.toContain('of version 2');
  });
});

describe('what a newer build wrote', () => {
  it('is refused and left alone: a profile', async () => {
    const ref = await user('from the future');
    await send(ref, [anEvent('Opened')]);
    await inProfile(ref, ({ sql }) => {
      sql.all(`UPDATE log SET body = replace(body, '["meta","v",1]', '["meta","v",9]')`);
    });
    await sleep(ref);
    const stub = env.PROFILE.getByName(ref.key);
    const before = await contentsOf(stub);
    for (const call of [
      () => send(ref, [anEvent('Opened')]),
      () => profileOf(ref).next({}),
      () => profileOf(ref).claim('msg_x'),
      () => profileOf(ref).settleFacts([1]),
    ]) {
      expect(await outcomeOf(call)).toContain(
        'The profile is of version 9; this build knows versions up to 1',
      );
    }
    await runDurableObjectAlarm(stub as never);
    expect(await contentsOf(stub)).toEqual(before);
    const answer = await api.client('POST', '/v1/track', {
      event: 'Opened',
      userId: 'from the future',
    });
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).not.toBeNull();
    expect(await contentsOf(stub)).toEqual(before);
  });

  it.each(['catalog', 'watchers', 'scheduler', 'registry'] as const)(
    'is refused and left alone: %s',
    async (kind) => {
      const stub = await objects[kind]();
      await fillOnce(stub, older[kind]);
      await inObject(stub, ({ sql }) => {
        sql.all('CREATE TABLE IF NOT EXISTS schema (id INTEGER PRIMARY KEY, version INTEGER NOT NULL)');
        sql.all('INSERT INTO schema VALUES (0, 9) ON CONFLICT (id) DO UPDATE SET version = 9');
      });
      await sleepObject(stub);
      const before = await contentsOf(stub);
      const { key } = await user(FIXTURE_USER);
      const calls: Record<string, () => Promise<unknown>> = {
        catalog: () => objects.catalog().put(LIKED_ITEM, { price: 1 }, null),
        watchers: () => objects.watchers().watch(key, aWatch(LIKED_ITEM)),
        scheduler: () => objects.scheduler().settlePage('fixture-broadcast', 0, 0),
        registry: async () => (await objects.registry()).remove(key, 1),
      };
      expect(await outcomeOf(calls[kind] as () => Promise<unknown>)).toContain('of version 9');
      await runDurableObjectAlarm(stub as never);
      expect(await contentsOf(stub)).toEqual(before);
    },
  );

  it('keeps what this build doesn’t know, where it is compatible', async () => {
    const ref = await user('partly new');
    await send(ref, [anEvent('Opened')]);
    await inProfile(ref, ({ sql }) => {
      const store = ProfileStore.load(sql, null, Date.now());
      store?.apply([
        ['moods' as never, 'today', { mood: 'good' }],
        ['meta', 'favourite', 'blue'],
      ]);
      store?.commit(Date.now(), '365d');
    });
    await sleep(ref);
    // Over a snapshot, which writes the state anew.
    for (let i = 0; i < 70; i++) await send(ref, [anEvent('Opened')]);
    await sleep(ref);
    const state = await stateOnDisk(ref);
    expect(state?.unknown.get('moods')?.get('today')).toEqual({ mood: 'good' });
    expect(state?.meta).toMatchObject({ favourite: 'blue' });
  });
});

describe('neighbouring releases', () => {
  it('understand a request that says more than this build knows', async () => {
    const ref = await user('said more');
    const event = { ...anEvent('Opened'), novelty: { deep: true } };
    expect(await send(ref, [event], { novelty: 1 } as never)).toEqual({ kind: 'done' });
    expect((await stateOnDisk(ref))?.counts.get('Opened')?.n).toBe(1);
  });

  it('refuse, and write nothing, where a request may mean what they can’t do', async () => {
    const ref = await user('asked too much');
    expect(await send(ref, [anEvent('Opened')], { v: 2 })).toMatchObject({ kind: 'unavailable' });
    expect(await stateOnDisk(ref)).toBeNull();
  });

  it('keep a visitor whose own object runs a newer build, until it can be read', async () => {
    const known = await user('older than the visitor');
    const visitorOfFuture = {
      freeze: async () => ({ kind: 'frozen', handover: { state: newerState(), history: [] } }),
    };
    const link = { kind: 'anonymous' as const, id: 'v', key: 'k' };
    expect(await freezeLinks(known, [link], () => visitorOfFuture as never)).toBe('unavailable');
    const unheardOf = { freeze: async () => ({ kind: 'thawed' }) };
    expect(await freezeLinks(known, [link], () => unheardOf as never)).toBe('unavailable');
  });
});

function newerState(): string {
  return JSON.stringify({ meta: { v: 9, kind: 'anonymous', id: 'v', key: 'k' }, sections: [] });
}

/** What a call answered, or why it was refused, as text. */
async function outcomeOf(call: () => Promise<unknown>): Promise<string> {
  try {
    return JSON.stringify((await call()) ?? null);
  } catch (error) {
    return String(error);
  }
}

async function fillOnce(stub: unknown, tables: TableFixture[]): Promise<void> {
  if (Object.keys(await contentsOf(stub)).length === 0) await fillObject(stub, tables);
}

async function sleepObject(stub: unknown): Promise<void> {
  await evictDurableObject(stub as never);
}
