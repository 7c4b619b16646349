import { subscribe } from 'node:diagnostics_channel';
import { requireFreePort } from './free-port.mjs';
import { readOrMakeIdSecret } from './id-secret.mjs';
import { migrate } from './migrate.mjs';
import { runWorker } from './run-worker.mjs';
import { readSettings } from './settings.mjs';
import { StartError } from './start-error.mjs';
import { lockState } from './state-lock.mjs';

/** Starts the server of this process; it runs until SIGINT or SIGTERM. Exit code 1 where it can't start. */
export async function serve(env) {
  const stops = [];
  // In reverse, each once; the second signal finds nothing left to do and lets the first one finish.
  const stopAll = async () => {
    for (let stop = stops.pop(); stop; stop = stops.pop()) await stop();
  };
  let ending = false;
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.on(signal, async () => {
      if (ending) return;
      ending = true;
      await stopAll();
      process.exit(0);
    });
  }
  try {
    await start(readSettings(env), stops);
  } catch (error) {
    // A signal while it started cuts the start short, which is no failure.
    if (ending) return;
    await stopAll();
    process.stderr.write(`${error instanceof StartError ? error.message : error.stack}\n`);
    process.exit(1);
  }
}

async function start(settings, stops) {
  const lock = await lockState(settings.stateDir);
  stops.push(lock.release);
  await requireFreePort(settings.port);
  onRuntimeSpawned((pid) => lock.noteRuntime(pid));
  const miniflare = await runWorker({
    port: settings.port,
    stateDir: settings.stateDir,
    idSecret: readOrMakeIdSecret(settings.stateDir),
  });
  stops.push(() => miniflare.dispose());
  await migrate(await miniflare.getD1Database('DB'));
  const url = `http://127.0.0.1:${settings.port}`;
  await requireHealth(url);
  process.stdout.write(`ready ${url}\n`);
}

/** Miniflare keeps the process that it starts to itself, and one that is cut short while starting forgets it. */
function onRuntimeSpawned(use) {
  subscribe('child_process', ({ process: child }) => {
    child.once('spawn', () => {
      if (!child.spawnfile.includes('workerd')) return;
      process.once('exit', () => child.kill('SIGKILL'));
      use(child.pid);
    });
  });
}

async function requireHealth(url) {
  const response = await fetch(`${url}/health`);
  const text = await response.text();
  if (!response.ok) throw new StartError(`The Worker started but is not healthy (${response.status}): ${text}`);
}
