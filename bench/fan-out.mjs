/**
 * `npm run bench:fan-out`: what a price drop costs that few of many watchers are told of. See README.md.
 *
 *   npm run bench:fan-out -- [--rounds 5] [--watchers 100000] [--told 1000] [--publish]
 */
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuTimeNs } from './cpu-time.mjs';
import { openBench } from './open-bench.mjs';
import { readOptions } from './options.mjs';
import { publish, writeResults } from './report.mjs';
import { rungOf } from './rungs.mjs';
import { percentile, summary } from './statistics.mjs';
import { FIRST_PRICE, watchedItems } from './watched-items.mjs';

const SCALES = [100, 300, 1_000, 3_000, 5_000];
const STEP = 1_000;
/** Where CPU time is counted, nobody asks every other millisecond whether it is over. */
const SELDOM_MS = 50;
/** Nothing is left to do when workerd has hardly worked for this long. */
const IDLE_MS = 400;
const IDLE_SHARE = 0.05;
const ORDINARY_PER_SECOND = 100;
const QUIET_MS = 6_000;
/** workerd closes a connection that has been idle for five seconds: one that lies idle for less is used again. */
const FREE_SOCKET_MS = 3_000;
const TARGETS = { ratio: 1.4, exponent: 1.05, firstMs: 20, storm: 3 };

const options = readOptions(process.argv.slice(2), { rounds: 5, watchers: 100_000, told: 1_000 });
const bench = await openBench(options);
const items = watchedItems(bench);
const sink = await items.sink();
let price = FIRST_PRICE;
const nextPrice = () => (price -= STEP);
try {
  const card = { layout: 'card', title: '{{item.title}}', body: '{{item.price}}' };
  await items.trigger('card', 'in_app', { ...card, layout: 'banner' });
  await items.trigger('hook', 'webhook', { data: { price: '{{item.price}}' } });
  const scaling = await scale();
  const { watchers, told } = options;
  await items.item('heard', 'heard', told, watchers - told);
  await items.item('shown', 'card', told, watchers - told);
  const costs = await climb();
  const firstMs = await firsts();
  const storm = await endure();
  const measured = { scaling, costs, firstMs, storm };
  const { sentence } = writeResults('fan-out', { ...options, pinned: bench.pinned }, measured);
  publish('fan-out', [costTable(measured), otherTable(measured), sentence], options.publish);
} finally {
  sink.close();
  await bench.close();
}

/** Milliseconds until everybody has heard, by how many that are; all of them awake. */
async function scale() {
  const counts = SCALES.filter((count) => count <= Math.max(options.told * 5, SCALES[0]));
  for (const count of counts) await items.item(`scale-${count}`, 'heard', count);
  const times = new Map(counts.map((count) => [count, []]));
  for (let round = 0; round < options.rounds; round++) {
    // The largest first, unmeasured: it wakes all whom the others tell.
    await items.drop(`scale-${counts.at(-1)}`, nextPrice(), counts.at(-1));
    for (const count of counts) times.get(count).push(await items.drop(`scale-${count}`, nextPrice(), count));
    await idle();
  }
  return [...times].map(([count, ms]) => ({ count, ms: summary(ms) }));
}

/** CPU microseconds for each who is told, one rung after the other in each round. */
async function climb() {
  const { told } = options;
  const rungs = {
    null: () => postTo(`${bench.urls.nulls}/fan?count=${told}`, 'x'.repeat(304)),
    heard: () => items.drop('heard', nextPrice(), told, SELDOM_MS),
    shown: () => items.drop('shown', nextPrice(), told, SELDOM_MS),
  };
  const rounds = [];
  for (let round = -1; round < options.rounds; round++) {
    const costs = {};
    for (const [id, run] of Object.entries(rungs)) {
      await run();
      await idle();
      const before = cpuTimeNs(bench.pid);
      await run();
      await idle();
      costs[id] = (cpuTimeNs(bench.pid) - before) / 1_000 / told;
    }
    console.error(`round ${round + 1}: ${JSON.stringify(costs)}`);
    // The first one makes tables.
    if (round >= 0) rounds.push(costs);
  }
  return rounds;
}

/** From the shop's request to the first webhook at the sink; milliseconds. */
async function firsts() {
  const counts = [100, options.told];
  for (const count of counts) await items.item(`hook-${count}`, 'hook', count);
  const found = [];
  for (const count of counts) {
    const ms = [];
    for (let round = -1; round < options.rounds; round++) {
      const before = sink.arrived.length;
      const startedAt = performance.now();
      await items.drop(`hook-${count}`, nextPrice(), count);
      while (sink.arrived.length < before + count) await sleep(5);
      if (round >= 0) ms.push(sink.arrived[before] - startedAt);
      await idle();
    }
    found.push({ count, ms: summary(ms) });
  }
  return found;
}

/**
 * Ordinary users' answers while nothing happens, and while one drop follows the other; and the same of the null: one row
 * written, while its object tells as many. Milliseconds.
 */
async function endure() {
  const drops = () => items.drop('heard', nextPrice(), options.told);
  const fans = () => postTo(`${bench.urls.nulls}/fan?count=${options.told}`, 'x'.repeat(304));
  for (const id of ['ordinary', 'row']) await bench.run(rungOf(id), { count: options.users });
  const rounds = [];
  for (let round = 0; round < options.rounds; round++) {
    rounds.push({ ...(await storm('ordinary', drops)), null: await storm('row', fans) });
    console.error(`p99 ${JSON.stringify(rounds.at(-1))}`);
  }
  return rounds;
}

/** The 99th percentile of one rung's answers, quiet and while one telling follows the other. */
async function storm(id, tell) {
  const quiet = await answered(rungOf(id), () => sleep(QUIET_MS));
  const stormy = await answered(rungOf(id), async () => {
    const until = performance.now() + QUIET_MS;
    while (performance.now() < until) await tell();
  });
  await idle();
  return { quiet: percentile(quiet, 0.99), storm: percentile(stormy, 0.99) };
}

/** Each is due at its time; what an answer took counts from then. */
async function answered(rung, work) {
  const agent = new Agent({ keepAlive: true, maxSockets: 64, timeout: FREE_SOCKET_MS });
  const headers = { 'content-type': 'application/json', authorization: `Basic ${btoa(`${bench.key}:`)}` };
  const took = [];
  const answers = [];
  let isOver = false;
  const startedAt = performance.now();
  const sending = (async () => {
    for (let i = 0; !isOver; i++) {
      const dueAt = startedAt + (i * 1_000) / ORDINARY_PER_SECOND;
      await sleep(Math.max(0, dueAt - performance.now()));
      const user = `bench-user-${i % options.users}`;
      const body = rung.body(user, `o-${startedAt}-${i}`, Date.now(), options);
      answers.push(
        postTo(`${bench.urls[rung.worker]}${rung.path(user)}`, body, { agent, headers }).then(() =>
          took.push(performance.now() - dueAt),
        ),
      );
    }
  })();
  await work();
  isOver = true;
  await sending;
  await Promise.all(answers);
  agent.destroy();
  return took;
}

function postTo(url, body, more = {}) {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', ...more }, (response) => {
      response.resume();
      response.once('end', () =>
        response.statusCode === 200 ? resolve() : reject(new Error(`${url}: ${response.statusCode}`)),
      );
    });
    sent.once('error', reject);
    sent.end(body);
  });
}

async function idle() {
  for (;;) {
    const before = cpuTimeNs(bench.pid);
    await sleep(IDLE_MS);
    if (cpuTimeNs(bench.pid) - before < IDLE_MS * 1e6 * IDLE_SHARE) return;
  }
}

/** Of log time over log count: 1 is linear. */
function exponentOf(scaling) {
  const points = scaling.map(({ count, ms }) => [Math.log(count), Math.log(ms.median)]);
  const mean = (at) => points.reduce((sum, point) => sum + point[at], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const over = points.reduce((sum, [a, b]) => sum + (a - x) * (b - y), 0);
  return over / points.reduce((sum, [a]) => sum + (a - x) ** 2, 0);
}

function costTable({ costs }) {
  const titles = {
    null: 'The null: an object calls as many, each writes one row',
    heard: 'Reflex: heard, and no trigger fires',
    shown: 'Reflex: heard, and an in-app message is due',
  };
  const rows = Object.entries(titles).map(([id, title]) => {
    const ratios = summary(costs.map((round) => round[id] / round.null));
    return `| ${title} | ${spread(summary(costs.map((round) => round[id])), 0)} | ${spread(ratios, 2)} |`;
  });
  const reached = summary(costs.map((round) => round.heard / round.null)).median;
  return [
    `| ${options.told.toLocaleString('en')} told of ${options.watchers.toLocaleString('en')} watchers | CPU µs for each, median (least–most) | × the null |`,
    '| --- | --- | --- |',
    ...rows,
    '',
    `Target: ≤ ${TARGETS.ratio}; ${reached <= TARGETS.ratio ? 'met' : 'missed'}.`,
  ].join('\n');
}

function otherTable({ scaling, firstMs, storm }) {
  const exponent = exponentOf(scaling);
  const p99 = summary(storm.map((round) => round.storm / round.quiet));
  const nulls = storm.map((round) => round.null);
  const nullP99 = summary(nulls.map((round) => round.storm / round.quiet));
  const first = Math.max(...firstMs.map(({ ms }) => ms.median));
  const verdict = (is) => (is ? 'met' : 'missed');
  return [
    '| | measured | target |',
    '| --- | --- | --- |',
    ...scaling.map(
      ({ count, ms }) => `| all ${count.toLocaleString('en')} have heard | ${spread(ms, 0)} ms | |`,
    ),
    `| exponent of that | ${exponent.toFixed(2)} | ≤ ${TARGETS.exponent}: ${verdict(exponent <= TARGETS.exponent)} |`,
    ...firstMs.map(
      ({ count, ms }) => `| first webhook of ${count.toLocaleString('en')} | ${spread(ms, 1)} ms | |`,
    ),
    `| the slower of these | ${first.toFixed(1)} ms | ≤ ${TARGETS.firstMs} ms: ${verdict(first <= TARGETS.firstMs)} |`,
    `| p99 of ordinary events, quiet | ${spread(summary(storm.map(({ quiet }) => quiet)), 1)} ms | |`,
    `| p99 while drop follows drop | ${spread(summary(storm.map((round) => round.storm)), 1)} ms | |`,
    `| ratio of the two | ${spread(p99, 2)} | ≤ ${TARGETS.storm}: ${verdict(p99.median <= TARGETS.storm)} |`,
    `| the null: p99 of one row written, quiet | ${spread(summary(nulls.map(({ quiet }) => quiet)), 1)} ms | |`,
    `| p99 while its object tells as many, again and again | ${spread(summary(nulls.map((round) => round.storm)), 1)} ms | |`,
    `| ratio of the two | ${spread(nullP99, 2)} | |`,
  ].join('\n');
}

function spread({ median, least, most }, digits) {
  return `${median.toFixed(digits)} (${least.toFixed(digits)}–${most.toFixed(digits)})`;
}
