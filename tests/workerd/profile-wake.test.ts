/** What a profile still knows after it has left memory. */
import { abortAllDurableObjects } from 'cloudflare:test';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { DedupeRing } from '../../src/profiles/dedupe-ring.ts';
import type { ProfileRef } from '../../src/protocol/rpc.ts';
import { meter } from '../support/profile-meter.ts';
import {
  anEvent,
  at,
  due,
  inProfile,
  profileOf,
  publish,
  reasons,
  send,
  sleep,
  startClock,
  user,
} from '../support/profile-world.ts';

const ringView = () => anEvent('Viewed', { category: '반지' });

// Real queues on a machine that may be busy.
vi.setConfig({ testTimeout: 20_000 });

beforeAll(async () => {
  await publish({
    id: 'third-ring',
    entry: {
      on: [{ event: 'Viewed' }],
      if: {
        all: [
          {
            did: 'Viewed',
            where: { field: 'event.properties.category', op: 'eq', value: '반지' },
            count: { eq: 3 },
          },
          { did: 'Viewed', count: { eq: 3 } },
        ],
      },
    },
  });
});
beforeEach(startClock);
afterEach(() => {
  vi.useRealTimers();
});

describe('a profile that wakes', () => {
  // Snapshots are written with the 64th and the 128th commit.
  it.each([2, 3, 63, 64, 65, 100, 127, 128, 129])(
    'after %i commits has its state, its history, its decisions and knows what it took in',
    async (commits) => {
      const ref = await user(`wakes-${commits}`);
      await meter(ref);
      const [first, second] = [ringView(), ringView()];
      await send(ref, [first]);
      await send(ref, [second]);
      for (let i = 2; i < commits; i++) {
        at(i);
        await send(ref, [anEvent('Opened')]);
      }
      const before = await profileOf(ref).describe();
      const decided = await profileOf(ref).decisions(500);
      await sleep(ref);
      expect(await profileOf(ref).describe()).toEqual(before);
      expect(await profileOf(ref).decisions(500)).toEqual(decided);
      expect(decided).toHaveLength(commits);
      const again = await meter(ref);
      const repeated = await again.cost(() => send(ref, [first, second]));
      expect(repeated).toMatchObject({ rows: 0, commits: 0, alarms: 0 });
      await send(ref, [ringView()]);
      expect(await due(ref)).toHaveLength(1);
      expect(await reasons(ref, 'Viewed')).toEqual([
        'third-ring: sent',
        'third-ring: not_matched',
        'third-ring: not_matched',
      ]);
    },
  );

  it('between any two events decides as one that never sleeps', async () => {
    const ref = await user('sleeps');
    for (let i = 0; i < 140; i++) {
      await send(ref, [anEvent('Opened'), anEvent('$identify', {}, { traits: { visits: i } })]);
      if (i % 7 === 0) await sleep(ref);
    }
    await sleep(ref);
    const view = await profileOf(ref).describe();
    expect(view?.traits).toEqual({ visits: 139 });
    expect(await profileOf(ref).decisions(1_000)).toHaveLength(280);
  });
});

describe('a crash', () => {
  it('right after an answer takes nothing of it back', async () => {
    const ref = await user('crashes');
    const events = Array.from({ length: 70 }, () => anEvent('Opened'));
    for (const [i, event] of events.entries()) {
      await send(ref, [event]);
      if (i % 9 === 0 || i === 63) await abortAllDurableObjects();
    }
    await abortAllDurableObjects();
    const { cost } = await meter(ref);
    expect(await cost(() => send(ref, events))).toMatchObject({ rows: 0, commits: 0 });
    expect(await profileOf(ref).decisions(100)).toHaveLength(70);
  });
});

describe('a batch of 2,500 events', () => {
  const batch = (n: number) =>
    Array.from({ length: 2_500 }, (_, i) =>
      anEvent(i % 2 === 0 ? '상품 조회' : 'Viewed', { category: '목걸이', note: `${n}`.padEnd(140, '가') }),
    );

  it('is one commit, all of it known afterwards, awake or woken, batch after batch', async () => {
    const ref = await user('big');
    const batches = [batch(0), batch(1), batch(2), batch(3)];
    for (const events of batches) {
      const { cost } = await meter(ref);
      expect(await cost(() => send(ref, events))).toMatchObject({ commits: 1 });
      expect(await cost(() => send(ref, events))).toMatchObject({ rows: 0, commits: 0 });
      await sleep(ref);
    }
    const { cost } = await meter(ref);
    for (const events of batches) {
      expect(await cost(() => send(ref, events))).toMatchObject({ rows: 0, commits: 0 });
    }
    const decisions = await profileOf(ref).decisions(20_000);
    expect(decisions).toHaveLength(10_000);
    expect(new Set(decisions.map(({ event }) => event.messageId)).size).toBe(10_000);
  });

  it('writes at most one row for each 25 events', async () => {
    const ref = await user('big-rows');
    await send(ref, [anEvent('Opened')]);
    const { cost } = await meter(ref);
    const { rows } = await cost(() => send(ref, batch(0)));
    expect(rows).toBeLessThanOrEqual(100);
  });
});

describe('dedupe', () => {
  it('is exact beyond the newest 4,096 ids, awake or woken', async () => {
    const ref = await user('old-ids');
    const events = Array.from({ length: 5_000 }, (_, i) => anEvent('Opened', {}, { originalAt: at(i) - 7 }));
    for (let i = 0; i < events.length; i += 500) await send(ref, events.slice(i, i + 500));
    const oldest = events.slice(0, 20);
    for (const state of ['awake', 'woken']) {
      const { cost } = await meter(ref);
      expect(await cost(() => send(ref, oldest)), state).toMatchObject({ rows: 0, commits: 0 });
      await sleep(ref);
    }
    const { cost } = await meter(ref);
    const unseen = anEvent('Opened', {}, { originalAt: oldest[3]?.originalAt ?? 0 });
    expect(await cost(() => send(ref, [unseen]))).toMatchObject({ commits: 1 });
  });

  /** As if another id of the same hash had been taken in at `time`. */
  function collide(ref: ProfileRef, messageId: string, time: number) {
    return inProfile(ref, ({ sql }) => {
      const [row] = sql.all<{ hashes: ArrayBuffer }>('SELECT hashes FROM dedupe');
      const hashes = new DedupeRing();
      if (row) hashes.load(row.hashes);
      hashes.add(messageId, time);
      sql.all('UPDATE dedupe SET hashes = ?', hashes.toBuffer());
    });
  }

  it('takes in a new id whose hash is known, and a known id whose hash another one has taken', async () => {
    const ref = await user('collision');
    const events = Array.from({ length: 64 }, (_, i) => anEvent('Opened', {}, { originalAt: at(i) }));
    for (const event of events) await send(ref, [event]);
    const unseen = anEvent('Opened', {}, { originalAt: at(99) });
    await collide(ref, unseen.messageId, at(5));
    await collide(ref, events[7]?.messageId ?? '', at(1_000));
    await sleep(ref);
    const { cost } = await meter(ref);
    expect(await cost(() => send(ref, [unseen]))).toMatchObject({ commits: 1 });
    expect(await cost(() => send(ref, events))).toMatchObject({ rows: 0, commits: 0 });
  });
});
