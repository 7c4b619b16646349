/**
 * What browsers load. Static pages stand in `public/` as they are; what is made from sources is put beside them, and is
 * never committed. `--package` also makes the npm package of the SDK in `dist/sdk`.
 */
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const BROWSER = {
  bundle: true,
  minify: true,
  target: 'es2022',
  platform: 'browser',
  absWorkingDir: ROOT,
  logLevel: 'error',
  write: false,
};

/** Source → what a browser asks for. */
const SCRIPTS = {
  'src/sdk/script-tag.ts': 'sdk.js',
  'src/sdk/service-worker.ts': 'reflex-sw.js',
  ...pages(),
};

/** Brings `public/` up to date. */
export async function buildAssets() {
  copyFont();
  await Promise.all(
    Object.entries(SCRIPTS).map(async ([entry, name]) => {
      const { outputFiles } = await build({ ...BROWSER, entryPoints: [entry], format: 'iife' });
      replace(join(ROOT, 'public', name), outputFiles[0].contents);
    }),
  );
}

/** `src/pages/demo/main.tsx` → `demo/main.js`: the script of `public/demo/index.html`; so with every page. */
function pages() {
  const entries = readdirSync(join(ROOT, 'src/pages'))
    .map((name) => [`src/pages/${name}/main.tsx`, `${name}/main.js`])
    .filter(([entry]) => existsSync(join(ROOT, entry)));
  return Object.fromEntries(entries);
}

/**
 * Hangul for systems that have none, as `/fonts/index.css`: in subsets, of which a browser loads what a page's text
 * needs. Copied once; its files never change under their version.
 */
function copyFont() {
  const source = dirname(
    fileURLToPath(import.meta.resolve('@fontsource-variable/noto-sans-kr/package.json')),
  );
  const target = join(ROOT, 'public/fonts');
  if (existsSync(join(target, 'index.css'))) return;
  const temporary = `${target}.${process.pid}`;
  for (const name of ['LICENSE', 'files', 'index.css'])
    cpSync(join(source, name), join(temporary, name), { recursive: true });
  try {
    renameSync(temporary, target);
  } catch {
    // Another start was a moment earlier.
    rmSync(temporary, { recursive: true });
  }
}

/** The SDK as a bundler takes it: the renderer is a part of its own, loaded when it is asked for. */
export async function buildSdk() {
  const options = { entryPoints: ['src/sdk/index.ts'], format: 'esm', splitting: true, outdir: 'dist/sdk' };
  const { outputFiles } = await build({ ...BROWSER, ...options });
  return outputFiles.map(({ path, contents }) => ({ path, contents }));
}

async function buildPackage() {
  const folder = join(ROOT, 'dist/sdk');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const { path, contents } of await buildSdk()) writeFileSync(path, contents);
  copyFileSync(join(ROOT, 'src/sdk/package.json'), join(folder, 'package.json'));
  const tsc = fileURLToPath(import.meta.resolve('typescript/bin/tsc'));
  const types = ['--noEmit', 'false', '--declaration', '--emitDeclarationOnly', '--outDir', folder];
  execFileSync(process.execPath, [tsc, '-p', 'src/sdk', ...types, '--rewriteRelativeImportExtensions'], {
    cwd: ROOT,
    stdio: 'inherit',
  });
}

/** Two servers may start at once: what one reads is never half of what the other writes. */
function replace(path, contents) {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, contents);
  renameSync(temporary, path);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await buildAssets();
  if (process.argv.includes('--package')) await buildPackage();
}
