/**
 * `npm run overload`: three times the load that this machine's server can take, for a minute.
 *
 *   npm run overload -- [--seconds 60] [--factor 3] [--users 400] [--batch 1] [--memory]
 *
 * Prints what happened in each phase; exit code 1 on any violation.
 */
import { parseArgs } from 'node:util';
import { latencies, overloadRun, type Phase } from './overload-run.ts';
import { percentile } from './percentile.ts';

const MOST_SHOWN = 20;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    factor: { type: 'string', default: '3' },
    users: { type: 'string', default: '400' },
    batch: { type: 'string', default: '1' },
    memory: { type: 'boolean', default: false },
  },
});
const { phases, violations, recoveredAfterMs } = await overloadRun({
  seconds: Number(values.seconds),
  factor: Number(values.factor),
  traffic: { users: Number(values.users), batch: Number(values.batch) },
  inMemory: values.memory,
});
console.table(Object.fromEntries(phases.map((phase) => [phase.name, rowOf(phase)])));
console.log(`as quick as before ${recoveredAfterMs / 1000} s after the storm`);
for (const violation of violations.slice(0, MOST_SHOWN)) console.error(violation);
console.log(`${violations.length} violations`);
process.exit(violations.length === 0 ? 0 : 1);

function rowOf({ perSecond, load, rssMb, slowestProbeMs }: Phase) {
  const taken = latencies(load.sent);
  const refused = load.sent.filter(({ status }) => status === 429 || status === 503);
  const refusedMs = refused.map(({ latencyMs }) => latencyMs);
  return {
    'per second': Math.round(perSecond),
    taken: taken.length,
    refused: refused.length,
    failed: load.sent.length - taken.length - refused.length,
    unsent: load.unsent,
    'p50 ms': percentile(taken, 0.5),
    'p99 ms': percentile(taken, 0.99),
    'refused p99 ms': percentile(refusedMs, 0.99),
    'RSS MB': Math.round(rssMb),
    'slowest probe ms': Math.round(slowestProbeMs),
  };
}
