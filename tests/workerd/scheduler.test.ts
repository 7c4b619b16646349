import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { JsonObject } from '../../src/engine/vocabulary.ts';
import { consumeFanout } from '../../src/fanout/fanout-consumer.ts';
import type { BroadcastPage, FanoutMessage } from '../../src/protocol/queue-messages.ts';
import type { ProfileRef } from '../../src/protocol/rpc.ts';
import { profileStub, registryStub, schedulerStub, watcherStub } from '../../src/protocol/stubs.ts';
import type { SchedulerObject } from '../../src/scheduler/scheduler-object.ts';
import { loadConfig } from '../../src/store/config-cache.ts';
import { admin } from '../support/admin-client.ts';
import {
  anEvent,
  at,
  due,
  keptQueue,
  publish,
  reasons,
  rebind,
  START,
  send,
  startClock,
  tablesOf,
  user,
  visitor,
} from '../support/profile-world.ts';

const scheduler = () => env.SCHEDULER.getByName('scheduler') as unknown as DurableObjectStub<SchedulerObject>;
const iso = (seconds: number) => new Date(START + seconds * 1_000).toISOString();
const HOUR = 3_600;

let published: string[] = [];

beforeEach(startClock);
afterEach(async () => {
  for (const id of published) await admin('POST', `triggers/${id}/archive`);
  published = [];
  // Back to its own bindings.
  await schedulerStub(env).sync(Date.now());
  await evictDurableObject(scheduler());
  vi.useRealTimers();
});

/** A trigger with these listeners, live from now on. */
async function aBroadcast(id: string, on: JsonObject[], more: JsonObject = {}): Promise<void> {
  published.push(id);
  await publish({ id, entry: { on }, ...more });
}

/** A profile that exists and that the registry knows. */
async function aProfile(id: string): Promise<ProfileRef> {
  const ref = await user(id);
  await send(ref, [anEvent('Hello')]);
  await registered(ref);
  return ref;
}

async function registered({ key }: Pick<ProfileRef, 'key'>): Promise<void> {
  await registryStub(env, key).add([{ key, createdAt: Date.now() }]);
}

/** What the scheduler sends from now on stays here. */
async function kept() {
  const queue = keptQueue<FanoutMessage>();
  await runInDurableObject(scheduler(), (object) => rebind(object, { FANOUT: queue }));
  return { pages: () => queue.calls.flat() as BroadcastPage[] };
}

/** Its alarm goes off at this second, and again for as long as there is something to do at once. */
async function wakeAt(seconds: number): Promise<void> {
  at(seconds);
  await loadConfig(env);
  for (let turn = 0; turn < 40; turn++) {
    await runDurableObjectAlarm(scheduler());
    const next = await alarmAt();
    if (next === null || next > Date.now()) return;
  }
  throw new Error('the scheduler does not come to rest');
}

function alarmAt(): Promise<number | null> {
  return runInDurableObject(scheduler(), (_, { storage }) => storage.getAlarm());
}

/** As the queue would hand it on, to the real profiles. */
async function consume(pages: FanoutMessage[], settle = true): Promise<string[]> {
  const fates: string[] = [];
  const messages = pages.map((body, id) => ({
    id: String(id),
    timestamp: new Date(),
    attempts: 1,
    body,
    ack: () => fates.push('ack'),
    retry: () => fates.push('retry'),
  }));
  await consumeFanout({ queue: 'reflex-fanout', messages } as unknown as MessageBatch<FanoutMessage>, {
    profile: (key) => profileStub(env, key),
    watchers: (shard) => watcherStub(env, shard),
    scheduler: () => ({
      owesPage: (...page) => schedulerStub(env).owesPage(...page),
      settlePage: (...page) =>
        settle ? schedulerStub(env).settlePage(...page) : Promise.reject(new Error('lost')),
    }),
    pause: () => Promise.resolve(),
    now: () => Date.now(),
  });
  return fates;
}

function rows(table: 'plans' | 'broadcasts' | 'pages'): Promise<number> {
  return runInDurableObject(scheduler(), ({ sql }) => {
    if (!sql.hasTable(table)) return 0;
    return sql.all<{ n: number }>(`SELECT COUNT(*) AS n FROM ${table}`)[0]?.n ?? 0;
  });
}

const from = async (ref: ProfileRef, trigger: string) =>
  (await due(ref)).filter((message) => message.trigger === trigger).length;
const told = (pages: BroadcastPage[], ref: ProfileRef) =>
  pages.filter(({ profiles }) => profiles.includes(ref.key)).length;

describe('a broadcast', () => {
  it('reaches every profile at its instant, through the queue, and is then forgotten', async () => {
    const people = [await aProfile('all-1'), await aProfile('all-2'), await aProfile('all-3')];
    await aBroadcast('all', [{ at: iso(HOUR) }]);
    await wakeAt(HOUR - 1);
    expect(await rows('broadcasts')).toBe(0);
    await wakeAt(HOUR);
    await vi.waitFor(async () => {
      for (const one of people) expect(await from(one, 'all')).toBe(1);
    });
    await vi.waitFor(async () => expect([await rows('broadcasts'), await rows('pages')]).toEqual([0, 0]));
  });

  it('reaches each once, whatever the queue repeats or loses and wherever the scheduler is evicted', async () => {
    const people = await Promise.all(Array.from({ length: 12 }, (_, i) => aProfile(`once-${i}`)));
    await aBroadcast('once', [{ at: iso(HOUR) }], { priority: 90 });
    const { pages } = await kept();
    at(HOUR);
    // Evicted after each turn: where the walk stands, and every page, is on disk.
    for (let turn = 0; turn < 12; turn++) {
      await runDurableObjectAlarm(scheduler());
      await evictDurableObject(scheduler());
      await runInDurableObject(scheduler(), (object) => {
        rebind(object, { FANOUT: { sendBatch: async () => {} } });
      });
    }
    // All that was sent after the first turn was lost; the pages come again when they are due.
    expect(people.filter((one) => told(pages(), one) === 1).length).toBeLessThan(people.length);
    const again = await kept();
    await wakeAt(HOUR + 31);
    const all = again.pages();
    for (const one of people) expect(told(all, one)).toBe(1);
    await loadConfig(env);
    expect(await consume([...all, ...all], false)).toEqual(all.concat(all).map(() => 'retry'));
    expect(await consume(all)).toEqual(all.map(() => 'ack'));
    for (const one of people) {
      expect(await from(one, 'once')).toBe(1);
      expect(await reasons(one, '$broadcast')).toEqual(['once: sent']);
    }
    expect([await rows('broadcasts'), await rows('pages')]).toEqual([0, 0]);
    await wakeAt(HOUR + 1_000);
    expect(again.pages()).toHaveLength(all.length);
  });

  it('asks its segment, and its `if`, at the moment it arrives', async () => {
    await admin('PUT', 'segments/gold', {
      members: false,
      if: { field: 'user.traits.tier', op: 'eq', value: 'gold' },
    });
    const [gold, late, plain] = [await aProfile('gold'), await aProfile('late'), await aProfile('plain')];
    await send(gold, [anEvent('$identify', {}, { traits: { tier: 'gold' } })]);
    await aBroadcast('golden', [{ at: iso(HOUR), segment: 'gold' }]);
    at(HOUR - 60);
    await send(late, [anEvent('$identify', {}, { traits: { tier: 'gold' } })]);
    await wakeAt(HOUR);
    await vi.waitFor(async () => {
      expect(await reasons(plain, '$broadcast')).toEqual(['golden: not_matched']);
      expect([await from(gold, 'golden'), await from(late, 'golden')]).toEqual([1, 1]);
    });
  });

  it('of several of one trigger is the one whose instant it is', async () => {
    await admin('PUT', 'segments/morning', {
      members: false,
      if: { field: 'user.traits.when', op: 'eq', value: 'morning' },
    });
    await admin('PUT', 'segments/evening', {
      members: false,
      if: { field: 'user.traits.when', op: 'eq', value: 'evening' },
    });
    const [morning, evening] = [await aProfile('morning'), await aProfile('evening')];
    await send(morning, [anEvent('$identify', {}, { traits: { when: 'morning' } })]);
    await send(evening, [anEvent('$identify', {}, { traits: { when: 'evening' } })]);
    await aBroadcast('twice', [
      { at: iso(HOUR), segment: 'morning' },
      { at: iso(2 * HOUR), segment: 'evening' },
    ]);
    await wakeAt(HOUR);
    await vi.waitFor(async () => {
      expect(await reasons(morning, '$broadcast')).toEqual(['twice: sent']);
      expect(await reasons(evening, '$broadcast')).toEqual(['twice: not_matched']);
    });
  });

  it("is told to the user an anonymous profile has become, and to nobody who doesn't exist", async () => {
    const [known, before] = [await user('merged'), await visitor('was')];
    await send(before, [anEvent('Hello')]);
    await registered(before);
    await send(known, [anEvent('$identify')], { links: [before] });
    await registered(known);
    const nobody = await user('nobody');
    await registered(nobody);
    await aBroadcast('moved', [{ at: iso(HOUR) }]);
    const { pages } = await kept();
    await wakeAt(HOUR);
    expect([told(pages(), before), told(pages(), nobody)]).toEqual([1, 1]);
    expect(new Set(await consume(pages()))).toEqual(new Set(['ack']));
    expect(await reasons(known, '$broadcast')).toEqual(['moved: sent']);
    expect(await tablesOf(nobody)).toEqual([]);
  });

  it('comes again by `every`, and an instant missed by more than an hour is skipped', async () => {
    await aProfile('weekly');
    await aBroadcast('weekly', [{ at: iso(HOUR), every: '1w' }]);
    const { pages } = await kept();
    const instants = () => [...new Set(pages().map(({ instantAt }) => (instantAt - START) / 1_000))];
    const week = 7 * 24 * HOUR;
    await wakeAt(HOUR);
    await consume(pages());
    await wakeAt(HOUR + week + 3_599);
    await consume(pages());
    await wakeAt(HOUR + 2 * week + 3_601);
    expect(instants()).toEqual([HOUR, HOUR + week]);
    await wakeAt(HOUR + 3 * week);
    expect(instants()).toEqual([HOUR, HOUR + week, HOUR + 3 * week]);
  });

  it('ends with the schedule of its trigger', async () => {
    await aProfile('ending');
    await aBroadcast('ending', [{ at: iso(HOUR), every: '1h' }], {
      schedule: { start: iso(HOUR + 1), end: iso(3 * HOUR) },
    });
    const { pages } = await kept();
    for (let hour = 1; hour <= 4; hour++) {
      await wakeAt(hour * HOUR);
      await consume(pages());
    }
    expect([...new Set(pages().map(({ instantAt }) => (instantAt - START) / 1_000))]).toEqual([2 * HOUR]);
  });

  it('that is paused or stopped before its instant sends nothing, also when it goes on later', async () => {
    await aProfile('paused');
    await aBroadcast('paused', [{ at: iso(HOUR) }]);
    await aBroadcast('stopped', [{ at: iso(2 * HOUR) }]);
    const { pages } = await kept();
    at(HOUR - 1);
    await admin('POST', 'triggers/paused/pause');
    await wakeAt(HOUR);
    at(HOUR + 60);
    await admin('POST', 'triggers/paused/activate');
    await admin('POST', 'stop-all', { stopped: true });
    await wakeAt(2 * HOUR);
    at(2 * HOUR + 60);
    await admin('POST', 'stop-all', { stopped: false });
    await wakeAt(2 * HOUR + 120);
    expect(pages()).toEqual([]);
  });

  it('ends at once where it is paused while it is under way', async () => {
    await aProfile('halted');
    await aBroadcast('halted', [{ at: iso(HOUR) }]);
    const { pages } = await kept();
    at(HOUR);
    await runDurableObjectAlarm(scheduler());
    await admin('POST', 'triggers/halted/pause');
    expect([await rows('broadcasts'), await rows('pages')]).toEqual([0, 0]);
    const before = pages().length;
    await wakeAt(HOUR + 60);
    expect(pages()).toHaveLength(before);
  });

  it('is planned though nobody told the scheduler, and forgotten though nobody did', async () => {
    const healed = await aProfile('healed');
    await aBroadcast('first', [{ at: iso(HOUR) }]);
    const { pages } = await kept();
    const real = env.SCHEDULER;
    Object.assign(env, {
      SCHEDULER: { getByName: () => ({ sync: () => Promise.reject(new Error('lost')) }) },
    });
    try {
      await aBroadcast('second', [{ at: iso(HOUR + 60) }]);
      await admin('POST', 'triggers/first/pause');
    } finally {
      Object.assign(env, { SCHEDULER: real });
    }
    expect(await rows('plans')).toBe(1);
    await wakeAt(HOUR);
    expect(pages()).toEqual([]);
    await wakeAt(HOUR + 60);
    expect(told(pages(), healed)).toBe(1);
    expect(new Set(pages().map(({ trigger }) => trigger))).toEqual(new Set(['second']));
  });

  it('waits until its activation is in force everywhere', async () => {
    await aProfile('soon');
    await aBroadcast('soon', [{ at: iso(2) }]);
    const { pages } = await kept();
    await wakeAt(9);
    expect(pages()).toEqual([]);
    expect(await alarmAt()).toBe(START + 10_000);
    await wakeAt(10);
    expect(pages().length).toBeGreaterThan(0);
  });

  it('is not begun twice by being published anew', async () => {
    await aProfile('anew');
    await aBroadcast('anew', [{ at: iso(HOUR) }]);
    const { pages } = await kept();
    await wakeAt(HOUR);
    await consume(pages());
    const before = pages().length;
    at(HOUR + 300);
    for (const _ of [1, 2]) await admin('POST', 'triggers/anew/activate');
    await wakeAt(HOUR + 320);
    expect(pages()).toHaveLength(before);
  });
});

describe('the scheduler', () => {
  it('writes nothing where there is no broadcast, and looks again within the hour', async () => {
    const idle = env.SCHEDULER.getByName('idle') as unknown as DurableObjectStub<SchedulerObject>;
    await runInDurableObject(idle, async (object, { storage }) => {
      expect(await object.sync(Date.now())).toEqual({ kind: 'done' });
      expect(object.sql.rowsWritten).toBe(0);
      expect(await storage.getAlarm()).toBeLessThanOrEqual(START + HOUR * 1_000);
    });
  });

  it('walks on after a shard that could not be reached, and puts everybody on one page', async () => {
    const people = await Promise.all(Array.from({ length: 5 }, (_, i) => aProfile(`walk-${i}`)));
    await aBroadcast('walk', [{ at: iso(HOUR) }]);
    const { pages } = await kept();
    let calls = 0;
    await runInDurableObject(scheduler(), (object) => {
      const REGISTRY = {
        getByName: (name: string) => {
          calls += 1;
          if (calls % 50 === 0) return { page: () => Promise.reject(new Error('gone')) };
          return env.REGISTRY.getByName(name);
        },
      };
      rebind(object, { FANOUT: (object as unknown as { env: typeof env }).env.FANOUT, REGISTRY });
    });
    at(HOUR);
    for (let turn = 0; turn < 20; turn++) await runDurableObjectAlarm(scheduler());
    for (const one of people) expect(told(pages(), one)).toBe(1);
    expect(calls).toBeGreaterThan(256);
  });

  it('goes to no more profiles in a second than it may, and waits for none where it found none', async () => {
    const people = await Promise.all(Array.from({ length: 7 }, (_, i) => aProfile(`pace-${i}`)));
    await aBroadcast('pace', [{ at: iso(HOUR) }]);
    const { pages } = await kept();
    await runInDurableObject(scheduler(), (object) => {
      const bindings = (object as unknown as { env: typeof env }).env;
      rebind(object, { FANOUT: bindings.FANOUT, BROADCAST_PER_SECOND: '2' });
    });
    const toldAfter: number[] = [];
    for (let second = 0; second < 80; second++) {
      await wakeAt(HOUR + second);
      toldAfter.push(pages().flatMap(({ profiles }) => profiles).length);
      const next = await alarmAt();
      if (next !== null && next > Date.now() + 1_000) break;
    }
    const each = toldAfter.map((count, i) => count - (toldAfter[i - 1] ?? 0));
    expect(Math.max(...each)).toBe(2);
    for (const one of people) expect(told(pages(), one)).toBe(1);
    expect(toldAfter.length).toBeLessThanOrEqual((toldAfter.at(-1) ?? 0) / 2 + 2);
  });

  it('puts at most 200 on a page, and a bounded number a turn', async () => {
    const shard = env.REGISTRY.getByName('registry-0') as unknown as {
      add(profiles: { key: string; createdAt: number }[]): Promise<void>;
    };
    await shard.add(Array.from({ length: 4_500 }, (_, i) => ({ key: `many-${i}`, createdAt: START })));
    await aBroadcast('many', [{ at: iso(HOUR) }]);
    const { pages } = await kept();
    at(HOUR);
    await runDurableObjectAlarm(scheduler());
    expect(pages().length).toBe(20);
    await wakeAt(HOUR);
    const keys = pages().flatMap(({ profiles }) => profiles);
    expect(Math.max(...pages().map(({ profiles }) => profiles.length))).toBe(200);
    expect(keys.filter((key) => key.startsWith('many-')).length).toBe(4_500);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('has a bounded number of pages out, goes on as they are settled, and owes none of what is stopped', async () => {
    const shard = env.REGISTRY.getByName('registry-1') as unknown as {
      add(profiles: { key: string; createdAt: number }[]): Promise<void>;
    };
    await shard.add(Array.from({ length: 9_000 }, (_, i) => ({ key: `out-${i}`, createdAt: START })));
    await aBroadcast('out', [{ at: iso(HOUR) }]);
    const { pages } = await kept();
    await wakeAt(HOUR);
    const before = pages();
    expect(before.length).toBeGreaterThan(20);
    expect(before.length).toBeLessThanOrEqual(40);
    const owes = ({ trigger, instantAt, page }: BroadcastPage) =>
      schedulerStub(env).owesPage(trigger, instantAt, page);
    expect(await Promise.all(before.map(owes))).toEqual(before.map(() => true));
    for (const { trigger, instantAt, page } of before.slice(0, 20)) {
      await schedulerStub(env).settlePage(trigger, instantAt, page);
    }
    expect(await Promise.all(before.slice(0, 21).map(owes))).toEqual([...Array(20).fill(false), true]);
    await wakeAt(HOUR + 1);
    expect(pages().length).toBeGreaterThan(before.length);
    await admin('POST', 'triggers/out/pause');
    await schedulerStub(env).sync(Date.now());
    expect(await Promise.all(pages().map(owes))).toEqual(pages().map(() => false));
  });
});
