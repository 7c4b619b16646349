/**
 * `npm run chaos:fan-out`: 20 kills in the middle of as many price drops, each told to 1,000 watchers. About five minutes.
 *
 *   npm run chaos:fan-out -- [--kills 20] [--watchers 1000] [--seed N] [--memory]
 */
import { parseArgs } from 'node:util';
import { runFanOut } from './fan-out-run.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '20' },
    watchers: { type: 'string', default: '1000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    memory: { type: 'boolean', default: false },
  },
});
const { violations, summary } = await runFanOut({
  kills: Number(values.kills),
  watchers: Number(values.watchers),
  seed: Number(values.seed),
  inMemory: values.memory,
  tell: (line) => console.error(line),
});
for (const violation of violations.slice(0, 50)) console.error(violation);
console.log(summary);
process.exitCode = violations.length === 0 ? 0 : 1;
