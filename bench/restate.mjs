/**
 * `npm run bench:restate`: the same work on Reflex and on Restate, in turns on the same machine: an event that is not a
 * repetition, counted for its user, meets a condition and becomes a webhook.
 *
 *   npm ci --prefix bench --ignore-scripts
 *   npm run bench:restate -- [--rounds 5] [--fired 2000] [--seconds 15] [--disk] [--publish]
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuTimeOfProcessNs } from './cpu-time.mjs';
import { openBench } from './open-bench.mjs';
import { readOptions } from './options.mjs';
import { publish, writeResults } from './report.mjs';
import { rungOf } from './rungs.mjs';
import { startRestate } from './start-restate.mjs';
import { percentile, summary } from './statistics.mjs';

/** What keeps both busy: Restate answers after the webhook, Reflex before it. */
const CONNECTIONS = 64;
const PACED_PER_SECOND = 50;
const SETTLE_MS = 300;
/** The most that Reflex may cost, and the least that it must get through, as parts of Restate's. */
const TARGET = { cpu: 0.5, rate: 1 };

const options = readOptions(process.argv.slice(2), { rounds: 5, fired: 2_000, seconds: 15 });
const bench = await openBench(options, { isPinned: false });
let restate;
try {
  restate = await startRestate({ stateDir: options.stateDir, sinkUrl: bench.sinkUrl });
  bench.addUrl('restate', restate.url);
  const systems = [
    { name: 'Reflex', rung: rungOf('firing'), pids: [bench.pid] },
    { name: 'Restate', rung: rungOf('restate'), pids: restate.pids },
  ];
  for (const { rung } of systems) await bench.run(rung, { count: 600, connections: CONNECTIONS });
  const measured = { rounds: [], latency: {}, rssMib: {} };
  for (let round = 0; round < options.rounds; round++) measured.rounds.push(await compare(systems));
  for (const system of systems) {
    measured.latency[system.name] = await latencyOf(system);
    measured.rssMib[system.name] = rssMibOf(system);
  }
  const { sentence } = writeResults(
    'restate',
    { ...options, connections: CONNECTIONS, pinned: false },
    measured,
  );
  publish('restate', [tableOf(measured), sentence], options.publish);
} finally {
  await restate?.stop();
  await bench.close();
}

async function compare(systems) {
  const round = {};
  for (const { name, rung, pids } of systems) {
    const before = cpuOf(pids);
    const { deliveredMs } = await bench.run(rung, { count: options.fired, connections: CONNECTIONS });
    await sleep(SETTLE_MS);
    const microseconds = (cpuOf(pids) - before) / options.fired / 1_000;
    round[name] = { microseconds, perSecond: (options.fired * 1_000) / deliveredMs };
    console.error(`${name}: ${microseconds.toFixed(0)} µs, ${round[name].perSecond.toFixed(0)} /s`);
  }
  return round;
}

async function latencyOf({ rung }) {
  const order = {
    count: options.seconds * PACED_PER_SECOND,
    perSecond: PACED_PER_SECOND,
    connections: CONNECTIONS,
  };
  const { latenciesMs } = await bench.run(rung, order);
  return { p50: percentile(latenciesMs, 0.5), p99: percentile(latenciesMs, 0.99) };
}

function cpuOf(pids) {
  return pids.reduce((sum, pid) => sum + cpuTimeOfProcessNs(pid), 0);
}

function rssMibOf({ pids }) {
  const kib = (pid) => Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  return pids.reduce((sum, pid) => sum + kib(pid) / 1_024, 0);
}

function tableOf({ rounds, latency, rssMib }) {
  const part = (field) => summary(rounds.map(({ Reflex, Restate }) => Reflex[field] / Restate[field]));
  const of = (name, field) => summary(rounds.map((round) => round[name][field])).median.toFixed(0);
  const spread = ({ median, least, most }) => `${median.toFixed(2)} (${least.toFixed(2)}–${most.toFixed(2)})`;
  const cell = ({ p50, p99 }) => `${p50.toFixed(1)} / ${p99.toFixed(1)} ms`;
  const [cpu, rate] = [part('microseconds'), part('perSecond')];
  const isMet = cpu.median <= TARGET.cpu && rate.median > TARGET.rate;
  return [
    '| an event that fires a webhook | Reflex | Restate | Reflex / Restate |',
    '| --- | --- | --- | --- |',
    `| CPU µs an event, all processes, median | ${of('Reflex', 'microseconds')} | ${of('Restate', 'microseconds')} | ${spread(cpu)} |`,
    `| webhooks a second, ${CONNECTIONS} connections, median | ${of('Reflex', 'perSecond')} | ${of('Restate', 'perSecond')} | ${spread(rate)} |`,
    `| event → webhook at ${PACED_PER_SECOND} a second, p50 / p99 | ${cell(latency.Reflex)} | ${cell(latency.Restate)} | |`,
    `| memory, MiB | ${rssMib.Reflex.toFixed(0)} | ${rssMib.Restate.toFixed(0)} | |`,
    '',
    `Target: ≤ ${TARGET.cpu} of its CPU, at a higher rate; ${isMet ? 'met' : 'missed'}.`,
  ].join('\n');
}
