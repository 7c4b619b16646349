/**
 * The product as a person starts it, in a process of its own, for tests that are its clients. Each server has a free
 * port and a state directory under the system's temporary one, which goes with it unless it was given.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const START = join(ROOT, 'scripts/start.mjs');
const READY_WITHIN_MS = 60_000;
const STOPS_WITHIN_MS = 15_000;

export interface StartOptions {
  /** The demo shop, with its three triggers; without it there are keys and policies only. */
  demo?: boolean;
  /** Kept when the server has gone. */
  stateDir?: string;
  port?: number;
  env?: Record<string, string>;
  /** Otherwise the start script itself, which is a second faster. */
  command?: [string, ...string[]];
}

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface RunningServer {
  url: string;
  port: number;
  stateDir: string;
  process: ChildProcess;
  /** Everything it has printed so far. */
  output(): string;
  /** Resolves when the process has ended. Its state directory stays. */
  end(signal: NodeJS.Signals): Promise<Exit>;
  /** For `afterAll`: ends it, and removes the state directory that was made for it. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Rejects with what was printed where the server ends, or doesn't become ready in time. */
export async function startServer(options: StartOptions = {}): Promise<RunningServer> {
  const port = options.port ?? (await freePort());
  const stateDir = options.stateDir ?? mkdtempSync(join(tmpdir(), 'reflex-e2e-'));
  const launched = launch({ ...options, port, stateDir });
  const { child, output } = launched;
  const dispose = async () => {
    await launched.end('SIGTERM');
    if (options.stateDir === undefined) rmSync(stateDir, { recursive: true, force: true });
  };
  try {
    await ready(launched, `ready http://127.0.0.1:${port}`);
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    stateDir,
    process: child,
    output,
    end: launched.end,
    [Symbol.asyncDispose]: dispose,
  };
}

/** A port that is none may be tried, too. */
type LaunchOptions = Omit<StartOptions, 'port'> & { port: number | string; stateDir: string };

interface Launched {
  child: ChildProcess;
  output(): string;
  exited: Promise<Exit>;
  end(signal: NodeJS.Signals): Promise<Exit>;
}

/** A start that may fail: nothing is waited for. */
export function launch(options: LaunchOptions): Launched {
  const [program, ...args] = options.command ?? [process.execPath, START];
  const child = spawn(program, args, {
    cwd: ROOT,
    env: {
      ...process.env,
      // The server then ends when this process does, however that comes.
      npm_lifecycle_event: 'start',
      PORT: String(options.port),
      STATE_DIR: options.stateDir,
      DEMO: options.demo ? '1' : '0',
      ...options.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  }
  const exited = new Promise<Exit>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  const end = async (signal: NodeJS.Signals): Promise<Exit> => {
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), STOPS_WITHIN_MS);
    const exit = await exited;
    clearTimeout(timer);
    return exit;
  };
  return { child, output: () => text, exited, end };
}

async function ready({ child, output, exited }: Launched, line: string): Promise<void> {
  const said = new Promise<true>((resolve) => {
    child.stdout?.on('data', () => {
      if (output().split('\n').includes(line)) resolve(true);
    });
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), READY_WITHIN_MS);
  });
  const isReady = await Promise.race([said, late, exited.then(() => false)]);
  clearTimeout(timer);
  if (!isReady) throw new Error(`The server did not become ready. It said:\n${output()}`);
}

/** A port that nothing listens on now. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('The system gave no port.');
  return address.port;
}
