import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { stateHome } from './state-home.ts';

const SCRIPT = fileURLToPath(new URL('direct-server.mjs', import.meta.url));

export interface OverloadServer {
  url: string;
  /** workerd's. */
  pid: number;
  stateDir: string;
  /** Its files stay. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** The product in a process of its own, reached without Miniflare's front. */
export async function startOverloadServer({ inMemory = false } = {}): Promise<OverloadServer> {
  const stateDir = stateHome('overload', inMemory);
  const child = spawn(process.execPath, [SCRIPT, stateDir], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  for await (const line of createInterface({ input: child.stdout })) {
    const [word, url, pid] = line.split(' ');
    if (word !== 'ready' || url === undefined) continue;
    return {
      url,
      pid: Number(pid),
      stateDir,
      stop,
      async [Symbol.asyncDispose]() {
        if (child.exitCode === null && child.signalCode === null) await stop();
        rmSync(stateDir, { recursive: true, force: true });
      },
    };
  }
  throw new Error('The server ended before it was ready.');
}
