/**
 * Three sizes: the Worker's, which every cold start loads; the SDK's, which every page view does; and that of each source
 * file, which a person reads.
 *
 * The Worker's budget leaves room above what it weighs: 234 of 300 KiB when it was set. Whoever needs more raises it here,
 * where a reviewer sees it.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { buildSdk } from './build-assets.mjs';
import { buildWorker } from './server/build-worker.mjs';

const GZIP_BUDGET_KIB = 300;
/** What a page loads before it draws anything, and what it loads in all. README.md quotes both. */
const SDK_BUDGETS_KB = { core: 5, all: 9 };
/** Blank lines don't count. */
const MAX_LINES = 300;

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const faults = [...(await checkWorker()), ...(await checkSdk()), ...checkFiles()];
for (const fault of faults) console.error(fault);
process.exit(faults.length > 0 ? 1 : 0);

async function checkWorker() {
  const { code } = await buildWorker('src/index.ts', { minify: true });
  const rawKib = (Buffer.byteLength(code) / 1024).toFixed(1);
  const gzipKib = (gzipSync(code, { level: 9 }).length / 1024).toFixed(1);
  console.log(`worker: ${rawKib} KiB minified, ${gzipKib} KiB gzip of at most ${GZIP_BUDGET_KIB} KiB`);
  if (Number(gzipKib) <= GZIP_BUDGET_KIB) return [];
  return [`The Worker weighs ${gzipKib} KiB gzip; its budget is ${GZIP_BUDGET_KIB} KiB.`];
}

async function checkSdk() {
  const files = (await buildSdk()).map(({ path, contents }) => ({
    path,
    bytes: brotliCompressSync(contents).length,
  }));
  const sum = (some) => some.reduce((all, { bytes }) => all + bytes, 0) / 1000;
  const sizes = { core: sum(files.filter(({ path }) => path.endsWith('index.js'))), all: sum(files) };
  console.log(`sdk: ${sizes.core.toFixed(1)} kB brotli, ${sizes.all.toFixed(1)} kB with rendering`);
  const readme = readFileSync('README.md', 'utf8');
  return Object.entries(SDK_BUDGETS_KB).flatMap(([name, budget]) => [
    ...(sizes[name] <= budget
      ? []
      : [`The SDK (${name}) weighs ${sizes[name]} kB; its budget is ${budget} kB.`]),
    ...(readme.includes(`${sizes[name].toFixed(1)} kB`)
      ? []
      : [`README.md doesn't say ${sizes[name].toFixed(1)} kB (${name}).`]),
  ]);
}

function checkFiles() {
  const files = readdirSync('src', { recursive: true })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => ({ name: `src/${name}`, lines: linesOf(`src/${name}`) }))
    .sort((a, b) => a.lines - b.lines);
  const own = files.filter(({ name }) => !name.endsWith('.test.ts'));
  const median = own[Math.floor(own.length / 2)]?.lines ?? 0;
  const longest = own.at(-1);
  console.log(
    `files: ${own.length} without tests, median ${median} lines, longest ${longest?.lines} (${longest?.name})`,
  );
  return files
    .filter(({ lines }) => lines > MAX_LINES)
    .map(({ name, lines }) => `${name} has ${lines} lines; at most ${MAX_LINES}. Split it by idea.`);
}

function linesOf(path) {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '').length;
}
