import { setTimeout as sleep } from 'node:timers/promises';
import { seed } from '../seed-demo.mjs';
import { requireFreePort } from './free-port.mjs';
import { readOrMakeIdSecret } from './id-secret.mjs';
import { migrate } from './migrate.mjs';
import { createRuntime } from './runtime.mjs';
import { guardRuntimes } from './runtime-guard.mjs';
import { readSettings } from './settings.mjs';
import { StartError } from './start-error.mjs';
import { lockState } from './state-lock.mjs';
import { whatToTry } from './what-to-try.mjs';

/** By then Miniflare has noticed that its runtime has died. */
const RESTART_BEGUN_MS = 100;

/** Starts the server of this process; it runs until SIGINT or SIGTERM. Exit code 1 where it can't start. */
export async function serve(env) {
  const ending = new AbortController();
  /** Undone in reverse. */
  const stops = [];
  const end = async (code) => {
    // A second signal lets the first one finish.
    if (ending.signal.aborted) return;
    ending.abort();
    for (const stop of stops.reverse()) await stop();
    process.exit(code);
  };
  const takeSignals = () => {
    for (const signal of ['SIGINT', 'SIGTERM']) {
      process.removeAllListeners(signal);
      process.on(signal, () => end(0));
    }
  };
  takeSignals();
  if (env.npm_lifecycle_event === 'start') onOrphaned(() => end(0));
  try {
    await start(readSettings(env), stops, { takeSignals, ending: ending.signal, end });
  } catch (error) {
    // What fails because a signal cut the start short is no failure.
    if (ending.signal.aborted) return;
    process.stderr.write(`${error instanceof StartError ? error.message : error.stack}\n`);
    await end(1);
  }
}

/** An npm that is killed outright tells nobody: without this its server would go on, unseen, holding the port. */
function onOrphaned(stop) {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    void stop();
  }, 250);
  timer.unref();
}

async function start({ port, stateDir, demo }, stops, { takeSignals, ending, end }) {
  stops.push(lockState(stateDir));
  await requireFreePort(port);
  let runtime = null;
  guardRuntimes({ onExit: () => runtime && endUnlessRestarted(runtime, ending, end) });
  runtime = await createRuntime({ port, stateDir, idSecret: readOrMakeIdSecret(stateDir) });
  stops.push(() => runtime.dispose());
  // Miniflare has its own way to end the process on a signal, with another exit code and the lock left behind.
  takeSignals();
  await runtime.ready;
  await migrate(await runtime.getD1Database('DB'));
  const url = `http://127.0.0.1:${port}`;
  await requireHealth(url);
  const curls = await seed({ url, stateDir, demo });
  process.stdout.write(`ready ${url}\n${whatToTry(url, curls)}`);
}

/**
 * Miniflare starts a runtime again that has died, but only once: one that dies in its first moments too would leave a server
 * that answers nobody, and that no supervisor would see.
 */
async function endUnlessRestarted(runtime, ending, end) {
  await sleep(RESTART_BEGUN_MS);
  try {
    await runtime.ready;
  } catch {
    if (ending.aborted) return;
    process.stderr.write(
      'workerd has died and could not be started again. Everything is kept: start once more.\n',
    );
    await end(1);
  }
}

async function requireHealth(url) {
  const response = await fetch(`${url}/health`);
  const text = await response.text();
  if (!response.ok)
    throw new StartError(`The Worker started but is not healthy (${response.status}): ${text}`);
}
