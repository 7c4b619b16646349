import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { REFERENCE, RUNGS } from './rungs.mjs';
import { summary } from './statistics.mjs';

const RESULTS = new URL('./results/', import.meta.url);
/** The texts that quote the table. */
const READMES = ['./README.md', '../README.md'].map((path) => new URL(path, import.meta.url));
const MARKS = ['<!-- ladder -->', '<!-- /ladder -->'];

/** An ordinary event may cost so many times the reference. */
const TARGET = 1.5;

/** Keeps a run in `results/latest.json`. */
export function writeResults({ rounds, requests, users, connections, storage, pinned }, measured) {
  const results = {
    at: new Date().toISOString(),
    commit: git('rev-parse', '--short', 'HEAD'),
    machine: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`,
    node: process.version,
    settings: { rounds, requests, users, connections, storage, pinned },
    rounds: measured,
    rungs: RUNGS.map(({ id, title }) => ({
      id,
      title,
      microseconds: summary(measured.map((round) => round[id])),
      ratio: summary(measured.map((round) => round[id] / round[REFERENCE])),
    })),
  };
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(new URL('latest.json', RESULTS), `${JSON.stringify(results, null, 2)}\n`);
  return results;
}

/** A Markdown table, and the sentence that says what it was measured with. */
export function tableOf({ settings, rungs, machine, at, commit }) {
  const rows = rungs.map(({ title, microseconds, ratio }) => {
    const cost = `${microseconds.median.toFixed(0)} (${microseconds.least.toFixed(0)}–${microseconds.most.toFixed(0)})`;
    const times = `${ratio.median.toFixed(2)} (${ratio.least.toFixed(2)}–${ratio.most.toFixed(2)})`;
    return `| ${title} | ${cost} | ${times} |`;
  });
  const reached = rungs.at(-1).ratio.median;
  return [
    '| rung | CPU µs a request, median (least–most) | × “one row written” |',
    '| --- | --- | --- |',
    ...rows,
    '',
    `${settings.rounds} rounds of ${settings.requests} requests a rung, ${settings.users} users, ` +
      `${settings.connections} connections, storage on ${settings.storage}` +
      `${settings.pinned ? ', each process on a CPU of its own' : ''}; ${machine}; ${at.slice(0, 10)}, ${commit}.`,
    `Target for an ordinary event: ≤ ${TARGET}; ${reached <= TARGET ? 'met' : 'missed'}.`,
  ].join('\n');
}

/** Puts the table into the READMEs. */
export function publish(results) {
  for (const readme of READMES) {
    const [before, rest] = readFileSync(readme, 'utf8').split(MARKS[0]);
    const after = rest.split(MARKS[1])[1];
    writeFileSync(readme, `${before}${MARKS[0]}\n\n${tableOf(results)}\n\n${MARKS[1]}${after}`);
  }
}

function git(...args) {
  try {
    return execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return 'no commit';
  }
}
