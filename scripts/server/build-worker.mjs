/**
 * Bundles the Worker as `wrangler deploy` does, without starting wrangler: one ES module, the runtime's own modules
 * left out, text files as strings.
 */
import { build, stop } from 'esbuild';

const OPTIONS = {
  bundle: true,
  format: 'esm',
  target: 'es2024',
  platform: 'neutral',
  conditions: ['workerd', 'worker', 'browser', 'import', 'module', 'default'],
  mainFields: ['browser', 'module', 'main'],
  external: ['cloudflare:*', 'node:*'],
  loader: { '.html': 'text', '.txt': 'text', '.sql': 'text' },
  write: false,
  logLevel: 'silent',
};

/**
 * @param {string} entry  path of the module that exports the Worker
 * @param {{ minify?: boolean, metafile?: boolean }} [options]
 * @returns {Promise<{ code: string, metafile: import('esbuild').Metafile | undefined }>}
 * @throws {Error} with esbuild's list of what is wrong and where
 */
export async function buildWorker(entry, { minify = false, metafile = false } = {}) {
  const result = await build({
    ...OPTIONS,
    entryPoints: [entry],
    minify,
    metafile,
  });
  // Its service process would live as long as this one.
  await stop();
  return { code: result.outputFiles[0].text, metafile: result.metafile };
}
