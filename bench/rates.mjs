/**
 * `npm run bench:rates`: how much goes through, and how long an event takes to its webhook; in memory and on the disk.
 *
 *   npm run bench:rates -- [--rounds 3] [--requests 4000] [--fired 2000] [--seconds 20] [--publish]
 */
import { openBench } from './open-bench.mjs';
import { readOptions, storageOn } from './options.mjs';
import { publish, writeResults } from './report.mjs';
import { BATCH, rungOf } from './rungs.mjs';
import { median, percentile } from './statistics.mjs';

/** Far below what saturates: latency at saturation says nothing. */
const PACED_PER_SECOND = 50;
/** Enough that the queue is never without a batch. */
const FIRING_CONNECTIONS = 64;

const options = readOptions(process.argv.slice(2), { rounds: 3, requests: 4_000, fired: 2_000, seconds: 20 });
const measured = {};
let pinned = false;
for (const storage of ['memory', 'disk']) {
  const bench = await openBench({ ...options, ...storageOn(storage) });
  try {
    measured[storage] = await measure(bench);
    pinned = bench.pinned;
  } finally {
    await bench.close();
  }
}
const { sentence } = writeResults('rates', { ...options, storage: undefined, pinned }, measured);
publish('rates', [throughputTable(), latencyTable(), sentence], options.publish);

async function measure(bench) {
  const singles = { rung: rungOf('ordinary'), count: options.requests, events: 1 };
  const batches = { rung: rungOf('batch'), count: Math.ceil(options.requests / 10), events: BATCH.events };
  const firing = { count: options.fired, events: 1, connections: FIRING_CONNECTIONS };
  const loads = {
    rows: { rung: rungOf('row'), count: options.requests, events: 1 },
    singles,
    batches,
    queue: { rung: rungOf('queue'), ...firing },
    firing: { rung: rungOf('firing'), ...firing },
  };
  const rates = {};
  for (let round = 0; round <= options.rounds; round++) {
    for (const [name, { rung, events, ...order }] of Object.entries(loads)) {
      const { microseconds, deliveredMs } = await bench.cost(rung, order);
      // The first round makes the profiles.
      if (round === 0) continue;
      const rate = {
        perSecond: (order.count * events * 1_000) / deliveredMs,
        microseconds: microseconds / events,
      };
      rates[name] = [...(rates[name] ?? []), rate];
      console.error(`${name}: ${rate.perSecond.toFixed(0)} events/s, ${rate.microseconds.toFixed(0)} µs`);
    }
  }
  return { rates, queue: await paced(bench, 'queue'), firing: await paced(bench, 'firing') };
}

/** @returns {Promise<{ p50: number, p99: number }>} milliseconds from the time that an event was due to its webhook */
async function paced(bench, rung) {
  const order = { count: options.seconds * PACED_PER_SECOND, perSecond: PACED_PER_SECOND };
  const { latenciesMs } = await bench.run(rungOf(rung), order);
  return { p50: percentile(latenciesMs, 0.5), p99: percentile(latenciesMs, 0.99) };
}

function throughputTable() {
  const titles = {
    rows: 'one row written, no Reflex',
    singles: 'ordinary events, one a request',
    batches: `ordinary events, ${BATCH.events} a request, of ${BATCH.users} users`,
    queue: 'the null queue path, to the webhook',
    firing: 'events that fire, to the webhook',
  };
  const cell = (storage, name) => {
    const rates = measured[storage].rates[name];
    const perSecond = median(rates.map((rate) => rate.perSecond));
    const microseconds = median(rates.map((rate) => rate.microseconds));
    return `${Math.round(perSecond).toLocaleString('en')} /s, ${microseconds.toFixed(0)} µs`;
  };
  const rows = Object.entries(titles).map(
    ([name, title]) => `| ${title} | ${cell('memory', name)} | ${cell('disk', name)} |`,
  );
  return [
    '| events a second, CPU an event; medians | in memory | on disk |',
    '| --- | --- | --- |',
    ...rows,
  ].join('\n');
}

function latencyTable() {
  const cell = ({ p50, p99 }) => `${p50.toFixed(1)} / ${p99.toFixed(1)} ms`;
  const row = (title, name) => `| ${title} | ${cell(measured.memory[name])} | ${cell(measured.disk[name])} |`;
  return [
    `| event → webhook at ${PACED_PER_SECOND} a second, p50 / p99 | in memory | on disk |`,
    '| --- | --- | --- |',
    row('the null queue path', 'queue'),
    row('Reflex', 'firing'),
  ].join('\n');
}
