/**
 * Many items are imported while the server is killed outright, in the middle of a part. Whoever imports asks how far it is and goes
 * on there; in the end each item is there, written once. More by `IMPORT_ITEMS` and
 * `IMPORT_KILLS`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Api, apiOf } from '../support/api.ts';
import { type RunningServer, startServer } from '../support/start-server.ts';

const ITEMS = Number(process.env.IMPORT_ITEMS ?? 3_000);
const LINES_PER_PART = Math.min(5_000, ITEMS / 6);
const KILLS = Number(process.env.IMPORT_KILLS ?? 1);

let stateDir: string;
let server: RunningServer;
beforeAll(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'reflex-import-'));
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  rmSync(stateDir, { recursive: true, force: true });
});

const lines = Array.from({ length: ITEMS }, (_, i) =>
  JSON.stringify({ id: `sku-${i}`, title: `상품 ${i}`, brand: `b${i % 50}`, price: i, currency: 'KRW' }),
);

async function linesDone(api: Api): Promise<number> {
  const { status, body } = await api.server('GET', '/v1/items/imports/first');
  return status === 404 ? 0 : body.linesDone;
}

/** Goes on where the import is; false where the server was killed under it. */
async function goOn(api: Api, killDuring: number | null): Promise<boolean> {
  for (let done = await linesDone(api), part = 0; done < ITEMS; part++) {
    const raw = lines.slice(done, done + LINES_PER_PART).join('\n');
    const sending = api.server('POST', `/v1/items/imports/first?from=${done}`, undefined, { raw });
    if (part === killDuring) {
      sending.catch(() => {});
      // It has begun, and is not over: some shards have their lines.
      await new Promise((resolve) => setTimeout(resolve, 30));
      await server.end('SIGKILL');
      return false;
    }
    const { status, body, text } = await sending;
    expect(status, text).toBe(200);
    expect(body.rejected).toBe(0);
    done = body.linesDone;
  }
  return true;
}

it('an import that is killed goes on where it was, and writes each item once', {
  timeout: 120_000,
}, async () => {
  for (let kill = 0; kill < KILLS; kill++) {
    server = await startServer({ stateDir });
    expect(await goOn(apiOf(server), 1 + kill)).toBe(false);
  }
  server = await startServer({ stateDir });
  const api = apiOf(server);
  const before = await linesDone(api);
  expect(before).toBeGreaterThan(0);
  expect(before).toBeLessThan(ITEMS);
  expect(await goOn(api, null)).toBe(true);
  const { body } = await api.server('GET', '/v1/items/imports/first');
  expect([body.linesDone, body.accepted, body.rejected]).toEqual([ITEMS, ITEMS, 0]);
  for (let at = 0; at < ITEMS; at += Math.max(1, Math.floor(ITEMS / 500))) {
    const { headers, body: item } = await api.server('GET', `/v1/items/sku-${at}`);
    expect([headers.get('etag'), item.title]).toEqual(['"1"', `상품 ${at}`]);
  }
});
