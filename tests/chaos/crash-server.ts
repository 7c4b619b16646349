/** The product, started as a newcomer starts it, whose workerd can be killed and comes back. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type RunningServer, startServer } from '../support/start-server.ts';
import { stateHome } from './state-home.ts';

const SUPERVISOR = fileURLToPath(new URL('supervise-workerd.mjs', import.meta.url));

const POLL_MS = 10;

export interface WorkerdStart {
  pid: number;
  /** Milliseconds of the wall clock. */
  spawnedAt: number;
}

export interface CrashServer {
  server: RunningServer;
  /** The newest start of workerd, which may not answer yet. */
  current(): WorkerdStart;
  /** kill -9; resolves when another one has been spawned. */
  kill(): Promise<WorkerdStart>;
  /** kill -9; nothing runs until `work` is done. */
  killAndHold<T>(work: () => T): Promise<T>;
  /** Resolves when it answers. */
  healthy(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** `inMemory`: see `stateHome`. */
export async function startCrashServer({ inMemory = false } = {}): Promise<CrashServer> {
  const home = stateHome('chaos', inMemory);
  const journal = join(home, 'workerd-starts');
  const hold = `${journal}.hold`;
  const server = await startServer({
    stateDir: join(home, 'state'),
    env: { MINIFLARE_WORKERD_PATH: SUPERVISOR, CHAOS_JOURNAL: journal },
  });
  const current = () => lastStart(journal);
  const kill = async () => {
    const { pid } = current();
    process.kill(pid, 'SIGKILL');
    while (current().pid === pid) await sleep(1);
    return current();
  };
  return {
    server,
    current,
    kill,
    async killAndHold(work) {
      writeFileSync(hold, '');
      const { pid } = current();
      process.kill(pid, 'SIGKILL');
      while (isRunning(pid)) await sleep(1);
      try {
        return work();
      } finally {
        rmSync(hold);
        while (current().pid === pid) await sleep(1);
      }
    },
    async healthy() {
      const isHealthy = () => fetch(`${server.url}/health`).then(({ ok }) => ok);
      while (!(await isHealthy().catch(() => false))) await sleep(POLL_MS);
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

function lastStart(journal: string): WorkerdStart {
  const lines = readFileSync(journal, 'utf8').trim().split('\n');
  const [pid, spawnedAt] = (lines.at(-1) ?? '').split(' ').map(Number);
  if (!pid || !spawnedAt) throw new Error('workerd has never been started.');
  return { pid, spawnedAt };
}

/** Until its supervisor has reaped it: a process that ends lets go of its program before it does of its files' locks. */
function isRunning(pid: number): boolean {
  return existsSync(`/proc/${pid}`);
}
