/** Deliveries, conversions and decisions to an endpoint, as they come. */
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { dispatchDeps } from '../../src/dispatch/dispatch-deps.ts';
import { consumeFacts } from '../../src/dispatch/facts-consumer.ts';
import type { Fact } from '../../src/engine/vocabulary.ts';
import type { ExportMessage, FactsMessage } from '../../src/protocol/queue-messages.ts';
import type { DeliveryRecord } from '../../src/store/deliveries.ts';
import { eraseFromD1 } from '../../src/store/erase-from-d1.ts';
import { applyFacts } from '../../src/store/facts.ts';
import { type Call, told, ENDPOINT as URL } from '../support/export-endpoint.ts';
import { keptQueue, START, startClock } from '../support/profile-world.ts';

beforeEach(startClock);
afterEach(async () => {
  await env.DB.batch(
    ['deliveries', 'conversions', 'decisions', 'erasures'].map((table) =>
      env.DB.prepare(`DELETE FROM ${table}`),
    ),
  );
  vi.useRealTimers();
});

function queued(id: string, more: { test?: true } = {}): Fact {
  const message = {
    id,
    trigger: 't',
    version: 1,
    variant: null,
    channel: 'push' as const,
    reason: 'queued' as const,
  };
  return { seq: 1, kind: 'message_queued', at: START, message: { ...message, createdAt: START, ...more } };
}

function converted(seq: number): Fact {
  const by = { trigger: 't', version: 1, variant: null, goal: 'bought', heldOut: false };
  return { seq, kind: 'converted', at: START, conversion: { ...by, value: 9_900, sentAt: START } };
}

const message = (deliveries: string[], conversions: [string, number][] = []): ExportMessage => {
  return { v: 1, kind: 'export', deliveries, conversions };
};

const idsIn = (told: ExportMessage) => (told.v === 1 ? told.deliveries : []);

function decided(seq: number, answers = 1): Fact {
  const answer = (i: number) => ({ trigger: `t${i}`, version: 1, reason: 'not_matched' as const });
  const about = {
    eventKey: `e${seq}`,
    name: 'Hello',
    answers: Array.from({ length: answers }, (_, i) => answer(i)),
  };
  return { seq, kind: 'decided', at: START, decided: about };
}

const SENT: Omit<DeliveryRecord, 'id'> = {
  ...{ profileKey: 'key-a', trigger: 't', version: 1, variant: null, channel: 'push' },
  ...{ status: 'sent', reason: 'sent', attempts: 1, createdAt: START, sentAt: START, updatedAt: START },
};

/** Facts as the queue hands them on; what is named to the stream, and what becomes of the facts. */
async function consumed(facts: Fact[], bindings: object, profile = 'key-a') {
  const fates: string[] = [];
  const body: FactsMessage = { v: 1, kind: 'facts', profile, facts };
  const one = { body, ack: () => fates.push('ack'), retry: () => fates.push('retry') };
  const batch = { queue: 'reflex-facts', messages: [one] } as unknown as MessageBatch<FactsMessage>;
  await consumeFacts(batch, { ...env, ...bindings });
  return fates;
}

const idOf = (call: Call | undefined) => new Headers(call?.init.headers).get('webhook-id');

describe('the stream of exports', () => {
  it('tells the lines of the pulled exports, signed as Standard Webhooks says, and never follows a redirect', async () => {
    await applyFacts(env.DB, [{ profileKey: 'key-a', facts: [queued('m2'), queued('m1'), converted(7)] }]);
    const { calls, fates } = await told([message(['m2', 'm1'], [['key-a', 7]])]);
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatchObject({ url: URL, init: { method: 'POST', redirect: 'manual' } });
    const by = { profile: 'key-a', trigger: 't', version: 1, variant: null };
    expect(calls[0]?.lines).toEqual([
      expect.objectContaining({ type: 'delivery', id: 'm1', ...by, channel: 'push', status: 'queued' }),
      expect.objectContaining({ type: 'delivery', id: 'm2', ...by }),
      expect.objectContaining({ type: 'conversion', id: 'key-a:7', ...by, goal: 'bought', value: 9_900 }),
    ]);
    expect(fates).toEqual(['ack']);
  });

  it('tells decisions a line for each answer, also of who sent nothing', async () => {
    await applyFacts(env.DB, [{ profileKey: 'key-a', facts: [decided(4, 2), decided(3)] }]);
    const names = [
      ['key-a', 4, 2],
      ['key-a', 3, 1],
    ];
    const { calls, fates } = await told([{ v: 2, kind: 'export', decisions: names }]);
    const by = { type: 'decision', profile: 'key-a', name: 'Hello', at: new Date(START).toISOString() };
    const answer = { version: 1, reason: 'not_matched' };
    expect(calls.map(({ lines }) => lines)).toEqual([
      [
        { ...by, id: 'key-a:3:0', eventKey: 'e3', trigger: 't0', ...answer },
        { ...by, id: 'key-a:4:0', eventKey: 'e4', trigger: 't0', ...answer },
        { ...by, id: 'key-a:4:1', eventKey: 'e4', trigger: 't1', ...answer },
      ],
    ]);
    expect(fates).toEqual(['ack']);
  });

  it('tells the same again under the same id, and what has changed under another', async () => {
    await applyFacts(env.DB, [{ profileKey: 'key-a', facts: [queued('m1')] }]);
    const first = await told([message(['m1'])], () => new Response(null, { status: 500 }));
    const again = await told([message(['m1'])]);
    expect([idOf(again.calls[0]), again.calls[0]?.body]).toEqual([
      idOf(first.calls[0]),
      first.calls[0]?.body,
    ]);
    expect(idOf(first.calls[0])).toMatch(/^export_[0-9a-f]{32}$/);
    await applyFacts(env.DB, [
      { profileKey: 'key-a', facts: [{ ...queued('m1'), kind: 'message_clicked' }] },
    ]);
    const changed = await told([message(['m1'])]);
    expect(changed.calls[0]?.lines).toMatchObject([{ id: 'm1', status: 'clicked' }]);
    expect(idOf(changed.calls[0])).not.toBe(idOf(first.calls[0]));
  });

  it('tells nothing of who was erased meanwhile, nor of messages that somebody tried', async () => {
    await applyFacts(env.DB, [
      { profileKey: 'key-gone', facts: [queued('gone'), converted(1), decided(2)] },
      { profileKey: 'key-a', facts: [queued('tried', { test: true })] },
    ]);
    await eraseFromD1(env.DB, 'key-gone', START + 1);
    // Told late: the fact was still on its way.
    await applyFacts(env.DB, [{ profileKey: 'key-gone', facts: [decided(2), decided(3)] }]);
    const decisions = [
      ['key-gone', 2, 1],
      ['key-gone', 3, 1],
    ];
    const named = [message(['gone', 'tried'], [['key-gone', 1]]), { v: 2, kind: 'export', decisions }];
    const { calls, fates } = await told(named);
    expect([calls, fates]).toEqual([[], ['ack', 'ack']]);
    expect((await env.DB.prepare('SELECT * FROM decisions').all()).results).toEqual([]);
  });

  it('comes again, each time later and not before the endpoint wishes, whatever it answers but 2xx', async () => {
    await applyFacts(env.DB, [{ profileKey: 'key-a', facts: [queued('m1')] }]);
    const fateAfter = async (status: number, attempts: number, headers: Record<string, string> = {}) =>
      (await told([message(['m1'])], () => new Response(null, { status, headers }), { attempts })).fates;
    expect(await fateAfter(500, 1)).toEqual(['retry in 10 s']);
    expect(await fateAfter(500, 4)).toEqual(['retry in 80 s']);
    expect(await fateAfter(404, 14)).toEqual(['retry in 3600 s']);
    expect(await fateAfter(429, 1, { 'retry-after': '120' })).toEqual(['retry in 120 s']);
    expect(await fateAfter(503, 1, { 'retry-after': '7200' })).toEqual(['retry in 7200 s']);
    expect(await fateAfter(503, 1, { 'retry-after': '86400' })).toEqual(['retry in 43200 s']);
    const { alerts } = await told([message(['m1'])], () =>
      Response.redirect('https://elsewhere.example.com', 302),
    );
    expect(alerts).toEqual([{ alert: 'export_refused', code: 'http_302', attempts: 1 }]);
  });

  it('calls public addresses only, and nobody where none is set', async () => {
    await applyFacts(env.DB, [{ profileKey: 'key-a', facts: [queued('m1')] }]);
    for (const EXPORT_WEBHOOK_URL of [
      'http://warehouse.example.com',
      'https://169.254.169.254/',
      'https://db.internal/',
    ]) {
      const refused = await told([message(['m1'])], undefined, {
        EXPORT_WEBHOOK_URL,
        ENVIRONMENT: 'production',
      });
      expect(refused).toMatchObject({
        calls: [],
        fates: ['retry in 10 s'],
        alerts: [{ code: 'url_refused' }],
      });
    }
    expect(await told([message(['m1'])], undefined, { EXPORT_WEBHOOK_URL: '' })).toMatchObject({
      calls: [],
      fates: ['ack'],
    });
  });

  it('leaves what a newer build has sent to it', async () => {
    const { calls, fates } = await told([{ v: 3, kind: 'export' }, null]);
    expect([calls, fates]).toEqual([[], ['retry in 10 s', 'retry in 10 s']]);
  });
});

describe('what is named to the stream', () => {
  const set = (queue: object) => ({ EXPORT_STREAM: queue, EXPORT_WEBHOOK_URL: URL });
  const full = { sendBatch: () => Promise.reject(new Error('Too Many Requests')) };

  it('is every delivery and conversion that D1 has learnt as a fact, in one send', async () => {
    const queue = keptQueue<ExportMessage>();
    await consumed(
      [queued('m1'), { ...queued('m1'), seq: 2, kind: 'message_shown' }, converted(3)],
      set(queue),
    );
    await consumed([{ seq: 4, kind: 'profile_created', at: START }], set(queue), 'key-new');
    expect(queue.calls).toEqual([[message(['m1'], [['key-a', 3]])]]);
  });

  it('is every result of a dispatch, and one that D1 knows already where it is settled again', async () => {
    const queue = keptQueue<ExportMessage>();
    const { deliveries } = dispatchDeps({ ...env, ...set(queue) } as typeof env);
    await Promise.all(['m5', 'm6', 'm7'].map((id) => deliveries.record({ ...SENT, id }, {})));
    expect(queue.calls.flat().flatMap(idsIn).sort()).toEqual(['m5', 'm6', 'm7']);
    expect(queue.calls.length).toBeLessThan(3);
    await deliveries.stream('m5');
    expect(queue.calls.at(-1)).toEqual([message(['m5'])]);
  });

  it('fails a record that the queue does not take, though D1 has it: nothing is settled untold', async () => {
    const { deliveries } = dispatchDeps({ ...env, ...set(full) } as typeof env);
    const record: DeliveryRecord = { ...SENT, id: 'm8' };
    await expect(deliveries.record(record, {})).rejects.toThrow('Too Many Requests');
    expect(await deliveries.read('m8')).toMatchObject({ status: 'sent' });
    await expect(deliveries.stream('m8')).rejects.toThrow('Too Many Requests');
  });

  it('comes in messages of bounded size', async () => {
    const queue = keptQueue<ExportMessage>();
    const facts = Array.from({ length: 1_250 }, (_, i) => queued(`m${i}`));
    await consumed(facts, set(queue));
    expect(queue.calls.map((some) => some.length)).toEqual([5, 5, 3]);
    const ids = queue.calls.flat().flatMap(idsIn);
    expect(new Set(ids)).toEqual(new Set(facts.map((fact) => fact.message?.id)));
    expect(ids).toHaveLength(1_250);
  });

  it('is every decision, in messages of their own, each of no more lines than a call has', async () => {
    const queue = keptQueue<ExportMessage>();
    await consumed([decided(1, 100), decided(2, 99), queued('m1'), decided(3, 2), decided(4)], set(queue));
    expect(queue.calls).toEqual([
      [
        message(['m1']),
        {
          v: 2,
          kind: 'export',
          decisions: [
            ['key-a', 1, 100],
            ['key-a', 2, 99],
          ],
        },
        {
          v: 2,
          kind: 'export',
          decisions: [
            ['key-a', 3, 2],
            ['key-a', 4, 1],
          ],
        },
      ],
    ]);
  });

  it('holds the facts back where the queue does not take it, after D1 has them', async () => {
    expect(await consumed([queued('m1')], set(full))).toEqual(['retry']);
    const { results } = await env.DB.prepare('SELECT id FROM deliveries').all();
    expect(results).toEqual([{ id: 'm1' }]);
  });

  it('is nothing where no endpoint is set', async () => {
    expect(await consumed([queued('m1')], { EXPORT_STREAM: full })).toEqual(['ack']);
  });
});
