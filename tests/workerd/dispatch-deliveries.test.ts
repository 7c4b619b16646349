/** Deliveries, facts and dead letters in D1, and the listings that read them. */
import { env } from 'cloudflare:workers';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { consumeDeadLetters } from '../../src/dispatch/dead-letter-consumer.ts';
import { deadLetterRoutes } from '../../src/dispatch/dead-letter-routes.ts';
import { deliveryRoutes } from '../../src/dispatch/delivery-routes.ts';
import { dispatchDeps } from '../../src/dispatch/dispatch-deps.ts';
import type { Channel } from '../../src/engine/trigger.ts';
import type { Fact, FactKind } from '../../src/engine/vocabulary.ts';
import { ApiError } from '../../src/http/api-error.ts';
import { profileKey } from '../../src/protocol/profile-key.ts';
import type { ProfileView } from '../../src/protocol/rpc.ts';
import { type DeliveryRecord, raiseDeliveries, readDelivery } from '../../src/store/deliveries.ts';
import { listDeliveries } from '../../src/store/delivery-list.ts';
import { DELIVERY_STATUSES, type DeliveryStatus } from '../../src/store/delivery-status.ts';
import { applyFacts } from '../../src/store/facts.ts';

const db = env.DB;

beforeEach(async () => {
  await db.batch(
    ['deliveries', 'delivery_contents', 'dead_letters'].map((table) => db.prepare(`DELETE FROM ${table}`)),
  );
});

function aDelivery(change: Partial<DeliveryRecord> = {}): DeliveryRecord {
  return {
    id: 'msg_1',
    profileKey: 'p1',
    trigger: 'price-drop',
    version: 2,
    variant: null,
    channel: 'push',
    status: 'queued',
    reason: 'queued',
    attempts: 0,
    createdAt: 1_000,
    sentAt: null,
    updatedAt: 1_000,
    ...change,
  };
}

const write = (...records: DeliveryRecord[]) => db.batch(raiseDeliveries(db, records));
const fact = (kind: FactKind, at: number, id = 'msg_1'): Fact => ({
  seq: at,
  kind,
  at,
  message: {
    id,
    trigger: 'price-drop',
    version: 2,
    variant: 'a',
    channel: 'in_app',
    reason: 'queued',
    createdAt: 1_000,
  },
});

describe('a delivery', () => {
  it('is one row, however often and in whatever order it is written', async () => {
    const statuses = fc.shuffledSubarray<DeliveryStatus>(
      ['queued', 'sent', 'delivered', 'shown', 'clicked'],
      { minLength: 2 },
    );
    let n = 0;
    await fc.assert(
      fc.asyncProperty(statuses, fc.boolean(), async (order, isTwice) => {
        const id = `msg_order_${n++}`;
        for (const status of isTwice ? [...order, ...order] : order) await write(aDelivery({ id, status }));
        const highest = DELIVERY_STATUSES.findLast((status) => order.includes(status));
        expect((await readDelivery(db, id))?.status).toBe(highest);
      }),
      { numRuns: 25 },
    );
  });

  it.each([
    ['cancelled', 'queued', 'cancelled'],
    ['cancelled', 'sent', 'sent'],
    ['sent', 'cancelled', 'sent'],
    ['failed', 'queued', 'failed'],
    ['dead', 'sent', 'dead'],
    ['unknown', 'queued', 'unknown'],
    ['unknown', 'shown', 'shown'],
    ['clicked', 'dead', 'clicked'],
  ] as const)('that is %s and then said to be %s is %s', async (first, then, result) => {
    await write(aDelivery({ status: first }));
    await write(aDelivery({ status: then }));
    expect((await readDelivery(db, 'msg_1'))?.status).toBe(result);
  });

  it('keeps the most attempts, the first time of sending and the reason of its status', async () => {
    await write(aDelivery({ status: 'sent', reason: 'sent', attempts: 2, sentAt: 5_000, updatedAt: 5_000 }));
    await write(aDelivery({ status: 'queued', reason: 'queued', attempts: 3, updatedAt: 9_000 }));
    await write(aDelivery({ status: 'shown', reason: 'shown', sentAt: 4_000, updatedAt: 2_000 }));
    const { items } = await listDeliveries(db, { limit: 10 });
    expect(items).toEqual([
      {
        ...aDelivery({ status: 'shown', reason: 'shown', attempts: 3, sentAt: 4_000, updatedAt: 9_000 }),
        content: null,
      },
    ]);
  });

  it('costs nothing to write again', async () => {
    const record = aDelivery({ status: 'sent', attempts: 1, sentAt: 5_000 });
    const [first] = await write(record);
    const [again] = await write(record);
    expect(first?.meta.rows_written).toBe(4);
    expect(again?.meta.rows_written).toBe(0);
  });

  it('raised costs one row: no index moves', async () => {
    await write(aDelivery());
    const [raised] = await write(aDelivery({ status: 'sent', sentAt: 2_000 }));
    expect(raised?.meta.rows_written).toBe(1);
  });

  it('carries any text unharmed', async () => {
    const odd = `'"\\;--\u202e😀\u0000 {"a":1}`;
    await write(aDelivery({ trigger: odd, variant: odd }));
    const { items } = await listDeliveries(db, { trigger: odd, limit: 1 });
    expect(items[0]).toMatchObject({ trigger: odd, variant: odd });
  });
});

describe('facts', () => {
  it('of thousands of messages are written in a handful of statements', async () => {
    const facts = Array.from({ length: 2_500 }, (_, i) => fact('message_queued', i + 1, `msg_${i}`));
    await applyFacts(db, [{ profileKey: 'p1', facts }]);
    expect(await db.prepare('SELECT count(*) AS n FROM deliveries').first('n')).toBe(2_500);
  });

  it('applied twice, or late, change nothing', async () => {
    const facts = [
      fact('message_queued', 1_000),
      fact('message_shown', 2_000),
      fact('message_clicked', 3_000),
    ];
    await applyFacts(db, [{ profileKey: 'p1', facts }]);
    const before = await db.prepare('SELECT * FROM deliveries').all();
    await applyFacts(db, [{ profileKey: 'p1', facts: facts.slice(0, 2).toReversed() }]);
    expect((await db.prepare('SELECT * FROM deliveries').all()).results).toEqual(before.results);
  });

  it('need no database where they are of no message', async () => {
    await applyFacts({} as D1Database, [
      { profileKey: 'p1', facts: [{ seq: 1, kind: 'profile_created', at: 1 }] },
    ]);
  });
});

const views = new Map<string, Partial<ProfileView>>();
let described: string[] = [];
const routes = [
  ...deadLetterRoutes(),
  ...deliveryRoutes({
    profile: (_, key) => ({
      describe: async () => {
        described.push(key);
        if (key === 'broken') throw new Error('unreachable');
        return (views.get(key) as ProfileView | undefined) ?? null;
      },
      next: async () => ({ kind: 'done', due: { cursor: '0', messages: [], next: 30 } }),
    }),
  }),
];

interface Page {
  items: Record<string, unknown>[];
  cursor: string | null;
}

async function get(path: string): Promise<Page> {
  const url = new URL(`https://reflex.test/admin/api/${path}`);
  const route = routes.find((one) => one.path === url.pathname);
  if (!route) throw new Error(`no route ${url.pathname}`);
  const context = {
    env,
    url,
    now: 0,
    params: {},
    key: { kind: 'admin', id: 'k' },
    waitUntil: () => {},
    admit: () => {},
  } as const;
  return (await route.handle(new Request(url), context)).json<Page>();
}

describe('GET /admin/api/deliveries', () => {
  beforeEach(async () => {
    described = [];
    views.clear();
    const [u1, a1] = [await profileKey(env, 'user', 'u1'), await profileKey(env, 'anonymous', 'a1')];
    views.set(u1, { userId: 'u1', anonymousIds: ['a1'], inbox: [] });
    views.set('visitor', {
      userId: null,
      anonymousIds: ['a9'],
      inbox: [{ id: 'msg_5', content: { title: '안녕' } }] as unknown as ProfileView['inbox'],
    });
    await write(
      aDelivery({ id: 'msg_1', profileKey: a1, createdAt: 1_000, channel: 'in_app' }),
      aDelivery({
        id: 'msg_2',
        profileKey: u1,
        createdAt: 2_000,
        status: 'sent',
        reason: 'sent',
        attempts: 1,
        sentAt: 2_500,
      }),
      aDelivery({ id: 'msg_3', profileKey: u1, createdAt: 3_000, trigger: 'signup' }),
      aDelivery({ id: 'msg_4', profileKey: 'broken', createdAt: 4_000 }),
      aDelivery({ id: 'msg_5', profileKey: 'visitor', createdAt: 4_000, channel: 'in_app' }),
    );
    const content = { title: '가격 인하' };
    await dispatchDeps(env).deliveries.record(aDelivery({ id: 'msg_2', profileKey: u1, createdAt: 2_000 }), {
      content,
    });
  });

  it('answers in the contract’s shape, newest first, with the content that the log kept', async () => {
    const { items, cursor } = await get('deliveries');
    expect(cursor).toBeNull();
    expect(items.map(({ id }) => id)).toEqual(['msg_5', 'msg_4', 'msg_3', 'msg_2', 'msg_1']);
    expect(items[3]).toEqual({
      id: 'msg_2',
      trigger: 'price-drop',
      version: 2,
      variant: null,
      userId: 'u1',
      anonymousId: null,
      channel: 'push',
      status: 'sent',
      reason: 'sent',
      attempts: 1,
      content: { title: '가격 인하' },
      createdAt: '1970-01-01T00:00:02.000Z',
      sentAt: '1970-01-01T00:00:02.500Z',
    });
  });

  it('reads each profile once, and shows the rest where one does not answer', async () => {
    const { items } = await get('deliveries');
    expect(described.length).toBe(new Set(described).size);
    expect(items[1]).toMatchObject({ id: 'msg_4', userId: null, anonymousId: null });
    expect(items[0]).toMatchObject({
      id: 'msg_5',
      userId: null,
      anonymousId: 'a9',
      content: { title: '안녕' },
    });
  });

  it.each([
    ['trigger=signup', ['msg_3']],
    ['status=sent', ['msg_2']],
    ['channel=in_app', ['msg_5', 'msg_1']],
    ['channel=in_app&status=sent', []],
    ['userId=u1', ['msg_3', 'msg_2', 'msg_1']],
    ['userId=u1&trigger=price-drop', ['msg_2', 'msg_1']],
    ['userId=anon:a1', ['msg_1']],
    ['userId=nobody', []],
  ])('filters by %s', async (query, expected) => {
    expect((await get(`deliveries?${query}`)).items.map(({ id }) => id)).toEqual(expected);
  });

  it('pages through everything once, also where two were made in the same millisecond', async () => {
    const seen: unknown[] = [];
    let cursor: string | null = '';
    for (let pages = 0; cursor !== null && pages < 9; pages++) {
      const page: Page = await get(`deliveries?limit=2${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.cursor;
    }
    expect(seen).toEqual(['msg_5', 'msg_4', 'msg_3', 'msg_2', 'msg_1']);
  });

  it.each(['limit=0', 'limit=x', 'cursor=nonsense', 'channel=fax', 'status=lost'])(
    'refuses %s and says why',
    async (query) => {
      const refusal = await get(`deliveries?${query}`).catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(ApiError);
      expect(refusal).toMatchObject({ status: 400, issues: [{ path: query.split('=')[0] }] });
    },
  );

  it('finds a trigger’s or a profile’s deliveries without reading the others', async () => {
    const plan = async (where: string) =>
      (
        await db
          .prepare(
            `EXPLAIN QUERY PLAN SELECT * FROM deliveries d WHERE ${where} ORDER BY created_at DESC, id DESC LIMIT 9`,
          )
          .all()
      ).results.map((row) => String(row.detail));
    expect((await plan(`trigger_id = 't' AND (d.created_at, d.id) < (5, 'x')`)).join()).toMatch(
      /SEARCH d USING INDEX deliveries_by_trigger/,
    );
    expect((await plan(`profile_key IN ('a')`)).join()).toMatch(/SEARCH d USING INDEX deliveries_by_profile/);
    expect((await plan(`(d.created_at, d.id) < (5, 'x')`)).join()).toMatch(
      /SEARCH d USING (COVERING )?INDEX deliveries_by_time/,
    );
  });
});

describe('dead letters', () => {
  function aBatch(bodies: unknown[]) {
    const answers: string[] = [];
    const messages = bodies.map((body, i) => ({
      id: `q${i}`,
      timestamp: new Date(1_000 + i),
      attempts: 6,
      body,
    }));
    const batch = {
      queue: 'reflex-dispatch-dead',
      messages,
      ackAll: () => answers.push('ack'),
      retryAll: () => answers.push('retry'),
    };
    return { batch: batch as unknown as MessageBatch<unknown>, answers };
  }
  const body = { v: 1, kind: 'message', profile: 'p1', messageId: 'msg_1' };

  it('are kept once, listed newest first with what is known of their delivery', async () => {
    await write(aDelivery({ status: 'dead', reason: 'provider_error' }));
    const { batch, answers } = aBatch([body, 'junk', null]);
    await consumeDeadLetters(batch, env);
    await consumeDeadLetters(batch, env);
    expect(answers).toEqual(['ack', 'ack']);
    const { items } = await get('dead-letters');
    expect(items).toHaveLength(3);
    expect(items[2]).toEqual({
      id: 'reflex-dispatch-dead:q0',
      source: 'reflex-dispatch-dead',
      messageId: 'msg_1',
      code: 'queue_gave_up',
      attempts: 6,
      body,
      trigger: 'price-drop',
      channel: 'push' satisfies Channel,
      reason: 'provider_error',
      status: 'dead',
      createdAt: '1970-01-01T00:00:01.000Z',
      expiresAt: null,
      replayedAt: null,
    });
    expect((await get('dead-letters?limit=2')).cursor).not.toBeNull();
  });

  it('are not acknowledged before they are kept', async () => {
    const { batch, answers } = aBatch([body]);
    await consumeDeadLetters(batch, env, { keep: () => Promise.reject(new Error('D1 is down')) });
    expect(answers).toEqual(['retry']);
  });

  it('hold what the dispatcher gave up', async () => {
    const deadLetter = {
      id: 'msg_1',
      source: 'delivery',
      profileKey: 'p1',
      messageId: 'msg_1',
      code: 'http_500',
      attempts: 8,
      body: undefined,
      createdAt: 5_000,
      expiresAt: null,
    };
    const record = aDelivery({ status: 'dead', reason: 'provider_error', attempts: 8 });
    await dispatchDeps(env).deliveries.record(record, { deadLetter });
    await dispatchDeps(env).deliveries.record(record, { deadLetter });
    expect((await get('dead-letters')).items).toMatchObject([
      { id: 'msg_1', code: 'http_500', body: null, reason: 'provider_error' },
    ]);
  });
});
