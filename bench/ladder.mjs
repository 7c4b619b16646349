/**
 * `npm run bench`: what an ordinary event and one that fires a webhook cost, against the least that the platform allows.
 * See README.md.
 *
 *   npm run bench -- [--rounds 9] [--requests 8000] [--fired 2000] [--only ordinary|firing] [--disk] [--publish]
 */
import { openBench } from './open-bench.mjs';
import { readOptions } from './options.mjs';
import { publish, writeResults } from './report.mjs';
import { LADDERS } from './rungs.mjs';
import { summary } from './statistics.mjs';

/** V8 has compiled what is used often by then: an isolate lives for hours. */
const WARM_UP = 4_000;
/** Until what the first events of a profile leave behind has been carried away. */
const SETTLE_MS = 3_000;
/** Webhooks at a steady rate, far below what saturates: waiting costs something too. */
const STEADY_PER_SECOND = 200;

const options = readOptions(process.argv.slice(2), { rounds: 9, requests: 8_000, fired: 2_000, only: '' });
const bench = await openBench(options);
try {
  const ladders = LADDERS.filter(({ id }) => options.only === '' || id === options.only);
  const measured = [];
  for (const ladder of ladders) measured.push({ ladder, rounds: await climb(ladder) });
  const tables = measured.flatMap(({ ladder, rounds }) => tablesOf(ladder, rounds));
  const results = writeResults('ladder', { ...options, pinned: bench.pinned }, measured);
  publish('ladder', [...tables, results.sentence], options.publish);
} finally {
  await bench.close();
}

/** All rungs, one after the other, once for each round: a disturbance hits all of them alike. */
async function climb({ rungs }) {
  for (const rung of rungs) await bench.run(rung, { count: Math.max(WARM_UP, options.users * 3) });
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  const rounds = [];
  for (let round = 0; round < options.rounds; round++) {
    const costs = {};
    for (const rung of rungs) costs[rung.id] = await measure(rung);
    for (const rung of rungs.filter(({ delivers }) => delivers))
      costs[`${rung.id} steady`] = await steady(rung);
    rounds.push(costs);
    console.error(`round ${round + 1} of ${options.rounds}: ${describe(costs)}`);
  }
  return rounds;
}

async function measure(rung) {
  // Objects fall asleep after ten seconds: waking them is not what is measured.
  await bench.run(rung, { count: options.users });
  const { microseconds } = await bench.cost(rung, {
    count: rung.delivers ? options.fired : options.requests,
  });
  return microseconds;
}

async function steady(rung) {
  await bench.run(rung, { count: options.users });
  const count = Math.ceil(options.fired / 2);
  const { microseconds } = await bench.cost(rung, { count, perSecond: STEADY_PER_SECOND });
  return microseconds;
}

function describe(costs) {
  return Object.entries(costs)
    .map(([id, microseconds]) => `${id} ${microseconds.toFixed(0)} µs`)
    .join(', ');
}

function tablesOf(ladder, rounds) {
  if (!ladder.rungs.some(({ delivers }) => delivers)) return [ladder.title, tableOf(ladder, rounds, '')];
  return [
    `${ladder.title}, as fast as it goes`,
    tableOf(ladder, rounds, ''),
    `${ladder.title}, ${STEADY_PER_SECOND} a second`,
    tableOf(ladder, rounds, ' steady'),
  ];
}

/** A Markdown table; every ratio is taken within a round. */
function tableOf({ rungs, reference, referenceTitle, target }, rounds, suffix) {
  const ratiosOf = ({ id }) => rounds.map((costs) => costs[id + suffix] / costs[reference + suffix]);
  const rows = rungs.map((rung) => {
    const cost = summary(rounds.map((costs) => costs[rung.id + suffix]));
    return `| ${rung.title} | ${spread(cost, 0)} | ${spread(summary(ratiosOf(rung)), 2)} |`;
  });
  const reached = summary(ratiosOf(rungs.at(-1))).median;
  return [
    `| rung | CPU µs a request, median (least–most) | × ${referenceTitle} |`,
    '| --- | --- | --- |',
    ...rows,
    '',
    `Target: ≤ ${target}; ${reached <= target ? 'met' : 'missed'}.`,
  ].join('\n');
}

function spread({ median, least, most }, digits) {
  return `${median.toFixed(digits)} (${least.toFixed(digits)}–${most.toFixed(digits)})`;
}
