/**
 * `npm run bench:profile`: where the time of one rung goes, function by function, as V8's sampling profiler sees it in
 * the Worker's own isolate (its objects run there too). What workerd itself does, in C++, stands under "(program)".
 *
 *   npm run bench:profile -- [--rung ordinary] [--requests 20000] [--disk]
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { connectInspector } from './inspector.mjs';
import { openBench } from './open-bench.mjs';
import { readOptions } from './options.mjs';
import { rungOf } from './rungs.mjs';

const LINES = 45;

const options = readOptions(process.argv.slice(2), { rung: 'ordinary', requests: 20_000 });
const rung = rungOf(options.rung);
const bench = await openBench(options, { inspected: true });
try {
  await bench.run(rung, { count: options.users * 10 });
  const inspector = await connectInspector(await bench.inspectorUrl(), rung.worker);
  await inspector.call('Profiler.enable');
  await inspector.call('Profiler.setSamplingInterval', { interval: 100 });
  await inspector.call('Profiler.start');
  const { microseconds } = await bench.cost(rung, { count: options.requests });
  const { profile } = await inspector.call('Profiler.stop');
  inspector.close();
  mkdirSync(new URL('./results/', import.meta.url), { recursive: true });
  writeFileSync(new URL('./results/latest.cpuprofile', import.meta.url), JSON.stringify(profile));
  console.log(`${rung.title}: ${microseconds.toFixed(0)} µs a request, the profiler's own included`);
  for (const line of selfTimes(profile, options.requests).slice(0, LINES)) console.log(line);
} finally {
  await bench.close();
}

/** Each function's own time, the most expensive first. */
function selfTimes({ nodes, samples, timeDeltas }, requests) {
  const times = new Map();
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  samples.forEach((id, i) => {
    const name = names.get(id);
    times.set(name, (times.get(name) ?? 0) + timeDeltas[i]);
  });
  return [...times]
    .sort((a, b) => b[1] - a[1])
    .map(([name, us]) => `${(us / requests).toFixed(2).padStart(8)} µs  ${name}`);
}

function nameOf({ functionName, url, lineNumber }) {
  const place = url ? `  ${url.split('/').at(-1)}:${lineNumber + 1}` : '';
  return `${functionName || '(anonymous)'}${place}`;
}
