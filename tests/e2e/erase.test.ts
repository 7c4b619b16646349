/**
 * Users are erased while the server is killed outright, again and again, at points that nobody chose. Whatever has begun
 * then ends by itself, and nothing of them is left: in no file's bytes, in no table, in nothing that was logged.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type Api, apiOf } from '../support/api.ts';
import { liveMarked, type Marks, newMarks, publishForMarked } from '../support/marked-life.ts';
import { type RunningServer, startServer } from '../support/start-server.ts';
import { tablesIn, textsInFiles } from '../support/state-files.ts';
import { receiveWebhooks, type WebhookReceiver } from '../support/webhook-receiver.ts';

/** More of them by `ERASE_KILLS`. Each cuts off the erasures of several users, each elsewhere. */
const KILLS = Number(process.env.ERASE_KILLS ?? 2);
const USERS_PER_KILL = 6;
/** An object that is idle leaves memory, and SQLite's log becomes part of its file, after 10 s. */
const IDLE_MS = 13_000;

let stateDir: string;
let hook: WebhookReceiver;
let server: RunningServer;
let logged = '';
beforeAll(async () => {
  stateDir = mkdtempSync(join(tmpdir(), 'reflex-erase-'));
  hook = await receiveWebhooks(() => ({ status: 400 }));
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await hook?.close();
  rmSync(stateDir, { recursive: true, force: true });
});

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function liveSome(api: Api): Promise<Marks[]> {
  const some = Array.from({ length: USERS_PER_KILL }, newMarks);
  await Promise.all(some.map((marks, i) => liveMarked(api, marks, i === 0 ? 70 : 5)));
  return some;
}

/** Asks for all erasures at once, and kills when so many are over. Answers whose erasure was acknowledged. */
async function eraseAndKill(api: Api, some: Marks[], killAfter: number): Promise<Set<string>> {
  const acknowledged = new Set<string>();
  await new Promise<void>((resolve) => {
    for (const { userId } of some) {
      void api.server('DELETE', `/v1/profiles/${userId}`).then(
        ({ status }) => {
          if (status === 200 || status === 202) acknowledged.add(userId);
          if (acknowledged.size === killAfter) resolve();
        },
        // The kill came first.
        () => {},
      );
    }
  });
  await server.end('SIGKILL');
  return acknowledged;
}

it('an erasure ends by itself however it was cut off, and leaves nothing', { timeout: 180_000 }, async () => {
  const lived: Marks[] = [];
  const acknowledged = new Set<string>();
  for (let kill = 0; kill < KILLS; kill++) {
    server = await startServer({ stateDir });
    const api = apiOf(server);
    if (kill === 0) await publishForMarked(api, hook.url);
    const some = await liveSome(api);
    lived.push(...some);
    for (const userId of await eraseAndKill(api, some, 1 + (kill % (USERS_PER_KILL - 1))))
      acknowledged.add(userId);
    logged += server.output();
  }

  server = await startServer({ stateDir });
  const api = apiOf(server);
  const begun: Marks[] = [];
  for (const marks of lived) {
    const { status } = await api.server('GET', `/v1/profiles/${marks.userId}`);
    expect([200, 404]).toContain(status);
    if (status === 404) begun.push(marks);
    // Not one that was acknowledged lives on.
    else expect(acknowledged).not.toContain(marks.userId);
  }
  expect(begun.length).toBeGreaterThan(0);
  // Nobody asks again for those: their own alarms bring them to an end.
  const marksOf = (all: Marks[]) => all.flatMap((marks) => Object.values(marks));
  await vi.waitFor(
    () => {
      expect(textsInFiles(join(stateDir, 'v3', 'do'), marksOf(begun))).toEqual([]);
    },
    { timeout: 20_000, interval: 250 },
  );
  const others = lived.filter((marks) => !begun.includes(marks));
  for (const { userId } of others) {
    expect(await api.server('DELETE', `/v1/profiles/${userId}`)).toMatchObject({ status: 200 });
  }
  const early = { timestamp: '2026-01-01T00:00:00.000Z', sentAt: new Date().toISOString() };
  for (const { userId, anonymousId } of lived) {
    const late = await api.client('POST', '/v1/track', { event: 'Opened', userId, anonymousId, ...early });
    expect(late.status).toBe(200);
    expect(await api.server('GET', `/v1/profiles/${userId}`)).toMatchObject({ status: 404 });
  }

  await pause(IDLE_MS);
  expect(textsInFiles(stateDir, marksOf(lived))).toEqual([]);
  const tables = tablesIn(join(stateDir, 'v3'));
  const keys = tables
    .filter(({ table }) => table === 'erasures')
    .flatMap(({ rows }) => rows.match(/[\w-]{27}/g) ?? []);
  // Each user's, and that of the visitor who had become one.
  expect(new Set(keys).size).toBe(lived.length * 2);
  const left = tables.filter(
    // `_cf_ALARM` names objects, as the platform does everywhere.
    ({ table, rows }) => !/^(erasures?|_cf_.*)$/.test(table) && keys.some((key) => rows.includes(key)),
  );
  expect(left).toEqual([]);
  logged += server.output();
  expect(marksOf(lived).filter((mark) => logged.includes(mark))).toEqual([]);
});
