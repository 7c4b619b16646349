/** The Worker in workerd, with objects and D1 kept under the state directory. */
import { join } from 'node:path';
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from 'miniflare';
import { buildAssets } from '../build-assets.mjs';
import { loadWorker } from './worker-options.mjs';

/** What every run of workerd shares: no network, no figures sent home, the Worker's own log on stderr. */
const QUIET = {
  // Otherwise it asks the network for the properties of this machine's own place.
  cf: false,
  telemetry: { enabled: false },
  log: new Log(LogLevel.WARN),
  handleStructuredLogs: ({ level, message }) => process.stderr.write(`${level}: ${message}\n`),
};

/**
 * @param {{ port: number, stateDir: string, idSecret: string, bindings?: Record<string, string> }} settings
 * @returns {Promise<Miniflare>} starting: await its `ready`; `dispose()` stops it
 */
export async function createRuntime({ port, stateDir, idSecret, bindings }) {
  const publicUrl = `http://127.0.0.1:${port}`;
  const [worker] = await Promise.all([
    loadWorker({ idSecret, publicUrl, ...(bindings && { bindings }) }),
    buildAssets(),
  ]);
  return runWorkers({ port, stateDir, workers: [worker] });
}

/** Workers in one process; the first one answers on the port. */
export function runWorkers({ port, stateDir, workers, more = {} }) {
  const resourcePersistencePath = join(stateDir, 'v3');
  return new Miniflare(
    convertV4MiniflareOptions({
      ...QUIET,
      host: '127.0.0.1',
      port,
      resourcePersistencePath,
      workers,
      ...more,
    }),
  );
}
