/** `npm start` as a person, a script or a power cut deals with it. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { apiOf } from '../support/api.ts';
import { PAYMENTS, pay, paymentsIn, tellPayments } from '../support/payments.ts';
import {
  freePort,
  launch,
  type RunningServer,
  type StartOptions,
  startServer,
} from '../support/start-server.ts';
import { linkOf, visitorOf } from '../support/visitor.ts';
import { receiveWebhooks, type WebhookReceiver } from '../support/webhook-receiver.ts';

const NPM: [string, ...string[]] = ['npm', 'start'];
const root = mkdtempSync(join(tmpdir(), 'reflex-start-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function newStateDir(): string {
  return mkdtempSync(join(root, 'state-'));
}

const started: RunningServer[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server[Symbol.asyncDispose]()));
});

async function start(options: StartOptions = {}): Promise<RunningServer> {
  const server = await startServer({ stateDir: newStateDir(), ...options });
  started.push(server);
  return server;
}

/** A start that is expected to fail. */
async function fails(options: Parameters<typeof launch>[0]): Promise<string> {
  const { exited, output } = launch(options);
  expect(await exited).toEqual({ code: 1, signal: null });
  return output();
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  const free = await new Promise<boolean>((resolve) => {
    probe.once('error', () => resolve(false));
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => resolve(true));
  });
  await new Promise((resolve) => probe.close(resolve));
  return free;
}

// It is killed before all else: the rest of the file runs while the leases of what it was sending end.
const acknowledged = new Set<string>();
let endpoint: WebhookReceiver;
let survivor: RunningServer;

beforeAll(async () => {
  endpoint = await receiveWebhooks(() => ({ status: 204 }));
  const stateDir = newStateDir();
  const victim = await startServer({ stateDir });
  await tellPayments(apiOf(victim), endpoint.url);
  await Promise.all(
    PAYMENTS.map(async (payment) => {
      if (!(await pay(victim, payment))) return;
      acknowledged.add(payment.payment);
      if (acknowledged.size === 20) victim.process.kill('SIGKILL');
    }),
  );
  expect(await victim.end('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' });
  survivor = await startServer({ stateDir });
});
afterAll(async () => {
  await survivor?.[Symbol.asyncDispose]();
  await endpoint?.close();
});

describe('a server that was killed amid fifty events', () => {
  it('has lost none that it acknowledged', async () => {
    expect(acknowledged.size).toBeGreaterThanOrEqual(20);
    const kept = await paymentsIn(survivor);
    expect([...acknowledged].filter((payment) => !kept.includes(payment))).toEqual([]);
  });

  it('counts each once when all come again', async () => {
    expect(await Promise.all(PAYMENTS.map((payment) => pay(survivor, payment)))).not.toContain(false);
    const expected = PAYMENTS.map(({ payment }) => payment);
    expect((await paymentsIn(survivor)).sort()).toEqual(expected.sort());
  });
});

/** workerd, which starts once and never again. */
function workerdOnce(): string {
  const real = createRequire(createRequire(import.meta.url).resolve('miniflare'))('workerd').default;
  const path = join(root, 'workerd-once');
  // `exec` keeps the process, and its id.
  const lines = [
    '#!/bin/sh',
    `[ -e "${path}.started" ] && exit 1`,
    `echo $$ > "${path}.started"`,
    `exec "${real}" "$@"`,
  ];
  writeFileSync(path, lines.join('\n'), { mode: 0o755 });
  return path;
}

describe('npm start', () => {
  it('ends with 1 where its workerd has died and can’t be started again', async () => {
    const workerd = workerdOnce();
    const server = await start({ env: { MINIFLARE_WORKERD_PATH: workerd } });
    process.kill(Number(readFileSync(`${workerd}.started`, 'utf8')), 'SIGKILL');
    const [code] = await once(server.process, 'exit');
    expect(code).toBe(1);
    expect(server.output()).toContain('could not be started again');
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'says that it is ready once, serves, and on %s ends with 0',
    async (signal) => {
      const server = await start({ command: NPM });
      expect((await apiOf(server).stranger('GET', '/health')).status).toBe(200);
      const lines = server.output().split('\n');
      expect(lines.filter((line) => line.startsWith('ready '))).toEqual([`ready ${server.url}`]);
      expect(await server.end(signal)).toEqual({ code: 0, signal: null });
      expect(await isFree(server.port)).toBe(true);
    },
  );

  it('with DEMO=0 starts empty: keys and policies only', async () => {
    const { admin, client, server } = apiOf(await start({ demo: false }));
    for (const kind of ['triggers', 'templates', 'segments', 'lookups']) {
      expect((await admin('GET', kind)).body, kind).toEqual({ items: [], cursor: null });
    }
    expect((await server('GET', '/v1/items/RG-101')).status).toBe(404);
    expect((await admin('GET', 'policies/workspace')).status).toBe(200);
    const answer = await client('POST', '/v1/page?sync=1', { anonymousId: 'first', name: 'Home' });
    expect(answer.body).toMatchObject({ success: true, messages: [] });
  });

  it('with the demo prints for each trigger a command that fires it', async () => {
    const server = await start({ demo: true });
    const commands = server
      .output()
      .split('\n\n')
      .filter((block) => block.startsWith('# '));
    const run = promisify(execFile);
    const answers = await Promise.all(
      commands.map(async (command) => (await run('bash', ['-c', command])).stdout),
    );
    expect(answers).toHaveLength(3);
    for (const [index, trigger] of ['signup-nudge', 'search-prompt', 'price-drop'].entries()) {
      expect(answers[index]).toContain(`"trigger":"${trigger}"`);
    }
  });

  it('goes on where it was stopped: documents, items, profiles, messages, and what was changed in the demo', async () => {
    const stateDir = newStateDir();
    const first = await start({ stateDir, demo: true });
    const visitor = (server: RunningServer) => visitorOf(apiOf(server), { anonymousId: 'returning' });
    await visitor(first).page('Home');
    const before = await visitor(first).track('Products Searched', { query: '실반지' });
    expect(before.map(({ trigger }) => trigger).sort()).toEqual(['search-prompt', 'signup-nudge']);
    await apiOf(first).server('PUT', '/v1/items/RG-101', { price: 1_234 });
    await apiOf(first).admin('PUT', 'lookups/categories', {
      rows: [{ key: '팔찌', url: '/c/bracelets', title: '팔찌' }],
    });
    expect(await first.end('SIGTERM')).toEqual({ code: 0, signal: null });

    const second = await start({ stateDir, demo: true });
    expect((await visitor(second).next('search'))[0]).toEqual(
      before.find(({ surface }) => surface === 'search'),
    );
    expect((await apiOf(second).server('GET', '/v1/items/RG-101')).body).toMatchObject({ price: 1_234 });
    const other = visitorOf(apiOf(second), { anonymousId: 'another' });
    expect(await other.track('Products Searched', { query: '실반지' })).toEqual([]);
    expect(linkOf((await other.track('Products Searched', { query: '팔찌' }))[0])).toBe('/c/bracelets');
  });

  it('says so where the port is taken, and leaves the directory to the next', async () => {
    const stateDir = newStateDir();
    const holder = createServer();
    const port = await freePort();
    await new Promise<void>((resolve) => holder.listen(port, '127.0.0.1', resolve));
    const said = await fails({ port, stateDir });
    expect(said).toContain(`Port ${port} is in use`);
    expect(said).not.toMatch(/^\s+at /m);
    await new Promise((resolve) => holder.close(resolve));
    await start({ stateDir, port });
  });

  it('says so where another server has the directory', async () => {
    const { stateDir, process: child } = await start();
    const said = await fails({ port: await freePort(), stateDir });
    expect(said).toContain(`${stateDir} is in use by a running server (process ${child.pid})`);
  });

  it.each(['eighty', '0', '65536', '-1', '80.5'])('says what PORT may be where it is %s', async (port) => {
    expect(await fails({ port, stateDir: newStateDir() })).toContain('a whole number from 1 to 65535');
  });
});

// A message that was on its way at the cut waits for the end of its lease.
it('a server that was killed tells each, and what it tells twice it tells under one id', async () => {
  const told = () =>
    endpoint.received.map(({ body, headers }) => [JSON.parse(body).data.payment, headers['webhook-id']]);
  await vi.waitFor(
    () => {
      const payments = new Set(told().map(([payment]) => payment));
      expect(PAYMENTS.filter(({ payment }) => !payments.has(payment))).toEqual([]);
    },
    { timeout: 45_000, interval: 100 },
  );
  expect(new Set(told().map((pair) => pair.join(' '))).size).toBe(PAYMENTS.length);
});
