/** A user is forgotten, and whatever still arrives for them raises nobody. */
import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { consumeDispatch } from '../../src/dispatch/dispatch-consumer.ts';
import { dispatchDeps } from '../../src/dispatch/dispatch-deps.ts';
import { consumeFacts } from '../../src/dispatch/facts-consumer.ts';
import type { DispatchMessage, FactsMessage } from '../../src/protocol/queue-messages.ts';
import type { ProfileRef } from '../../src/protocol/rpc.ts';
import { profileStub, registryStub } from '../../src/protocol/stubs.ts';
import type { RegistryObject } from '../../src/registry/registry-object.ts';
import { inWatchers } from '../support/catalog-objects.ts';
import {
  LIKED_ITEM,
  liveMarked,
  type Marks,
  marksIn,
  newMarks,
  publishForMarked,
} from '../support/marked-life.ts';
import { twoOfOne } from '../support/profile-pair.ts';
import {
  anEvent,
  at,
  inProfile,
  outboxOf,
  profileOf,
  publish,
  rebind,
  ring,
  send,
  sleep,
  startClock,
  stateOnDisk,
  tablesOf,
  user,
  visitor,
} from '../support/profile-world.ts';
import { api } from '../support/workerd-api.ts';

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const dataOf = ({ key }: Pick<ProfileRef, 'key'>) => profileStub(env, key);

const MESSAGE_TABLES = ['deliveries', 'conversions', 'holdouts'];
const REPORT_TABLES = ['exposures', 'reactions', 'active_days', 'journey_stages', 'merged_profiles'];

/** Everything in D1, as text. */
async function d1Dump(): Promise<Record<string, string>> {
  const { results: tables } = await env.DB.prepare(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite%'",
  ).all<{ name: string }>();
  const dumps: Record<string, string> = {};
  for (const { name } of tables) {
    dumps[name] = JSON.stringify((await env.DB.prepare(`SELECT * FROM ${name}`).all()).results);
  }
  return dumps;
}

/** Everything in a profile's object, as text. */
function objectDump(ref: Pick<ProfileRef, 'key'>): Promise<string> {
  return inProfile(ref, ({ sql }) => {
    const tables = sql.all<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'");
    const own = tables.map(({ name }) => name).filter((name) => !name.startsWith('_cf'));
    return JSON.stringify(own.map((name) => [name, sql.all(`SELECT * FROM "${name}"`)]));
  });
}

async function watcherKeys(itemId: string): Promise<string[]> {
  return inWatchers(itemId, async ({ sql }) =>
    sql.hasTable('watchers')
      ? sql.all<{ profile: string }>('SELECT profile FROM watchers').map((row) => row.profile)
      : [],
  );
}

async function isRegistered({ key }: ProfileRef): Promise<boolean> {
  return (await registryStub(env, key).page(null, 1_000)).keys.includes(key);
}

function batchOf<Body>(queue: string, bodies: Body[]) {
  const messages = bodies.map((body, i) => ({
    id: `q${i}`,
    timestamp: new Date(),
    attempts: 1,
    body,
    ack() {},
    retry() {},
  }));
  return { queue, messages } as unknown as MessageBatch<Body>;
}

/** Bindings that fail at one step each: before it is done, or with only the word of it lost. */
const CUTS = {
  'before a watcher shard has heard': () => ({ WATCHERS: cut(env.WATCHERS, 'forget', 'before') }),
  'after a watcher shard has heard': () => ({ WATCHERS: cut(env.WATCHERS, 'forget', 'after') }),
  'before the visitor has heard': () => ({ PROFILE: cut(env.PROFILE, 'erase', 'before') }),
  'after the visitor has heard': () => ({ PROFILE: cut(env.PROFILE, 'erase', 'after') }),
  'before the registry has heard': () => ({ REGISTRY: cut(env.REGISTRY, 'remove', 'before') }),
  'after the registry has heard': () => ({ REGISTRY: cut(env.REGISTRY, 'remove', 'after') }),
  'before D1 has heard': () => ({ DB: cutDatabase('before') }),
  'after D1 has heard': () => ({ DB: cutDatabase('after') }),
  'before its end was known': () => ({ REGISTRY: cut(env.REGISTRY, 'settleErasure', 'before') }),
  'after its end was known': () => ({ REGISTRY: cut(env.REGISTRY, 'settleErasure', 'after') }),
};

type When = 'before' | 'after';
type Method = (...args: unknown[]) => Promise<unknown>;

function cut(namespace: DurableObjectNamespace, method: string, when: When) {
  return {
    getByName: (name: string) =>
      new Proxy({} as Record<string, Method>, {
        get:
          (_, asked: string) =>
          async (...args: unknown[]) => {
            const stub = namespace.getByName(name) as unknown as Record<string, Method>;
            if (asked === method && when === 'before') throw new Error('cut off');
            const answer = await stub[asked]?.(...args);
            if (asked === method) throw new Error('cut off');
            return answer;
          },
      }),
  };
}

function cutDatabase(when: When) {
  return {
    prepare: (sql: string) => env.DB.prepare(sql),
    withSession: (...of: never[]) => env.DB.withSession(...of),
    batch: async (statements: D1PreparedStatement[]) => {
      if (when === 'after') await env.DB.batch(statements);
      throw new Error('cut off');
    },
  };
}

async function isPendingInRegistry({ key }: ProfileRef): Promise<boolean> {
  return runInDurableObject(registryStub(env, key) as never, (object: RegistryObject) => {
    return object.sql.all('SELECT 1 AS found FROM erasures WHERE key = ? AND is_pending = 1', key).length > 0;
  });
}

describe('DELETE /v1/profiles/:userId', () => {
  let marks: Marks;
  let known: ProfileRef;
  let anonymous: ProfileRef;
  beforeAll(async () => {
    await publishForMarked(api, 'http://127.0.0.1:9/');
    marks = newMarks();
    await liveMarked(api, marks);
    known = await user(marks.userId);
    anonymous = await visitor(marks.anonymousId);
    await vi.waitFor(async () => expect(await watcherKeys(LIKED_ITEM)).toEqual([known.key]), 10_000);
    await vi.waitFor(async () => expect(await isRegistered(known)).toBe(true), 10_000);
  });

  it('leaves nothing in any object or table but that somebody was erased, and when', async () => {
    expect(marksIn(await objectDump(known), marks)).toEqual(Object.keys(marks));
    expect(marksIn(await objectDump(anonymous), marks)).toContain('userId');
    const before = await d1Dump();
    expect(marksIn(JSON.stringify(before), marks)).toContain('name');
    for (const table of [...MESSAGE_TABLES, ...REPORT_TABLES, 'shadow_sends', 'decisions'])
      expect(before[table], table).toContain(known.key);
    expect(before.delivery_reports).toContain('complained');
    const { status, body } = await api.server('DELETE', `/v1/profiles/${marks.userId}`);
    expect({ status, body }).toEqual({
      status: 200,
      body: { status: 'erased', erasedAt: expect.any(String) },
    });
    const erasedAt = Date.parse(body.erasedAt);
    for (const ref of [known, anonymous]) {
      const row = { v: 1, key: ref.key, erasedAt, isPending: false, leavesTombstone: true };
      expect(JSON.parse(await objectDump(ref))).toEqual([
        ['erasure', [{ id: 0, body: JSON.stringify(row) }]],
      ]);
      expect(await isRegistered(ref)).toBe(false);
    }
    expect(await watcherKeys(LIKED_ITEM)).toEqual([]);
    const { erasures, ...rest } = await d1Dump();
    expect(rest.delivery_reports).toBe('[]');
    expect(marksIn(JSON.stringify(rest), marks)).toEqual([]);
    for (const ref of [known, anonymous]) {
      expect(JSON.stringify(rest)).not.toContain(ref.key);
      expect(erasures).toContain(JSON.stringify({ profile_key: ref.key, erased_at: erasedAt }));
    }
  });

  it('may be repeated, and is 404 for whoever was never known', async () => {
    expect(await api.server('DELETE', `/v1/profiles/${marks.userId}`)).toMatchObject({ status: 200 });
    expect(await api.server('DELETE', `/v1/profiles/anon:${marks.anonymousId}`)).toMatchObject({
      status: 200,
    });
    expect(await api.server('DELETE', '/v1/profiles/nobody-at-all')).toMatchObject({ status: 404 });
    expect(await api.server('GET', `/v1/profiles/${marks.userId}`)).toMatchObject({ status: 404 });
    expect(await api.server('GET', `/v1/profiles/${marks.userId}/export`)).toMatchObject({ status: 404 });
    expect(await api.client('DELETE', '/v1/profiles/x')).toMatchObject({ status: 403 });
  });

  it('drops what happened before, however late it comes, and by whatever way', async () => {
    const { userId, anonymousId } = marks;
    const late = {
      timestamp: new Date(Date.now() - 3_600_000).toISOString(),
      sentAt: new Date().toISOString(),
    };
    for (const ids of [{ userId }, { anonymousId }, { userId, anonymousId }]) {
      const answer = await api.client('POST', '/v1/track?sync=1', { event: 'Opened', ...ids, ...late });
      expect(answer).toMatchObject({ status: 200, body: { success: true, messages: [] } });
    }
    expect(await tablesOf(known)).toEqual(['erasure']);
    expect(await tablesOf(anonymous)).toEqual(['erasure']);
    expect(await api.server('GET', `/v1/profiles/${userId}`)).toMatchObject({ status: 404 });
  });

  it('lets somebody who comes back begin anew, also under the old anonymous id', async () => {
    const { userId, anonymousId } = marks;
    const come = (ids: object) => api.client('POST', '/v1/track', { event: 'Came Back', ...ids });
    expect(await come({ anonymousId })).toMatchObject({ status: 200 });
    expect(await api.server('GET', `/v1/profiles/anon:${anonymousId}`)).toMatchObject({
      status: 200,
      body: { userId: null, anonymousIds: [anonymousId], traits: {} },
    });
    expect(await come({ userId, anonymousId })).toMatchObject({ status: 200 });
    const view = await api.server('GET', `/v1/profiles/${userId}`);
    expect(view).toMatchObject({ body: { userId, anonymousIds: [anonymousId], traits: {}, relations: [] } });
    expect((await stateOnDisk(known))?.counts.get('Came Back')?.n).toBe(2);
    expect((await stateOnDisk(known))?.counts.has('Opened')).toBe(false);
    await vi.waitFor(async () => expect(await isRegistered(known)).toBe(true), 10_000);
    expect(await api.server('DELETE', `/v1/profiles/anon:${anonymousId}`)).toMatchObject({ status: 200 });
    expect(await api.server('GET', `/v1/profiles/${userId}`)).toMatchObject({ status: 404 });
  });
});

describe('an erasure', () => {
  beforeAll(async () => {
    await publish({ id: 'pushes', entry: { on: [{ event: 'Came' }] } }, ['push']);
    await publish({ id: 'shows', entry: { on: [{ event: 'Came' }] } });
  });
  beforeEach(startClock);
  afterEach(() => {
    vi.useRealTimers();
  });

  it('is taken up by the alarm where something can’t be reached, and meanwhile the user can’t come back', async () => {
    const { known } = await twoOfOne('halting');
    await send(known, [anEvent('Product Added to Wishlist', { product_id: 'halting-item', price: 9 })]);
    await vi.waitFor(async () => expect(await watcherKeys('halting-item')).toEqual([known.key]));
    const down = { getByName: () => ({ forget: () => Promise.reject(new Error('unreachable')) }) };
    await inProfile(known, (object) => rebind(object, { WATCHERS: down }));
    const erasedAt = at(10);
    expect(await dataOf(known).erase({ at: erasedAt })).toEqual({ kind: 'erasing', erasedAt });
    expect(await tablesOf(known)).toEqual(['erasure']);
    expect(await profileOf(known).describe()).toBeNull();
    expect(await send(known, [anEvent('Came', {}, { timestamp: erasedAt })])).toEqual({ kind: 'done' });
    at(11);
    expect(await send(known, [anEvent('Came')])).toMatchObject({ kind: 'unavailable' });
    await sleep(known);
    at(20);
    expect(await ring(known)).toBe(true);
    expect(await watcherKeys('halting-item')).toEqual([]);
    expect(JSON.parse(await objectDump(known))).toMatchObject([['erasure', [{ id: 0 }]]]);
    expect(await send(known, [anEvent('Came')])).toEqual({ kind: 'done' });
    expect(await dataOf(known).erase({ at: at(21) })).toEqual({ kind: 'erased', erasedAt: at(21) });
  });

  it.each(Object.keys(CUTS))('ends by itself where it was cut off %s', async (where) => {
    const { known, merge, keep } = await twoOfOne(where);
    const item = `item ${where}`;
    await send(known, [anEvent('Product Added to Wishlist', { product_id: item, price: 9 })]);
    await merge();
    await vi.waitFor(async () => expect(await watcherKeys(item)).toEqual([known.key]));
    await vi.waitFor(async () =>
      expect(await outboxOf(known)).not.toContainEqual(expect.stringMatching(/^watch/)),
    );
    const anonymous = await visitor(where);
    await inProfile(known, (object) => rebind(object, CUTS[where as keyof typeof CUTS]()));
    const erasedAt = at(10);
    const kind = where.includes('its end') ? 'erased' : 'erasing';
    expect(await dataOf(known).erase({ at: erasedAt })).toEqual({ kind, erasedAt });
    expect(await objectDump(known)).not.toContain('Product Added');
    await sleep(known);
    await keep(known);
    at(20);
    expect(await ring(known)).toBe(kind === 'erasing');
    await sweepRegistry(known);
    for (const ref of [known, anonymous]) {
      expect(JSON.parse(await objectDump(ref))).toEqual([['erasure', [{ id: 0, body: expect.any(String) }]]]);
      expect(await objectDump(ref)).toContain('isPending\\":false');
      expect(await isRegistered(ref)).toBe(false);
    }
    expect(await watcherKeys(item)).toEqual([]);
    expect(await isPendingInRegistry(known)).toBe(false);
    expect(
      await env.DB.prepare('SELECT erased_at FROM erasures WHERE profile_key = ?').bind(known.key).first(),
    ).toEqual({
      erased_at: erasedAt,
    });
  });

  it('turns away what a dispatcher and the queues still hold', async () => {
    const { known, DISPATCH, FACTS } = await twoOfOne('in flight');
    await send(known, [anEvent('Came')]);
    const deps = dispatchDeps(env);
    const slow: typeof deps = {
      ...deps,
      route: (...about) => {
        const route = deps.route(...about);
        if (!route) return route;
        const sendOne = async (...message: Parameters<typeof route.adapter.send>) => {
          expect(await dataOf(known).erase({ at: at(5) })).toMatchObject({ kind: 'erased' });
          return route.adapter.send(...message);
        };
        return { ...route, adapter: { ...route.adapter, send: sendOne } };
      },
    };
    await consumeDispatch(batchOf<DispatchMessage>('reflex-dispatch', DISPATCH.calls.flat()), env, slow);
    await consumeFacts(batchOf<FactsMessage>('reflex-facts', FACTS.calls.flat()), env);
    expect(DISPATCH.calls.flat()).toHaveLength(1);
    expect(FACTS.calls.flat().flatMap(({ facts }) => facts.map(({ kind }) => kind))).toContain(
      'message_queued',
    );
    const { erasures, ...rest } = await d1Dump();
    expect(erasures).toContain(known.key);
    const id = DISPATCH.calls.flat()[0]?.messageId ?? '';
    expect(id).toMatch(/^msg_/);
    expect(JSON.stringify(rest)).not.toContain(known.key);
    expect(JSON.stringify(rest)).not.toContain(id);
    expect(await isRegistered(known)).toBe(false);
    expect(await tablesOf(known)).toEqual(['erasure']);
  });

  it('that lost its tombstone in its last step gets it back from the registry', async () => {
    const { known } = await twoOfOne('entombed');
    await send(known, [anEvent('Came')]);
    const erasedAt = at(5);
    await registryStub(env, known.key).remove(known.key, erasedAt);
    await inProfile(known, (_, { storage }) => storage.deleteAll());
    await sleep(known);
    await sweepRegistry(known);
    expect(await tablesOf(known)).toEqual(['erasure']);
    expect(await send(known, [anEvent('Came', {}, { timestamp: erasedAt })])).toEqual({ kind: 'done' });
    expect(await tablesOf(known)).toEqual(['erasure']);
    at(6);
    await send(known, [anEvent('Came')]);
    await registryStub(env, known.key).remove(known.key, erasedAt);
    await sweepRegistry(known);
    // Whoever came back since is not erased with it.
    expect(await profileOf(known).describe()).not.toBeNull();
  });

  it('takes along a visitor whose merge was begun and never finished', async () => {
    const { known, anonymous } = await twoOfOne('frozen');
    await send(known, [anEvent('Came')]);
    await send(anonymous, [anEvent('Came')]);
    await profileOf(anonymous).freeze({
      profile: anonymous,
      mergeId: `${anonymous.key}>${known.key}`,
      to: known,
    });
    expect(await dataOf(known).erase({ at: at(5) })).toMatchObject({ kind: 'erased' });
    expect(await objectDump(anonymous)).toContain(known.id);
    at(120);
    expect(await ring(anonymous)).toBe(true);
    expect(await tablesOf(anonymous)).toEqual(['erasure']);
    expect(await tablesOf(known)).toEqual(['erasure']);
    expect(await objectDump(anonymous)).not.toContain('frozen');
  });
});

it('a merge that was begun and never finished is finished by the visitor’s own alarm', async () => {
  startClock();
  const { known, anonymous } = await twoOfOne('half merged');
  await send(anonymous, [anEvent('Came')]);
  await send(known, [anEvent('Came')]);
  await profileOf(anonymous).freeze({
    profile: anonymous,
    mergeId: `${anonymous.key}>${known.key}`,
    to: known,
  });
  at(120);
  await ring(anonymous);
  await vi.waitFor(async () => {
    expect((await stateOnDisk(known))?.counts.get('Came')?.n).toBe(2);
    expect((await stateOnDisk(anonymous))?.meta.movedTo?.released).toBe(true);
  });
  vi.useRealTimers();
});

async function sweepRegistry({ key }: ProfileRef): Promise<void> {
  expect(await runDurableObjectAlarm(registryStub(env, key) as never)).toBe(true);
}
