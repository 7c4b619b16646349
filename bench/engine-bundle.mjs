import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, stop } from 'esbuild';

const ENGINE = fileURLToPath(new URL('../src/engine/', import.meta.url));

/** What the benchmark calls: the engine's own functions, from its source. */
const ENTRY = `
export { decide } from './decide.ts';
export { applyDelta } from './delta.ts';
export { emptyState } from './state.ts';
export { compileConfig } from './compile/compile-config.ts';
export { TRIED_ONE_BY_ONE } from './compile/listeners.ts';
`;

/** @returns {Promise<Record<string, any>>} the engine as one module, bundled as for the Worker */
export async function loadEngine() {
  const { outputFiles } = await build({
    stdin: { contents: ENTRY, resolveDir: ENGINE, loader: 'ts' },
    bundle: true,
    format: 'esm',
    target: 'es2024',
    platform: 'node',
    write: false,
    logLevel: 'silent',
  });
  await stop();
  const folder = mkdtempSync(join(tmpdir(), 'reflex-engine-'));
  try {
    const file = join(folder, 'engine.mjs');
    writeFileSync(file, outputFiles[0].text);
    return await import(pathToFileURL(file).href);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
