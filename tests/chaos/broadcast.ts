/**
 * `npm run broadcast`: three broadcasts to very many people.
 *
 *   npm run broadcast -- [--people 50000] [--per-minute 30000] [--minutes 40] [--memory]
 *
 * Prints how far it has come; exit code 1 on any violation.
 */
import { parseArgs } from 'node:util';
import { broadcastRun } from './broadcast-run.ts';

const { values } = parseArgs({
  options: {
    people: { type: 'string', default: '50000' },
    'per-minute': { type: 'string' },
    minutes: { type: 'string', default: '40' },
    memory: { type: 'boolean', default: false },
  },
});
const beganAt = Date.now();
const violations = await broadcastRun({
  people: Number(values.people),
  ...(values['per-minute'] !== undefined && { perMinute: Number(values['per-minute']) }),
  inMemory: values.memory,
  withinMs: Number(values.minutes) * 60_000,
  log: (line) => console.log(`${Math.round((Date.now() - beganAt) / 1000)} s: ${line}`),
});
for (const violation of violations.slice(0, 20)) console.error(violation);
console.log(`${violations.length} violations`);
process.exit(violations.length === 0 ? 0 : 1);
