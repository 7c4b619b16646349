/**
 * `npm run chaos`: kill -9 again and again under load, and afterwards everything counted once and sent once.
 *
 *   npm run chaos -- [--kills 1000] [--events 200000] [--users 400] [--seed 1] [--memory]
 *
 * With `--memory` the files lie in memory: see `crash-server.ts`.
 * Exit code 1 on any violation; the same seed makes the same plan and the same kills, though not the same machine.
 */
import { parseArgs } from 'node:util';
import { startCrashRun } from './crash-run.ts';

const MOST_SHOWN = 40;

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '100' },
    events: { type: 'string', default: '20000' },
    users: { type: 'string', default: '400' },
    memory: { type: 'boolean', default: false },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const [kills, events, users, seed] = [values.kills, values.events, values.users, values.seed].map(
  wholeNumber,
);
if (kills === undefined || events === undefined || users === undefined || seed === undefined) {
  console.error('--kills, --events, --users and --seed are whole numbers from 1.');
  process.exit(1);
}
console.log(`seed ${seed}`);
const run = await startCrashRun({
  seed,
  kills,
  events,
  users,
  inMemory: values.memory,
  tell: console.log,
});
const { violations, summary } = await run.settled();
await run[Symbol.asyncDispose]();
for (const violation of violations.slice(0, MOST_SHOWN)) console.error(violation);
if (violations.length > MOST_SHOWN) console.error(`… and ${violations.length - MOST_SHOWN} more`);
console.log(summary);
process.exit(violations.length === 0 ? 0 : 1);

function wholeNumber(text: string): number | undefined {
  const value = Number(text);
  return Number.isInteger(value) && value >= 1 ? value : undefined;
}
