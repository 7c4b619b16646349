/** The Worker as it is deployed, `ENVIRONMENT` production, in this process: no development keys, no log, no loopback. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Miniflare } from 'miniflare';
import { freePort } from './start-server.ts';

function isJson({ headers }: Response): boolean {
  return headers.get('content-type')?.startsWith('application/json') ?? false;
}

/** The scripts are JavaScript, without types of their own. */
async function script<T>(name: string): Promise<T> {
  return import(new URL(`../../scripts/server/${name}.mjs`, import.meta.url).href) as Promise<T>;
}

interface Scripts {
  createRuntime(settings: {
    port: number;
    stateDir: string;
    idSecret: string;
    bindings: Record<string, string>;
  }): Promise<Miniflare>;
  migrate(database: D1Database): Promise<string[]>;
}

const ADMIN_TOKEN = 'at_production_0123456789abcdef0123456789abcdef';

export interface ProductionServer {
  url: string;
  /** Calls with an admin token, or below `/v1` with a server key; answers with status and JSON. */
  call(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; text: string; body: unknown }>;
  database(): Promise<D1Database>;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function startProduction(bindings: Record<string, string> = {}): Promise<ProductionServer> {
  const port = await freePort();
  const stateDir = mkdtempSync(join(tmpdir(), 'reflex-production-'));
  const idSecret = 'production-id-secret-0123456789abcdef0123';
  const { createRuntime } = await script<Scripts>('runtime');
  const { migrate } = await script<Scripts>('migrate');
  const runtime = await createRuntime({
    port,
    stateDir,
    idSecret,
    bindings: { ENVIRONMENT: 'production', ADMIN_TOKEN, ...bindings },
  });
  await runtime.ready;
  const database = () => runtime.getD1Database('DB') as unknown as Promise<D1Database>;
  await migrate(await database());
  const url = `http://127.0.0.1:${port}`;
  const callAs = async (token: string, method: string, path: string, body?: unknown) => {
    const answer = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${token}` },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await answer.text();
    return { status: answer.status, text, body: isJson(answer) ? JSON.parse(text) : null };
  };
  const made = await callAs(ADMIN_TOKEN, 'POST', '/admin/api/keys', { kind: 'server', label: 'a test' });
  const serverKey = String(made.body?.key);
  return {
    url,
    call: (method, path, body) =>
      callAs(path.startsWith('/v1/') ? serverKey : ADMIN_TOKEN, method, path, body),
    database,
    async [Symbol.asyncDispose]() {
      await runtime.dispose();
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}
