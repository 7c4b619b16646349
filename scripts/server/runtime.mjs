/** The Worker in workerd, with objects and D1 kept under the state directory. */
import { join } from 'node:path';
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from 'miniflare';
import { buildWorker } from './build-worker.mjs';
import { readWorkerOptions } from './worker-options.mjs';

/**
 * @param {{ port: number, stateDir: string, idSecret: string }} settings
 * @returns {Promise<Miniflare>} starting: await its `ready`; `dispose()` stops it
 */
export async function createRuntime({ port, stateDir, idSecret }) {
  const { name, entry, options } = await readWorkerOptions();
  const { code } = await buildWorker(entry, { sourcemap: true });
  return new Miniflare(
    convertV4MiniflareOptions({
      host: '127.0.0.1',
      port,
      // Otherwise it asks the network for the properties of this machine's own place.
      cf: false,
      telemetry: { enabled: false },
      log: new Log(LogLevel.WARN),
      handleStructuredLogs: ({ level, message }) => process.stderr.write(`${level}: ${message}\n`),
      resourcePersistencePath: join(stateDir, 'v3'),
      workers: [
        {
          ...options,
          name,
          modules: [{ type: 'ESModule', path: 'worker.mjs', contents: code }],
          bindings: { ...options.bindings, ENVIRONMENT: 'development', ID_SECRET: idSecret },
        },
      ],
    }),
  );
}
