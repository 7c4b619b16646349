/** What a client is told when the fault is ours: here the database has lost its tables while the server was down. */
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type Api, apiOf } from '../support/api.ts';
import { type RunningServer, startServer } from '../support/start-server.ts';

let stateDir: string;
let server: RunningServer;
let api: Api;
beforeAll(async () => {
  stateDir = mkdtempSync(join(tmpdir(), 'reflex-faults-'));
  const healthy = await startServer({ stateDir });
  await healthy.end('SIGTERM');
  cpSync(databases(), backup(), { recursive: true });
  dropTables(databases());
  server = await startServer({ stateDir });
  api = apiOf(server);
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  rmSync(stateDir, { recursive: true, force: true });
});

function databases(): string {
  return join(stateDir, 'v3', 'd1');
}

function backup(): string {
  return join(stateDir, 'd1-backup');
}

/** All tables of D1 but the one that says which migrations have been applied. */
function dropTables(directory: string): void {
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  const dropped = files
    .filter((name) => name.endsWith('.sqlite'))
    .flatMap((name) => {
      const database = new DatabaseSync(join(directory, name));
      const tables = database
        .prepare(
          "SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB '[a-ce-z]*' AND name NOT GLOB 'sqlite_*'",
        )
        .all();
      for (const { name: table } of tables) database.exec(`DROP TABLE "${table}"`);
      database.close();
      return tables;
    });
  expect(dropped.length).toBeGreaterThan(0);
}

it('an unexpected fault is 500 with a request id, and neither a stack nor a value', async () => {
  const answer = await api.admin('PUT', 'segments/secret-segment', {
    name: 'Ann Example',
    if: { field: 'user.traits.email', op: 'eq', value: 'ann@example.com' },
  });
  expect(answer.status).toBe(500);
  expect(answer.body).toEqual({
    error: {
      code: 'internal_error',
      message: expect.any(String),
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    },
  });
  expect(answer.text).not.toMatch(/no such table|SQLITE|segment|Ann|\bat /i);

  const { requestId } = answer.body.error;
  const line = await vi.waitFor(() => {
    const found = server
      .output()
      .split('\n')
      .find((text) => text.includes(requestId));
    expect(found).toContain('/admin/api/segments/:id');
    return found;
  });
  expect(line).not.toMatch(/ann@|Ann Example|secret-segment/);
});

it('events that can’t be taken now are 503 with the time to wait; none is half kept, and later they are taken', async () => {
  const event = { userId: 'unlucky', event: 'Seen', messageId: 'unlucky-1' };
  for (const path of ['/v1/track', '/v1/track?sync=1']) {
    const answer = await api.client('POST', path, event);
    expect(answer).toMatchObject({ status: 503, body: { error: { code: 'unavailable' } } });
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(answer.text).not.toMatch(/no such table|SQLITE/i);
  }

  await server.end('SIGTERM');
  rmSync(databases(), { recursive: true });
  cpSync(backup(), databases(), { recursive: true });
  server = await startServer({ stateDir });
  api = apiOf(server);
  expect((await api.admin('GET', 'profiles/unlucky')).status).toBe(404);
  expect((await api.client('POST', '/v1/track', event)).status).toBe(200);
  expect((await api.admin('GET', 'profiles/unlucky')).body.timeline).toHaveLength(1);
});
