import { readFileSync } from 'node:fs';
import { runWorkers } from '../scripts/server/runtime.mjs';
import { guardRuntimes } from '../scripts/server/runtime-guard.mjs';
import { loadWorker } from '../scripts/server/worker-options.mjs';

const QUEUE = 'null-outbox';

/**
 * Reflex and the nulls as two workers of one workerd, each on a socket of its own: Miniflare's entry worker, which
 * would cost more than all of them, is not on the way.
 *
 * @param {{ stateDir: string, sinkUrl: string, inspected?: boolean }} options  `sinkUrl`: where the nulls' messages go
 * @returns {Promise<{ runtime: import('miniflare').Miniflare, pid: number, urls: { reflex: string, nulls: string } }>}
 */
export async function startBench({ stateDir, sinkUrl, inspected = false }) {
  let pid = 0;
  guardRuntimes({
    onSpawn: (spawned) => {
      pid = spawned;
    },
  });
  // Static files are the platform's to serve. Here Miniflare would put two more workers before each request for them.
  const { assets: _, ...reflex } = await loadWorker({
    idSecret: 'bench-only-0123456789abcdef0123456789abcdef',
    // A profile is to be read by a person.
    isAsDeployed: !inspected,
  });
  const unsafeDirectSockets = [{ host: '127.0.0.1', port: 0 }];
  const runtime = runWorkers({
    port: 0,
    stateDir,
    workers: [
      { ...reflex, unsafeDirectSockets },
      { ...nullWorker(reflex, sinkUrl), unsafeDirectSockets },
    ],
    more: inspected ? { inspectorPort: 0 } : {},
  });
  await runtime.ready;
  const urls = { reflex: await directUrl(runtime, reflex.name), nulls: await directUrl(runtime, 'nulls') };
  return { runtime, pid, urls };
}

function nullWorker({ name, compatibilityDate, queueConsumers }, sinkUrl) {
  const contents = readFileSync(new URL('./null-worker.mjs', import.meta.url), 'utf8');
  // As large, as quick and as stubborn as the queue that Reflex dispatches by.
  const { deadLetterQueue: _, ...consumer } = queueConsumers['reflex-dispatch'];
  return {
    name: 'nulls',
    compatibilityDate,
    modules: [{ type: 'ESModule', path: 'null-worker.mjs', contents }],
    bindings: { SINK_URL: sinkUrl },
    durableObjects: {
      EMPTY: { className: 'EmptyObject', useSQLite: true },
      ROW: { className: 'RowObject', useSQLite: true },
      OUTBOX: { className: 'OutboxObject', useSQLite: true },
      FAN: { className: 'FanObject', useSQLite: true },
      WATCHERS: { className: 'WatcherObject', scriptName: name, useSQLite: true },
    },
    queueProducers: { OUT: { queueName: QUEUE } },
    queueConsumers: { [QUEUE]: consumer },
  };
}

async function directUrl(runtime, worker) {
  const { port } = await runtime.unsafeGetDirectURL(worker);
  return `http://127.0.0.1:${port}`;
}
