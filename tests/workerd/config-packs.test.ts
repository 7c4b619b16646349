/** Packs spare rows, and hide nothing: whatever becomes of them, an isolate that starts knows what is in force. */
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import type { Env } from '../../src/bindings.ts';
import { compileConfig } from '../../src/engine/compile/compile-config.ts';
import type { LiveDocuments } from '../../src/engine/config.ts';
import { loadLiveDocuments } from '../../src/store/live-documents.ts';
import { admin } from '../support/admin-client.ts';

/** D1, and what was asked of it. */
function meteredDatabase() {
  const meter = { roundTrips: 0, rowsRead: 0 };
  const note = (results: D1Result[]) => {
    meter.roundTrips += 1;
    for (const { meta } of results) meter.rowsRead += meta.rows_read;
  };
  const DB = {
    withSession(constraint: string) {
      const session = env.DB.withSession(constraint);
      return {
        async batch(statements: D1PreparedStatement[]) {
          const results = await session.batch(statements);
          note(results);
          return results;
        },
        prepare(query: string) {
          const statement = session.prepare(query);
          return Object.assign(statement, {
            bind: (...values: unknown[]) => {
              const bound = Object.getPrototypeOf(statement).bind.call(statement, ...values);
              const all = bound.all.bind(bound);
              bound.all = async () => {
                const result = await all();
                note([result]);
                return result;
              };
              return bound;
            },
          });
        },
      };
    },
  };
  return { meter, env: { ...env, DB: DB as unknown as D1Database } as Env };
}

/** As an isolate that has just started reads it. */
async function loadCold(from: Env = env): Promise<LiveDocuments> {
  vi.resetModules();
  const cold = await import('../../src/store/live-documents.ts');
  return cold.loadLiveDocuments(from);
}

async function triggersInForce(): Promise<string[]> {
  const { results } = await env.DB.prepare(
    `SELECT id, live_version, state FROM documents WHERE kind = 'trigger' AND state IN ('live', 'paused')`,
  ).all<{ id: string; live_version: number; state: string }>();
  return results.map(({ id, live_version, state }) => `${id}@${live_version} ${state}`).sort();
}

function triggersOf({ triggers }: LiveDocuments): string[] {
  return triggers.map(({ document, version, state }) => `${document.id}@${version} ${state}`).sort();
}

const A_TRIGGER = {
  category: 'transactional',
  transactionalReason: 'a test',
  entry: { on: [{ event: 'Product Viewed', where: { field: 'item.category', op: 'eq', value: 'rings' } }] },
  reeligibility: { mode: 'always' },
  steps: [{ id: 'show', send: { channels: ['in_app'], template: 'hello' } }],
};

/** Live triggers of about 1 KB as an older build would have left them: no pack knows of them. */
async function publishWithoutPacks(prefix: string, count: number): Promise<void> {
  const body = JSON.stringify({ ...A_TRIGGER, name: 'x'.repeat(700) }).slice(1);
  const numbers = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})`;
  await env.DB.batch([
    env.DB.prepare(
      `INSERT INTO document_versions (kind, id, version, body, etag, created_at, author)
       ${numbers} SELECT 'trigger', ?2 || i, 1, '{"id":"' || ?2 || i || '",' || ?1, 'e', 0, 'test' FROM n`,
    ).bind(body, prefix),
    env.DB.prepare(
      `INSERT INTO documents (kind, id, state, live_version, last_version, activated_at, changed_at, created_head,
         changed_head)
       ${numbers} SELECT 'trigger', ?1 || i, 'live', 1, 1, i, 0, head.version + i, head.version + i
         FROM n, config_head head`,
    ).bind(prefix),
    env.DB.prepare('UPDATE config_head SET version = version + ?1').bind(count),
  ]);
}

async function packCount(): Promise<number> {
  return (await env.DB.prepare('SELECT count(*) AS n FROM config_packs').first<number>('n')) ?? 0;
}

async function packKinds(): Promise<number[]> {
  const { results } = await env.DB.prepare('SELECT DISTINCT is_base FROM config_packs').all<{
    is_base: number;
  }>();
  return results.map(({ is_base }) => is_base);
}

beforeAll(async () => {
  await admin('PUT', 'templates/hello', {
    defaultLocale: 'ko',
    locales: { ko: { in_app: { layout: 'modal', title: 'Hello' } } },
  });
});

test('what is published, paused, put away and deleted, in whatever order, is what an isolate reads', async () => {
  await publishWithoutPacks('walk-', 100);
  const actions = ['put', 'activate', 'pause', 'put', 'archive', 'activate', 'delete'] as const;
  const packed = new Set<number>();
  for (let step = 0; step < 150; step++) {
    // Another document at each step of a hundred, and another action each time it comes round.
    const id = `walk-${1 + ((step * 37) % 100)}`;
    const action = actions[(step * 3 + Math.floor(step / 100)) % actions.length];
    if (action === 'put') await admin('PUT', `triggers/${id}`, { id, ...A_TRIGGER, priority: step % 100 });
    else if (action === 'delete') await admin('DELETE', `triggers/${id}`);
    else await admin('POST', `triggers/${id}/${action}`);
    for (const isBase of await packKinds()) packed.add(isBase);
    if (step % 25 === 0)
      expect(triggersOf(await loadCold()), `step ${step}`).toEqual(await triggersInForce());
  }
  // The tail was packed, and at some time everything anew.
  expect(packed).toEqual(new Set([0, 1]));
  expect(triggersOf(await loadCold())).toEqual(await triggersInForce());
  expect(triggersOf(await loadLiveDocuments(env))).toEqual(await triggersInForce());
}, 30_000);

test('ten thousand triggers reach an isolate that starts in a few rows, and one that changes in its own', async () => {
  await publishWithoutPacks('many-', 10_000);
  await admin('PUT', 'lookups/last', { rows: [{ key: 'a' }] });
  const bytes = await env.DB.prepare(
    'SELECT sum(octet_length(body)) AS n FROM document_versions',
  ).first<number>('n');
  const megabytes = (bytes ?? 0) / 2 ** 20;
  expect(megabytes).toBeGreaterThan(9);

  const cold = meteredDatabase();
  expect(triggersOf(await loadCold(cold.env))).toEqual(await triggersInForce());
  expect(cold.meter.rowsRead).toBeLessThanOrEqual(20 * megabytes);
  expect(cold.meter.roundTrips).toBeLessThanOrEqual(8);

  const before = compileConfig(await loadLiveDocuments(env));
  await admin('POST', 'triggers/many-77/pause');
  const warm = meteredDatabase();
  const after = compileConfig(await loadLiveDocuments(warm.env));
  // The head, the document and its version.
  expect(warm.meter).toEqual({ roundTrips: 1, rowsRead: 3 });
  const compiledAnew = [...after.triggers].filter(([id, trigger]) => before.triggers.get(id) !== trigger);
  expect(compiledAnew.map(([id, { state }]) => [id, state])).toEqual([['many-77', 'paused']]);
  expect(await triggersInForce()).toEqual(triggersOf(await loadCold()));
});

describe('a published trigger is seen', () => {
  test('although a pack is missing', async () => {
    await publishWithoutPacks('gap-', 1_000);
    await admin('PUT', 'lookups/last', { rows: [{ key: 'a' }] });
    expect(await packCount()).toBeGreaterThan(5);
    await env.DB.prepare(
      'DELETE FROM config_packs WHERE to_head = (SELECT to_head FROM config_packs ORDER BY to_head LIMIT 1 OFFSET 2)',
    ).run();
    expect(triggersOf(await loadCold())).toEqual(await triggersInForce());
    await env.DB.prepare('DELETE FROM config_packs').run();
    expect(triggersOf(await loadCold())).toEqual(await triggersInForce());
  });

  test('although the packs were left stale by a build that knows nothing of them', async () => {
    await publishWithoutPacks('stale-', 200);
    await admin('PUT', 'lookups/last', { rows: [{ key: 'a' }] });
    await env.DB.batch([
      env.DB.prepare(
        `UPDATE documents SET state = 'paused', changed_head = (SELECT version + 1 FROM config_head)
          WHERE id = 'stale-7'`,
      ),
      env.DB.prepare('UPDATE config_head SET version = version + 1'),
      env.DB.prepare(
        `UPDATE documents SET state = 'archived', changed_head = (SELECT version + 1 FROM config_head)
          WHERE id = 'stale-9'`,
      ),
      env.DB.prepare('UPDATE config_head SET version = version + 1'),
    ]);
    const live = triggersOf(await loadCold());
    expect(live).toEqual(await triggersInForce());
    expect(live).toContain('stale-7@1 paused');
    expect(live.some((one) => one.startsWith('stale-9@'))).toBe(false);
  });
});
