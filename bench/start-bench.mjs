import { readFileSync } from 'node:fs';
import { runWorkers } from '../scripts/server/runtime.mjs';
import { guardRuntimes } from '../scripts/server/runtime-guard.mjs';
import { loadWorker } from '../scripts/server/worker-options.mjs';

/**
 * Reflex and the nulls as two workers of one workerd, each on a socket of its own: Miniflare's entry worker, which
 * would cost more than all of them, is not on the way.
 *
 * @returns {Promise<{ runtime: import('miniflare').Miniflare, pid: number, urls: { reflex: string, nulls: string } }>}
 */
export async function startBench(stateDir) {
  let pid = 0;
  guardRuntimes((spawned) => {
    pid = spawned;
  });
  // Static files are the platform's to serve. Here Miniflare would put two more workers before each request for them.
  const { assets: _, ...reflex } = await loadWorker({
    idSecret: 'bench-only-0123456789abcdef0123456789abcdef',
  });
  const unsafeDirectSockets = [{ host: '127.0.0.1', port: 0 }];
  const runtime = runWorkers({
    port: 0,
    stateDir,
    workers: [
      { ...reflex, unsafeDirectSockets },
      { ...nullWorker(reflex.compatibilityDate), unsafeDirectSockets },
    ],
  });
  await runtime.ready;
  const urls = { reflex: await directUrl(runtime, reflex.name), nulls: await directUrl(runtime, 'nulls') };
  return { runtime, pid, urls };
}

function nullWorker(compatibilityDate) {
  const contents = readFileSync(new URL('./null-worker.mjs', import.meta.url), 'utf8');
  return {
    name: 'nulls',
    compatibilityDate,
    modules: [{ type: 'ESModule', path: 'null-worker.mjs', contents }],
    durableObjects: {
      EMPTY: { className: 'EmptyObject', useSQLite: true },
      ROW: { className: 'RowObject', useSQLite: true },
    },
  };
}

async function directUrl(runtime, worker) {
  const { port } = await runtime.unsafeGetDirectURL(worker);
  return `http://127.0.0.1:${port}`;
}
