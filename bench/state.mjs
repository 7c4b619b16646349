/**
 * `npm run bench:state`: what many users cost, and what one holds in memory and on the disk.
 *
 *   npm run bench:state -- [--requests 10000] [--publish]
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openBench } from './open-bench.mjs';
import { readOptions, storageOn } from './options.mjs';
import { publish, writeResults } from './report.mjs';
import { BATCH, rungOf } from './rungs.mjs';

/** An object is put away ten seconds after its last request; each holds three descriptors until then. */
const ASLEEP_MS = 12_000;
const MOST_USERS = 5_000;
const USER_COUNTS = [100, 1_000, MOST_USERS];
/** Whose memory and disk is measured, after so many events each. */
const KEPT_USERS = 500;
const KEPT_EVENTS = [100, 1_000];

const options = readOptions(process.argv.slice(2), { requests: 10_000 });
const scaling = [];
for (const users of USER_COUNTS) scaling.push(await scale(users));
const kept = await keep();
const { sentence } = writeResults('state', { ...options }, { scaling, kept });
publish('state', [scalingTable(), keptTable(), sentence], options.publish);

/** The nulls and Reflex one after the other, never both awake: together they would hold too many descriptors. */
async function scale(users) {
  const bench = await openBench({ ...options, ...storageOn('memory') });
  try {
    const costs = { users };
    for (const rung of ['row', 'ordinary']) {
      const order = { users, group: `scale-${users}` };
      await bench.run(rungOf(rung), { ...order, count: users * 2 });
      costs[rung] = (await bench.cost(rungOf(rung), { ...order, count: options.requests })).microseconds;
      await sleep(ASLEEP_MS);
    }
    console.error(
      `${users} users: a row ${costs.row.toFixed(0)} µs, an event ${costs.ordinary.toFixed(0)} µs`,
    );
    return costs;
  } finally {
    await bench.close();
  }
}

async function keep() {
  const storage = storageOn('memory');
  const bench = await openBench({ ...options, ...storage });
  const order = { users: KEPT_USERS, group: 'kept' };
  try {
    await bench.run(rungOf('row'), { ...order, count: 1 });
    const before = rssBytes(bench.pid);
    await bench.run(rungOf('row'), { ...order, count: KEPT_USERS * 4 });
    const nullBytes = (rssBytes(bench.pid) - before) / KEPT_USERS;
    await sleep(ASLEEP_MS);
    return { nullBytes, reflex: await keepEvents(bench, order, storage.stateDir) };
  } finally {
    await bench.close();
  }
}

async function keepEvents(bench, order, stateDir) {
  const measured = [];
  let sent = 0;
  const awakeBefore = rssBytes(bench.pid);
  for (const events of KEPT_EVENTS) {
    const count = ((events - sent) * KEPT_USERS) / BATCH.events;
    // A request brings ten events of each of ten users: as many commits as it has users.
    await bench.run(rungOf('batch'), { ...order, count });
    sent = events;
    const rss = (rssBytes(bench.pid) - awakeBefore) / KEPT_USERS;
    await sleep(ASLEEP_MS);
    measured.push({ events, rss, disk: diskBytes(stateDir) / KEPT_USERS });
  }
  return measured;
}

function rssBytes(pid) {
  const [, kib] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kib) * 1_024;
}

/** Of all profiles. */
function diskBytes(stateDir) {
  const files = readdirSync(stateDir, { recursive: true }).filter((name) =>
    /ProfileObject.*\.sqlite/.test(name),
  );
  return files.reduce((sum, name) => sum + statSync(join(stateDir, name)).size, 0);
}

function scalingTable() {
  const rows = scaling.map(({ users, row, ordinary }) => {
    const ratio = (ordinary / row).toFixed(2);
    return `| ${users.toLocaleString('en')} | ${row.toFixed(0)} | ${ordinary.toFixed(0)} | ${ratio} |`;
  });
  return [
    '| users awake | one row, CPU µs | an ordinary event, CPU µs | × |',
    '| --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

function keptTable() {
  const kib = (bytes) => `${(bytes / 1_024).toFixed(1)} KiB`;
  const rows = kept.reflex.map(
    ({ events, rss, disk }) => `| a profile of ${events} events | ${kib(rss)} | ${kib(disk)} |`,
  );
  return [
    '| | memory, awake | on disk, asleep |',
    '| --- | --- | --- |',
    `| an object with one small table | ${kib(kept.nullBytes)} | |`,
    ...rows,
  ].join('\n');
}
