import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const LONGEST_START_MS = 60_000;
const LOOK_AGAIN_MS = 200;

/**
 * Restate's server and the service that does the work, as two processes, on ports that are free.
 *
 * @returns {Promise<{ url: string, pids: number[], stop(): Promise<void> }>} `url` is where events go
 * @throws where the peers are not installed, or don't start
 */
export async function startRestate({ stateDir, sinkUrl }) {
  const ports = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  const [ingress, admin, node, service] = ports;
  const handler = spawn(process.execPath, [pathOf('./restate-service.mjs'), sinkUrl, String(service)], QUIET);
  const server = spawn(serverPath(), ['--base-dir', join(stateDir, 'restate')], {
    ...QUIET,
    env: {
      ...process.env,
      RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ingress}`,
      RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${admin}`,
      RESTATE_BIND_ADDRESS: `127.0.0.1:${node}`,
      RESTATE_ADVERTISED_ADDRESS: `http://127.0.0.1:${node}/`,
      RESTATE_DISABLE_TELEMETRY: 'true',
      RESTATE_LOG_FILTER: 'error',
    },
  });
  const stop = () => Promise.all([server, handler].map(end));
  try {
    await until(() => register(admin, service));
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: `http://127.0.0.1:${ingress}`, pids: [server.pid, handler.pid], stop };
}

const QUIET = { stdio: ['ignore', 'ignore', 'inherit'] };

function pathOf(relative) {
  return new URL(relative, import.meta.url).pathname;
}

function serverPath() {
  const name = `@restatedev/restate-server-${process.platform}-${process.arch}`;
  try {
    const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`);
    return join(manifest, '..', 'bin', 'restate-server');
  } catch {
    throw new Error(`${name} is not installed. Run \`npm ci --prefix bench --ignore-scripts\` first.`);
  }
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}

async function register(admin, service) {
  const response = await fetch(`http://127.0.0.1:${admin}/deployments`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ uri: `http://127.0.0.1:${service}` }),
  });
  return response.ok;
}

async function until(holds) {
  const deadlineAt = Date.now() + LONGEST_START_MS;
  while (!(await holds().catch(() => false))) {
    if (Date.now() > deadlineAt) throw new Error('Restate did not start within a minute.');
    await sleep(LOOK_AGAIN_MS);
  }
}

async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill();
  await ended;
}
