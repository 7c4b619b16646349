/**
 * `npm run bench`: what an ordinary event costs, against the least that the platform allows. See README.md.
 *
 *   npm run bench -- [--rounds 9] [--requests 8000] [--disk] [--publish]
 */
import { rmSync } from 'node:fs';
import { seed } from '../scripts/seed-demo.mjs';
import { migrate } from '../scripts/server/migrate.mjs';
import { cpuTimeNs, openFiles } from './cpu-time.mjs';
import { startLoad } from './load-process.mjs';
import { readOptions } from './options.mjs';
import { pin } from './pin.mjs';
import { publish, tableOf, writeResults } from './report.mjs';
import { RUNGS } from './rungs.mjs';
import { startBench } from './start-bench.mjs';

/** The descriptors of a process are limited, and each resident object holds three: beyond this the run is invalid. */
const MOST_OPEN_FILES = 18_000;
/** Until what the first events of a profile leave behind has been carried away. */
const SETTLE_MS = 3_000;

if (process.platform !== 'linux') {
  console.error('The benchmark reads the CPU time of a process from /proc and needs Linux.');
  process.exit(1);
}

const options = readOptions(process.argv.slice(2));
const { runtime, pid, urls } = await startBench(options.stateDir);
const load = startLoad();
const pinned = pin(pid, 0) && pin(load.pid, 1);
try {
  await migrate(await runtime.getD1Database('DB'));
  await seed({ url: urls.reflex, stateDir: options.stateDir, demo: true });
  const rounds = await climb();
  const files = openFiles(pid);
  if (files >= MOST_OPEN_FILES)
    throw new Error(`${files} open descriptors; the run is valid below ${MOST_OPEN_FILES}.`);
  const results = writeResults({ ...options, pinned }, rounds);
  console.log(tableOf(results));
  if (options.publish) publish(results);
} finally {
  load.stop();
  await runtime.dispose();
  rmSync(options.stateDir, { recursive: true, force: true });
}

/** All rungs, one after the other, once for each round: a disturbance hits all of them alike. */
async function climb() {
  for (const rung of RUNGS) await burst(rung, options.users * 3);
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  const rounds = [];
  for (let round = 0; round < options.rounds; round++) {
    const costs = {};
    for (const rung of RUNGS) costs[rung.id] = await measure(rung);
    rounds.push(costs);
    console.error(`round ${round + 1} of ${options.rounds}: ${describe(costs)}`);
  }
  return rounds;
}

/** CPU time of one request, in microseconds. */
async function measure(rung) {
  // Objects fall asleep after ten seconds: waking them is not what is measured.
  await burst(rung, options.users);
  const before = cpuTimeNs(pid);
  await burst(rung, options.requests);
  return (cpuTimeNs(pid) - before) / options.requests / 1_000;
}

async function burst(rung, count) {
  const { users, connections } = options;
  const statuses = await load.burst({ rung: rung.id, url: urls[rung.worker], count, users, connections });
  if (statuses[200] !== count) {
    throw new Error(
      `${rung.title}: of ${count} requests not all were answered with 200: ${JSON.stringify(statuses)}`,
    );
  }
}

function describe(costs) {
  return RUNGS.map(({ id }) => `${id} ${costs[id].toFixed(0)} µs`).join(', ');
}
