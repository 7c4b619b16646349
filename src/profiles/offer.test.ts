import { describe, expect, it } from 'vitest';
import type { FollowOrder, OutboxEntry, WatchOrder } from '../engine/vocabulary.ts';
import type { FollowResult, WatchResult } from '../protocol/catalog-rpc.ts';
import type { DispatchMessage, FactsMessage } from '../protocol/queue-messages.ts';
import { type OfferDeps, offer } from './offer.ts';

const RETRY_AT = 30_000;
const fact = (seq: number): OutboxEntry => ({
  kind: 'fact',
  id: `fact:${seq}`,
  fact: { seq, kind: 'profile_created', at: seq },
  retryAt: RETRY_AT,
});
const message = (id: string) => ({ kind: 'message', id, retryAt: RETRY_AT }) as unknown as OutboxEntry;
const watch = (itemId: string, order: Partial<WatchOrder> = {}): OutboxEntry => ({
  kind: 'watch',
  id: `watch:${itemId}`,
  watch: { itemId, relations: ['liked'], since: 0, ...order },
  retryAt: RETRY_AT,
});
const merged: OutboxEntry = { kind: 'merged', id: 'merged:a', from: 'a', mergeId: 'a>u', retryAt: RETRY_AT };
const watching: WatchResult = { kind: 'watching', reference: null, item: null, version: 0, changedAt: 0 };

/** Who was told what; `watchers` and `topics` answer by shard. */
function aWorld(watchers: Record<string, WatchResult> = {}, topics: Record<string, FollowResult> = {}) {
  const told: string[] = [];
  const dispatch: DispatchMessage[][] = [];
  const facts: FactsMessage[][] = [];
  const into = <T>(calls: T[][]) => ({
    sendBatch: async (batch: Iterable<{ body: T }>) => {
      calls.push([...batch].map(({ body }) => body));
      return {} as never;
    },
  });
  const deps: OfferDeps = {
    dispatch: into(dispatch),
    facts: into(facts),
    watchers: (shard) => ({
      watch: async (profile, { again }) => {
        told.push(`${profile} at ${shard}${again ? ' again' : ''}`);
        return watchers[shard] ?? watching;
      },
      follow: async (profile, { on }) => {
        told.push(`${profile} ${on ? 'follows' : 'leaves'} ${shard}`);
        return topics[shard] ?? { kind: 'done' };
      },
    }),
    firstShard: (itemId) => itemId,
    firstTopicShard: (topic) => topic,
    profile: (key) => ({
      releaseFrozen: async (mergeId) => {
        told.push(`release ${key} of ${mergeId}`);
      },
    }),
    watched: async (entry, { kind }) => {
      told.push(`${entry.id} is ${kind}`);
    },
    followed: async ({ id }) => {
      told.push(`${id} is followed`);
    },
    released: async (id) => {
      told.push(`${id} is released`);
    },
  };
  return { told, dispatch, facts, deps };
}

describe('what leaves a profile', () => {
  it('is cut where a queue’s message would be too large: facts of decisions by their answers, each whole and once', async () => {
    const answer = {
      ...{ trigger: 't'.repeat(64), version: 1_000, reason: 'frequency_capped' as const },
      messageId: `msg_${'0'.repeat(60)}`,
    };
    const about = { eventKey: '0'.repeat(22), name: '가'.repeat(200) };
    const sizes = [
      ...Array<number>(90).fill(1),
      ...Array<number>(40).fill(100),
      ...Array<number>(150).fill(2),
    ];
    const entries = sizes.map((length, seq): OutboxEntry => {
      const decided = { ...about, answers: Array<typeof answer>(length).fill(answer) };
      const told = { seq, kind: 'decided' as const, at: seq, decided };
      return { kind: 'fact', id: `fact:${seq}`, fact: told, retryAt: RETRY_AT };
    });
    const { facts, deps } = aWorld();
    await offer('u', entries, deps);
    const bytes = facts.flat().map((body) => new TextEncoder().encode(JSON.stringify(body)).length);
    expect(Math.max(...bytes)).toBeLessThan(128_000);
    expect(facts.flat().flatMap((body) => body.facts.map(({ seq }) => seq))).toEqual(
      sizes.map((_, seq) => seq),
    );
    expect(facts.flat().length).toBeLessThan(20);
  });

  it('goes in one batch to each queue, the facts in one message', async () => {
    const { dispatch, facts, deps, told } = aWorld();
    await offer('p', [message('m1'), fact(1), message('m2'), fact(2)], deps);
    expect(dispatch).toEqual([
      ['m1', 'm2'].map((messageId) => ({ v: 1, kind: 'message', profile: 'p', messageId })),
    ]);
    expect(facts).toMatchObject([[{ v: 1, kind: 'facts', profile: 'p', facts: [{ seq: 1 }, { seq: 2 }] }]]);
    expect(told).toEqual([]);
  });

  it('calls no queue where there is nothing for it', async () => {
    const { dispatch, facts, deps } = aWorld();
    await offer('p', [], deps);
    expect([dispatch, facts]).toEqual([[], []]);
  });

  it('fits into what a queue takes: 100 messages and 256 KB a call, 128 KB a message', async () => {
    const { dispatch, facts, deps } = aWorld();
    const many = Array.from({ length: 5_000 }, (_, n) => [fact(n), message(`m${n}`)]).flat();
    await offer('p', many, deps);
    for (const call of [...dispatch, ...facts]) {
      expect(call.length).toBeLessThanOrEqual(100);
      expect(JSON.stringify(call).length).toBeLessThan(256_000);
      for (const one of call) expect(JSON.stringify(one).length).toBeLessThan(128_000);
    }
    expect(dispatch.flat()).toHaveLength(5_000);
    expect(facts.flat().flatMap((body) => body.facts)).toHaveLength(5_000);
  });

  it('goes to the shard that an item has been moved to, and comes back as an answer', async () => {
    const { told, deps } = aWorld({ i1: { kind: 'moved', shard: 'next' }, next: { kind: 'removed' } });
    await offer('p', [watch('i1'), watch('i2', { profile: 'old' }), merged], deps);
    expect(told.sort()).toEqual(
      [
        'p at i1',
        'p at next',
        'watch:i1 is removed',
        'old at i2',
        'watch:i2 is watching',
        'release a of a>u',
        'merged:a is released',
      ].sort(),
    );
  });

  it('registers with the shard that a topic has been split to', async () => {
    const follow = (topic: string, more: Partial<FollowOrder> = {}): OutboxEntry => ({
      kind: 'follow',
      id: `follow:${topic}`,
      follow: { topic, on: true, at: 0, ...more },
      retryAt: RETRY_AT,
    });
    const { told, deps } = aWorld(
      {},
      { first: { kind: 'moved', shard: 'next' }, busy: { kind: 'unavailable', retryAfterSeconds: 5 } },
    );
    await offer('p', [follow('first'), follow('other', { on: false, profile: 'old' }), follow('busy')], deps);
    expect(told.sort()).toEqual(
      [
        'p follows first',
        'p follows next',
        'follow:first is followed',
        'old leaves other',
        'follow:other is followed',
        'p follows busy',
      ].sort(),
    );
  });

  it('says of an order that was offered before that it was', async () => {
    const { told, deps } = aWorld();
    await offer('p', [{ ...watch('i1'), offered: 1 }], deps);
    expect(told[0]).toBe('p at i1 again');
  });

  it('is left for later where an order has been overtaken, or the shard is not available, or moves without end', async () => {
    const { told, deps } = aWorld({
      busy: { kind: 'unavailable', retryAfterSeconds: 5 },
      round: { kind: 'moved', shard: 'round' },
      late: { kind: 'overtaken' },
    });
    await offer('p', [watch('busy'), watch('round'), watch('late')], deps);
    expect(told.filter((what) => what.includes(' is '))).toEqual([]);
    expect(told.length).toBeLessThan(10);
  });

  it('fails alone, whether the failure is thrown or promised', async () => {
    const { told, facts, deps } = aWorld();
    const dispatch = {
      sendBatch: () => {
        throw new Error('Too Many Requests');
      },
    };
    const overloaded = () => Promise.reject(new Error('overloaded'));
    const watchers = () => ({ watch: overloaded, follow: overloaded });
    await offer('p', [message('m1'), watch('i1'), fact(1), merged], { ...deps, dispatch, watchers });
    expect(facts.flat()).toHaveLength(1);
    expect(told).toEqual(['release a of a>u', 'merged:a is released']);
  });
});
