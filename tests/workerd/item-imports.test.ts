/** Imports of many items, from outside: parts, what is wrong in them, and what is sent again. */
import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import type { CatalogObject } from '../../src/catalog/catalog-object.ts';
import { importPart, MAX_PART_LINES } from '../../src/ingest/import-part.ts';
import { catalogShardOf, catalogStub } from '../../src/protocol/stubs.ts';
import { readImport, takeImportStep } from '../../src/store/item-imports.ts';
import { api } from '../support/workerd-api.ts';

const lines = (count: number, prefix: string, more: object = {}) =>
  Array.from({ length: count }, (_, i) =>
    JSON.stringify({ id: `${prefix}-${i}`, title: `Item ${i}`, price: i + 1, currency: 'KRW', ...more }),
  );
const send = (id: string, from: number, some: string[]) =>
  api.server('POST', `/v1/items/imports/${id}?from=${from}`, undefined, { raw: some.join('\n') });
const itemOf = (id: string) => api.server('GET', `/v1/items/${id}`);

async function catalogRows(): Promise<number> {
  let rows = 0;
  for (let n = 0; n < 64; n++) {
    const shard = env.CATALOG.getByName(`catalog-${n}`) as unknown as DurableObjectStub<CatalogObject>;
    rows += await runInDurableObject(shard, ({ sql }) => sql.rowsWritten);
  }
  return rows;
}

/** The deps of the Worker, counting calls; `fails` before or after the call of that number. */
function counting(fails: { call: number; when: 'before' | 'after' } | null = null) {
  const calls: string[] = [];
  return {
    calls,
    deps: {
      defaultCurrency: async () => 'KRW',
      catalog: (_: unknown, itemId: string) => ({
        importItems: async (request: Parameters<ReturnType<typeof catalogStub>['importItems']>[0]) => {
          calls.push(`${catalogShardOf(itemId)} ${request.writes.length}`);
          const isFailing = fails?.call === calls.length;
          if (isFailing && fails?.when === 'before') throw new Error('Network connection lost.');
          const result = await catalogStub(env, itemId).importItems(request);
          if (isFailing) throw new Error('Network connection lost.');
          return result;
        },
      }),
      readImport: (_: unknown, id: string) => readImport(env.DB, id),
      takeImportStep: (_: unknown, step: Parameters<typeof takeImportStep>[1], now: number) =>
        takeImportStep(env.DB, step, now),
    },
  };
}

describe('an import', () => {
  it('takes parts one after the other, each line once, with one row for each item', async () => {
    await send('warm', 0, lines(400, 'warm'));
    const all = lines(500, 'parts');
    const before = await catalogRows();
    const first = await send('parts', 0, all.slice(0, 300));
    expect(first).toMatchObject({
      status: 200,
      body: { id: 'parts', linesDone: 300, accepted: 300, rejected: 0, errors: [], part: { skipped: 0 } },
    });
    expect((await send('parts', 300, all.slice(300))).body).toMatchObject({ linesDone: 500, accepted: 500 });
    expect(await catalogRows()).toBe(before + 500);
    expect((await api.server('GET', '/v1/items/imports/parts')).body).toMatchObject({
      linesDone: 500,
      accepted: 500,
      rejected: 0,
    });
    expect((await itemOf('parts-7')).body).toMatchObject({ title: 'Item 7', price: 8 });
  });

  it('calls each shard once or a few times, however many lines there are', async () => {
    const { calls, deps } = counting();
    await importPart(deps, env, { id: 'calls', from: 0, lines: lines(2_000, 'calls'), now: Date.now() });
    expect(calls).toHaveLength(64);
    const one = Array.from({ length: 600 }, (_, i) => JSON.stringify({ id: 'calls-1', stock: i }));
    await importPart(deps, env, { id: 'one', from: 0, lines: one, now: Date.now() });
    expect(calls.slice(64).map((call) => call.split(' ')[1])).toEqual(['250', '250', '100']);
    expect((await itemOf('calls-1')).body).toMatchObject({ stock: 599 });
  });

  it('skips what is done where it is sent again, whole or in other parts, and refuses a gap', async () => {
    const all = lines(20, 'again');
    await send('again', 0, all.slice(0, 10));
    const before = await catalogRows();
    expect((await send('again', 0, all.slice(0, 10))).body).toMatchObject({
      linesDone: 10,
      accepted: 10,
      part: { skipped: 10 },
    });
    expect(await catalogRows()).toBe(before);
    const gap = await send('again', 11, all.slice(11));
    expect([gap.status, gap.body.error.code]).toEqual([409, 'gap']);
    expect(gap.body.error.message).toContain('`from=10`');
    expect((await send('again', 5, all.slice(5))).body).toMatchObject({
      linesDone: 20,
      accepted: 20,
      part: { skipped: 5 },
    });
    expect(await catalogRows()).toBe(before + 10);
  });

  it('tells of each bad line what is wrong, and loses no good one', async () => {
    const bad = [
      '{"id":"good-1","price":1}',
      'not json',
      '',
      '{"price":1}',
      '{"id":"bad","price":-1}',
      '[1]',
      '{"id":"good-2","price":2}',
    ];
    const { status, body } = await send('bad', 0, bad);
    expect([status, body.linesDone, body.accepted, body.rejected]).toEqual([200, 7, 2, 4]);
    expect(body.part.errors).toEqual([
      { line: 2, message: 'is not valid JSON; expected one item a line' },
      { line: 4, message: 'id: is missing' },
      { line: 5, message: expect.stringContaining('price: ') },
      { line: 6, message: expect.stringContaining('expected') },
    ]);
    expect((await itemOf('good-2')).body).toMatchObject({ price: 2, currency: 'KRW' });
    const huge = JSON.stringify({ id: 'good-1', attributes: { text: 'x'.repeat(5_000) } });
    const more = JSON.stringify({ id: 'good-1', attributes: { more: 'x'.repeat(5_000) } });
    const second = await send('bad', 7, [huge, more]);
    expect(second.body.part.errors).toEqual([{ line: 9, message: expect.stringContaining('attributes') }]);
    const { body: progress } = await api.server('GET', '/v1/items/imports/bad');
    expect(progress.errors.map(({ line }: { line: number }) => line)).toEqual([2, 4, 5, 6, 9]);
  });

  it('is a stranger’s, a page’s or an unknown one’s to none', async () => {
    const path = '/v1/items/imports/nobody';
    expect((await api.client('GET', path)).status).toBe(403);
    expect((await api.stranger('POST', `${path}?from=0`)).status).toBe(401);
    expect((await api.server('GET', path)).status).toBe(404);
  });

  it.each([
    ['/v1/items/imports/a%20b?from=0', '{}', 400, 'id'],
    ['/v1/items/imports/x', '{}', 400, 'from'],
    ['/v1/items/imports/x?from=-1', '{}', 400, 'from'],
    ['/v1/items/imports/x?from=0', '', 400, 'no line'],
    ['/v1/items/imports/x?from=0', '{}\n'.repeat(MAX_PART_LINES + 1), 400, 'at most 10000 lines'],
    ['/v1/items/imports/x?from=0', 'x'.repeat(8 * 1024 * 1024 + 1), 413, '8192 KB'],
  ])('%s is refused, saying what would be right', async (path, raw, status, words) => {
    const answer = await api.server('POST', path, undefined, { raw });
    expect(answer.status).toBe(status);
    expect(answer.text).toContain(words);
  });
});

describe('a part that was cut off', () => {
  // Two lines about one item: the first, sent again, would undo the second.
  const twice = (prefix: string) => [
    ...lines(30, prefix),
    JSON.stringify({ id: `${prefix}-1`, price: 500 }),
    JSON.stringify({ id: `${prefix}-1`, price: 400 }),
  ];

  it.each([
    { call: 1, when: 'before' as const },
    { call: 1, when: 'after' as const },
    { call: 12, when: 'before' as const },
    { call: 12, when: 'after' as const },
  ])('at its call $call ($when it was made) is sent again, and each line counts once', async (fails) => {
    const prefix = `cut-${fails.call}-${fails.when}`;
    const part = { id: prefix, from: 0, lines: twice(prefix), now: Date.now() };
    await expect(importPart(counting(fails).deps, env, part)).rejects.toMatchObject({ status: 503 });
    expect(await readImport(env.DB, prefix)).toBeNull();
    const answer = await importPart(counting().deps, env, part);
    expect(answer).toMatchObject({ linesDone: 32, accepted: 32, rejected: 0 });
    const versions = await Promise.all(
      Array.from({ length: 30 }, async (_, i) => (await itemOf(`${prefix}-${i}`)).headers.get('etag')),
    );
    expect(versions).toEqual(Array.from({ length: 30 }, (_, i) => (i === 1 ? '"3"' : '"1"')));
    expect((await itemOf(`${prefix}-1`)).body.price).toBe(400);
  });

  it('sent by two at once is counted once', async () => {
    const all = lines(200, 'two');
    const answers = await Promise.all([send('two', 0, all), send('two', 0, all)]);
    expect(answers.map(({ body }) => [body.linesDone, body.accepted])).toEqual([
      [200, 200],
      [200, 200],
    ]);
  });
});
