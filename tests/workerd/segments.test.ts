/** Segments as the deployment keeps them: by alarms, in lists in D1, and over profiles that were there before. */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Fact } from '../../src/engine/vocabulary.ts';
import type { FanoutMessage } from '../../src/protocol/queue-messages.ts';
import type { ProfileRef } from '../../src/protocol/rpc.ts';
import { registryStub, schedulerStub } from '../../src/protocol/stubs.ts';
import type { SchedulerObject } from '../../src/scheduler/scheduler-object.ts';
import { loadConfig } from '../../src/store/config-cache.ts';
import { eraseFromD1 } from '../../src/store/erase-from-d1.ts';
import { applyFacts } from '../../src/store/facts.ts';
import { admin } from '../support/admin-client.ts';
import { meter } from '../support/profile-meter.ts';
import {
  alarmAt,
  anEvent,
  at,
  due,
  keptQueue,
  outboxOf,
  publish,
  readyAt,
  reasons,
  rebind,
  ring,
  START,
  send,
  startClock,
  stateOnDisk,
  user,
  visitor,
} from '../support/profile-world.ts';

// Real queues on a machine that may be busy.
vi.setConfig({ testTimeout: 20_000 });
const REAL_QUEUES = { timeout: 8_000 };
const HOUR = 3_600;
const DAY = 24 * HOUR;
const scheduler = () => env.SCHEDULER.getByName('scheduler') as unknown as DurableObjectStub<SchedulerObject>;

beforeEach(startClock);
afterEach(async () => {
  const { body } = await admin('GET', 'triggers?limit=200');
  for (const { id } of body.items) await admin('POST', `triggers/${id}/archive`);
  const segments = await admin('GET', 'segments?limit=200');
  for (const { id } of segments.body.items) await admin('DELETE', `segments/${id}`);
  await schedulerStub(env).sync(Date.now());
  await evictDurableObject(scheduler());
  vi.useRealTimers();
});

const put = (id: string, asked: object, more: object = {}) =>
  admin('PUT', `segments/${id}`, { if: asked, ...more });
const TIER = (value: string) => ({ field: 'user.traits.tier', op: 'eq', value });
const ACTIVE = { field: 'user.lastSeenAt', op: 'withinLast', value: '1d' };
const identify = (ref: ProfileRef, traits: Record<string, string>) =>
  send(ref, [anEvent('$identify', {}, { traits })]);

async function countOf(id: string): Promise<number> {
  return (await admin('GET', `segments/${id}/count`)).body.count;
}

async function settled(...refs: ProfileRef[]): Promise<void> {
  for (const ref of refs) await vi.waitFor(async () => expect(await outboxOf(ref)).toEqual([]), REAL_QUEUES);
}

describe('a segment that time moves', () => {
  it('is left at the exact instant, by the alarm, and tells its triggers', async () => {
    await put('active', ACTIVE);
    await publish({ id: 'gone', entry: { on: [{ segment: 'active', change: 'left' }] } });
    const ref = await user('leaves');
    await send(ref, [anEvent('Hello')]);
    await settled(ref);
    expect(await countOf('active')).toBe(1);
    await readyAt(DAY - 1);
    await ring(ref);
    expect([await alarmAt(ref), await due(ref)]).toEqual([START + DAY * 1_000, []]);
    await readyAt(DAY);
    await ring(ref);
    expect((await due(ref)).map(({ trigger }) => trigger)).toEqual(['gone']);
    await settled(ref);
    expect(await countOf('active')).toBe(0);
  });

  it('costs an ordinary event no row and no alarm', async () => {
    await put('active', ACTIVE);
    const ref = await user('cheap');
    const { cost } = await meter(ref);
    await send(ref, [anEvent('Hello')]);
    await runInDurableObject(env.PROFILE.getByName(ref.key), async (profile) => {
      await (profile as unknown as { settleFacts(seqs: number[]): Promise<void> }).settleFacts([1, 2]);
    });
    await readyAt(60);
    await ring(ref);
    let rows = 0;
    for (let i = 0; i < 20; i++) {
      await readyAt(100 + i);
      const spent = await cost(() => send(ref, [anEvent('Hello')]));
      expect(spent).toMatchObject({ alarms: 0, dispatches: 0, factBatches: 0, statements: 0 });
      rows += spent.rows;
    }
    expect(rows).toBe(20);
    // The next one is early: it is only looked again, and from then on at the right time.
    await readyAt(DAY);
    const woken = await cost(() => ring(ref));
    expect(woken).toMatchObject({ rows: 1, alarms: 1, factBatches: 0 });
    expect(await alarmAt(ref)).toBe(START + (119 + DAY) * 1_000);
  });
});

describe('the list of members', () => {
  it('names them by what the profiles themselves say, page by page', async () => {
    await put('vip', TIER('VIP'));
    const people = await Promise.all([user('vip 1'), user('vip 2'), visitor('vip 3'), user('plain')]);
    for (const [i, ref] of people.entries()) await identify(ref, { tier: i < 3 ? 'VIP' : 'none' });
    await settled(...people);
    expect(await countOf('vip')).toBe(3);
    const found: unknown[] = [];
    let cursor: string | null = null;
    do {
      const query: string = cursor === null ? '' : `&cursor=${cursor}`;
      const { body } = await admin('GET', `segments/vip/members?limit=2${query}`);
      found.push(
        ...body.items.map((one: Record<string, unknown>) => one.userId ?? `anon:${one.anonymousId}`),
      );
      cursor = body.cursor;
    } while (cursor !== null);
    expect(found.sort()).toEqual(['anon:vip 3', 'vip 1', 'vip 2']);
    await identify(people[0] as ProfileRef, { tier: 'none' });
    await settled(people[0] as ProfileRef);
    expect(await countOf('vip')).toBe(2);
  });

  it('takes the newest word of a profile, whatever comes late, twice or in another order', async () => {
    await put('order', TIER('VIP'));
    const fact = (seq: number, kind: 'segment_entered' | 'segment_left'): Fact => ({
      seq,
      kind,
      at: START + seq,
      segment: { id: 'order' },
    });
    const told = (...facts: Fact[]) => applyFacts(env.DB, [{ profileKey: 'k1', facts }]);
    await told(fact(5, 'segment_left'), fact(3, 'segment_entered'), fact(5, 'segment_left'));
    expect(await countOf('order')).toBe(0);
    await told(fact(4, 'segment_entered'));
    expect(await countOf('order')).toBe(0);
    await told(fact(9, 'segment_entered'), fact(8, 'segment_left'));
    await told(fact(8, 'segment_left'));
    expect(await countOf('order')).toBe(1);
    await eraseFromD1(env.DB, 'k1', START + 100);
    await told(fact(10, 'segment_entered'));
    expect(await countOf('order')).toBe(0);
  });

  it('has a person once, who was a visitor before', async () => {
    await put('person', TIER('P'));
    const [before, known] = [await visitor('was'), await user('is')];
    await identify(before, { tier: 'P' });
    await settled(before);
    expect(await countOf('person')).toBe(1);
    await send(known, [anEvent('Hello')], { links: [before] });
    await settled(known);
    expect(await countOf('person')).toBe(1);
    const { body } = await admin('GET', 'segments/person/members');
    expect(body.items).toEqual([{ userId: 'is', anonymousId: null }]);
  });

  it('is refused where the segment keeps none, and where there is none', async () => {
    await put('secret', TIER('VIP'), { members: false });
    const ref = await user('unlisted');
    await identify(ref, { tier: 'VIP' });
    expect((await stateOnDisk(ref))?.segments.size).toBe(0);
    expect((await admin('GET', 'segments/secret/count')).status).toBe(409);
    expect((await admin('GET', 'segments/nowhere/members')).status).toBe(404);
  });
});

describe('a back-fill', () => {
  async function aProfile(id: string, tier: string): Promise<ProfileRef> {
    const ref = await user(id);
    await identify(ref, { tier });
    await registryStub(env, ref.key).add([{ key: ref.key, createdAt: Date.now() }]);
    return ref;
  }

  /** Its alarm, again and again, evicted after each turn: what it knows is on disk. */
  async function walk(seconds: number, between: () => Promise<void> = async () => {}): Promise<void> {
    at(seconds);
    await loadConfig(env);
    for (let turn = 0; turn < 60; turn++) {
      await runDurableObjectAlarm(scheduler());
      await between();
      const next = await runInDurableObject(scheduler(), (_, { storage }) => storage.getAlarm());
      if (next === null || next > Date.now()) return;
    }
    throw new Error('the scheduler does not come to rest');
  }

  function walks(): Promise<number> {
    return runInDurableObject(scheduler(), ({ sql }) => sql.all('SELECT 1 AS n FROM broadcasts').length);
  }

  it('lists who was there before, shows how far it is, and tells no trigger', async () => {
    const people = await Promise.all([aProfile('b1', 'B'), aProfile('b2', 'B'), aProfile('b3', 'other B')]);
    await publish({ id: 'welcome', entry: { on: [{ event: 'Never' }] } });
    await put('later', TIER('B'));
    await publish({ id: 'enters', entry: { on: [{ segment: 'later', change: 'entered' }] } });
    expect((await admin('GET', 'segments/later')).body.backfill).toMatchObject({ state: 'waiting' });
    await walk(5);
    expect(await countOf('later')).toBe(0);
    await walk(20);
    await vi.waitFor(async () => expect(await countOf('later')).toBe(2), REAL_QUEUES);
    await vi.waitFor(async () => {
      await walk(21);
      expect((await admin('GET', 'segments/later')).body.backfill).toMatchObject({ state: 'done', share: 1 });
    }, REAL_QUEUES);
    // Written anew, it moves its people in the list, and nobody has entered anything.
    await put('later', TIER('other B'));
    await walk(40);
    await vi.waitFor(async () => expect(await countOf('later')).toBe(1), REAL_QUEUES);
    for (const ref of people) expect(await reasons(ref, '$segments')).toEqual([]);
    expect(await Promise.all(people.map(due))).toEqual([[], [], []]);
  });

  it('goes on where it was, whatever is evicted or lost, and ends with the segment', async () => {
    const people = await Promise.all(Array.from({ length: 9 }, (_, i) => aProfile(`r${i}`, 'R')));
    // What the tests before have left behind comes to its end first: one walk serves all.
    await vi.waitFor(async () => {
      await walk(500);
      expect(await walks()).toBe(0);
    }, REAL_QUEUES);
    await put('resumed', TIER('R'));
    const lost = keptQueue<FanoutMessage>();
    const loses = () => runInDurableObject(scheduler(), (object) => rebind(object, { FANOUT: lost }));
    await loses();
    await walk(520, async () => {
      await evictDurableObject(scheduler());
      await loses();
    });
    expect(lost.calls.flat().length).toBeGreaterThan(0);
    expect(await countOf('resumed')).toBe(0);
    await evictDurableObject(scheduler());
    await walk(560);
    await vi.waitFor(async () => expect(await countOf('resumed')).toBe(9), REAL_QUEUES);
    expect((await admin('DELETE', 'segments/resumed')).status).toBe(204);
    await vi.waitFor(async () => {
      await walk(620);
      const [{ n = 0 } = {}] = (
        await env.DB.prepare(
          "SELECT count(*) AS n FROM segment_members WHERE segment_id = 'resumed' AND is_member = 1",
        ).all<{ n: number }>()
      ).results;
      expect(n).toBe(0);
    }, REAL_QUEUES);
    expect((await stateOnDisk(people[0] as ProfileRef))?.segments.size).toBe(0);
  });
});
