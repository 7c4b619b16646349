import { describe, expect, it } from 'vitest';
import type { BroadcastPage, FanoutMessage } from '../protocol/queue-messages.ts';
import type { IngestRequest, IngestResult } from '../protocol/rpc.ts';
import { consumeFanout } from './fanout-consumer.ts';

const NOW = Date.UTC(2026, 8, 1);
const change = {
  item: { id: 'ring', price: 90, currency: 'KRW' },
  version: 7,
  previous: { price: 100, currency: 'KRW' },
  changedAt: NOW - 500,
};

function aPage(keys: string[], page = 0): FanoutMessage {
  const watchers = keys.map((profile) => ({ profile, reference: { amount: 100, currency: 'KRW' } }));
  return { v: 1, kind: 'page', shard: 'watchers:0:0:ring', page, change, watchers };
}

/** Runs a batch against profiles that answer as told (`done` unless given), and reports what became of each message. */
async function consume(
  pages: FanoutMessage[],
  answers: Record<string, (request: IngestRequest) => Promise<IngestResult>> = {},
  {
    attempts = 1,
    settle = async () => {},
    owes = async () => true,
  }: { attempts?: number; settle?: () => Promise<void>; owes?: () => Promise<boolean> } = {},
) {
  const ingested: { key: string; request: IngestRequest }[] = [];
  const settled: string[] = [];
  const fates: string[] = [];
  let running = 0;
  let mostRunning = 0;
  const pausedAfter: number[] = [];
  const messages = pages.map((body, index) => ({
    id: String(index),
    timestamp: new Date(NOW),
    attempts,
    body,
    ack: () => fates.push('ack'),
    retry: (options?: QueueRetryOptions) => fates.push(`retry after ${options?.delaySeconds}`),
  }));
  const batch = {
    queue: 'reflex-fanout',
    messages,
    ackAll() {},
    retryAll() {},
  } as unknown as MessageBatch<FanoutMessage>;
  await consumeFanout(batch, {
    now: () => NOW,
    pause: async () => void pausedAfter.push(ingested.length),
    watchers: (shard) => ({
      owesPage: owes,
      settlePage: async (version, page) => {
        await settle();
        settled.push(`${shard} ${version} ${page}`);
      },
      owesTopicPage: owes,
      settleTopicPage: async (walk, version, page) => {
        await settle();
        settled.push(`${shard} ${walk} ${version} ${page}`);
      },
    }),
    scheduler: () => ({
      owesPage: owes,
      settlePage: async (trigger, instantAt, page) => {
        await settle();
        settled.push(`${trigger} ${instantAt} ${page}`);
      },
    }),
    profile: (key) => ({
      ingest: async (request) => {
        ingested.push({ key, request });
        running++;
        mostRunning = Math.max(mostRunning, running);
        // Longer than any number of pauses takes here.
        await new Promise(setImmediate);
        running--;
        return answers[key]?.(request) ?? { kind: 'done' };
      },
    }),
  });
  return { ingested, settled, fates, mostRunning, pausedAfter };
}

const failing = (error: object) => async () => {
  throw Object.assign(new Error('the object failed'), error);
};

describe('a page of watchers', () => {
  it('reaches every profile as an event of its own, then is settled and acknowledged', async () => {
    const { ingested, settled, fates } = await consume([aPage(['a', 'b'], 3)]);
    expect(ingested).toEqual(
      ['a', 'b'].map((key) => ({
        key,
        request: {
          profile: { kind: 'user', id: '', key },
          events: [
            {
              messageId: `item:ring:7:${key}`,
              name: '$item',
              timestamp: NOW - 500,
              receivedAt: NOW,
              originalAt: NOW - 500,
              origin: 'system',
              properties: { product_id: 'ring' },
              context: {},
              item: { ...change, reference: { amount: 100, currency: 'KRW' } },
            },
          ],
        },
      })),
    );
    expect({ settled, fates }).toEqual({ settled: ['watchers:0:0:ring 7 3'], fates: ['ack'] });
  });

  it("follows a profile that has become another's, under that one's id", async () => {
    const to = { kind: 'user' as const, id: 'u1', key: 'known' };
    const { ingested, fates } = await consume([aPage(['anonymous'])], {
      anonymous: async () => ({ kind: 'moved', to }),
    });
    expect(ingested.map(({ key, request }) => [key, request.profile, request.events[0]?.messageId])).toEqual([
      ['anonymous', { kind: 'user', id: '', key: 'anonymous' }, 'item:ring:7:anonymous'],
      ['known', to, 'item:ring:7:known'],
    ]);
    expect(fates).toEqual(['ack']);
  });

  it('does not follow profiles that move in a circle for ever', async () => {
    const to = { kind: 'user' as const, id: 'u1', key: 'a' };
    const { ingested, fates, settled } = await consume([aPage(['a'])], {
      a: async () => ({ kind: 'moved', to }),
    });
    expect({ calls: ingested.length, fates, settled }).toEqual({
      calls: 4,
      fates: ['retry after 5'],
      settled: [],
    });
  });

  it('comes again where one profile is not to be had, and is not settled before', async () => {
    const { fates, settled, ingested } = await consume([aPage(['a', 'b', 'c'])], {
      b: async () => ({ kind: 'unavailable', retryAfterSeconds: 2 }),
    });
    expect({ fates, settled, told: ingested.length }).toEqual({
      fates: ['retry after 2'],
      settled: [],
      told: 3,
    });
  });

  it('leaves an overloaded object alone for longer, and longer with every attempt', async () => {
    const overloaded = { a: failing({ overloaded: true }) };
    const broken = { a: failing({ retryable: true }) };
    expect((await consume([aPage(['a'])], overloaded)).fates).toEqual(['retry after 30']);
    expect((await consume([aPage(['a'])], broken)).fates).toEqual(['retry after 5']);
    expect((await consume([aPage(['a'])], broken, { attempts: 4 })).fates).toEqual(['retry after 40']);
    expect((await consume([aPage(['a'])], broken, { attempts: 20 })).fates).toEqual(['retry after 600']);
  });

  it('that is settled, or overtaken by a newer price, tells nobody any more', async () => {
    const { ingested, settled, fates } = await consume([aPage(['a'])], {}, { owes: async () => false });
    expect({ ingested, settled, fates }).toEqual({ ingested: [], settled: [], fates: ['ack'] });
  });

  it('comes again where its shard can’t say whether it is owed', async () => {
    const { ingested, fates } = await consume([aPage(['a'])], {}, { owes: failing({ overloaded: true }) });
    expect({ ingested, fates }).toEqual({ ingested: [], fates: ['retry after 30'] });
  });

  it('comes again where its shard could not be told', async () => {
    expect((await consume([aPage(['a'])], {}, { settle: failing({}) })).fates).toEqual(['retry after 5']);
  });

  it('does not hold up the other pages of its batch', async () => {
    const { fates, settled } = await consume([aPage(['a'], 0), aPage(['b'], 1)], { a: failing({}) });
    expect({ fates, settled }).toEqual({
      fates: ['retry after 5', 'ack'],
      settled: ['watchers:0:0:ring 7 1'],
    });
  });

  it('asks at most 25 profiles at a time', async () => {
    const keys = Array.from({ length: 200 }, (_, index) => `p${index}`);
    const { ingested, mostRunning } = await consume([aPage(keys)]);
    expect(new Set(ingested.map(({ key }) => key)).size).toBe(200);
    expect(mostRunning).toBe(25);
  });

  it('lets others have their turn after every eight', async () => {
    const keys = Array.from({ length: 18 }, (_, index) => `p${index}`);
    const { pausedAfter, settled } = await consume([aPage(keys)]);
    expect({ pausedAfter, settled: settled.length }).toEqual({ pausedAfter: [8, 16], settled: 1 });
  });
});

describe('a page of a broadcast', () => {
  const page: BroadcastPage = {
    v: 1,
    kind: 'broadcast',
    trigger: 'noon',
    instantAt: NOW - 700,
    page: 4,
    profiles: ['a', 'b'],
  };

  it('reaches every profile as an event of the instant, then is settled with the scheduler', async () => {
    const { ingested, settled, fates } = await consume([page]);
    expect(ingested).toEqual(
      ['a', 'b'].map((key) => ({
        key,
        request: {
          profile: { kind: 'user', id: '', key },
          events: [
            {
              messageId: `at:noon:${NOW - 700}:${key}`,
              name: '$broadcast',
              timestamp: NOW - 700,
              receivedAt: NOW,
              originalAt: NOW - 700,
              origin: 'system',
              properties: { trigger: 'noon' },
              context: {},
            },
          ],
        },
      })),
    );
    expect({ settled, fates }).toEqual({ settled: [`noon ${NOW - 700} 4`], fates: ['ack'] });
  });

  it("follows a profile that has become another's, under that one's key", async () => {
    const to = { kind: 'user' as const, id: 'u1', key: 'known' };
    const { ingested } = await consume([{ ...page, profiles: ['a'] }], {
      a: async () => ({ kind: 'moved', to }),
    });
    expect(ingested.map(({ request }) => request.events[0]?.messageId)).toEqual([
      `at:noon:${NOW - 700}:a`,
      `at:noon:${NOW - 700}:known`,
    ]);
  });

  it('comes again where a profile, or the scheduler, is not to be had', async () => {
    const missed = await consume([page], { b: failing({}) });
    expect({ settled: missed.settled, fates: missed.fates }).toEqual({
      settled: [],
      fates: ['retry after 5'],
    });
    expect((await consume([page], {}, { settle: failing({}) })).fates).toEqual(['retry after 5']);
  });
});

describe("a page of a topic's followers", () => {
  const aTopicPage = (isNew: boolean): FanoutMessage => ({
    v: 1,
    kind: 'topic',
    shard: 'topics:0:0:brand:moon',
    walk: 'new_item ring',
    page: 2,
    change: { ...change, ...(isNew && { isNew }) },
    profiles: ['a', 'b'],
  });

  it('reaches every profile as news of the item, which is new once whatever version tells of it', async () => {
    const { ingested, settled, fates } = await consume([aTopicPage(true)]);
    expect(ingested.map(({ key, request }) => [key, request.events[0]])).toEqual(
      ['a', 'b'].map((key) => [
        key,
        expect.objectContaining({
          messageId: `topic:ring:new:${key}`,
          name: '$topic',
          timestamp: NOW - 500,
          origin: 'system',
          properties: { product_id: 'ring' },
          item: { ...change, isNew: true },
        }),
      ]),
    );
    expect({ settled, fates }).toEqual({
      settled: ['topics:0:0:brand:moon new_item ring 7 2'],
      fates: ['ack'],
    });
    const cheaper = await consume([aTopicPage(false)]);
    expect(cheaper.ingested[0]?.request.events[0]?.messageId).toBe('topic:ring:7:a');
  });

  it('comes again where a profile, or its shard, is not to be had', async () => {
    const missed = await consume([aTopicPage(true)], { b: failing({}) });
    expect({ settled: missed.settled, fates: missed.fates }).toEqual({
      settled: [],
      fates: ['retry after 5'],
    });
    expect((await consume([aTopicPage(true)], {}, { settle: failing({}) })).fates).toEqual(['retry after 5']);
  });
});

describe('a message of a newer build', () => {
  it('comes again later, and tells nobody anything', async () => {
    const strange = [{ v: 2, kind: 'page' }, { v: 1, kind: 'choir' }, null] as unknown as FanoutMessage[];
    const { ingested, fates } = await consume(strange);
    expect({ ingested, fates }).toEqual({
      ingested: [],
      fates: ['retry after 10', 'retry after 10', 'retry after 10'],
    });
  });
});
