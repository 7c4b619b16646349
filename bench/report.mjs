import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';

const RESULTS = new URL('./results/', import.meta.url);
/** The texts that quote tables: each one those for which it has marks. */
const READMES = ['./README.md', '../README.md'].map((path) => new URL(path, import.meta.url));

/**
 * Keeps a run in `results/NAME.json`.
 * @returns {{ sentence: string }} says what it was measured with
 */
export function writeResults(name, settings, measured) {
  const { storage, pinned, stateDir: _, publish: __, only: ___, ...numbers } = settings;
  const results = {
    at: new Date().toISOString(),
    commit: git('rev-parse', '--short', 'HEAD'),
    machine: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`,
    node: process.version,
    settings: { ...numbers, storage, pinned },
    measured,
  };
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(new URL(`${name}.json`, RESULTS), `${JSON.stringify(results, null, 2)}\n`);
  return { sentence: sentenceOf(results) };
}

function sentenceOf({ settings, machine, at, commit }) {
  const { storage, pinned, ...numbers } = settings;
  const set = Object.entries(numbers).map(([name, value]) => `${value} ${name}`);
  return (
    set.join(', ') +
    // Where a table has a column for each, it says so itself.
    (storage === undefined ? '' : `; storage ${storage === 'memory' ? 'in memory' : 'on disk'}`) +
    `${pinned ? ', each process on a CPU of its own' : ''}; ${machine}; ${at.slice(0, 10)}, ${commit}.`
  );
}

/** Shows a run's paragraphs, and with `isPublished` puts them between the marks of that name in the READMEs. */
export function publish(name, paragraphs, isPublished) {
  const text = paragraphs.join('\n\n');
  console.log(text);
  if (!isPublished) return;
  const [opens, closes] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  for (const readme of READMES) {
    const [before, rest] = readFileSync(readme, 'utf8').split(opens);
    const after = rest?.split(closes)[1];
    if (after !== undefined) writeFileSync(readme, `${before}${opens}\n\n${text}\n\n${closes}${after}`);
  }
}

function git(...args) {
  try {
    return execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return 'no commit';
  }
}
