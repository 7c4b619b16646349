import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const MEMORY_DISK = '/dev/shm';

/**
 * @returns {{ rounds: number, requests: number, users: number, connections: number, stateDir: string,
 *   storage: 'memory' | 'disk', publish: boolean }}
 */
export function readOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      rounds: { type: 'string', default: '9' },
      requests: { type: 'string', default: '8000' },
      disk: { type: 'boolean', default: false },
      publish: { type: 'boolean', default: false },
    },
  });
  const storage = !values.disk && existsSync(MEMORY_DISK) ? 'memory' : 'disk';
  return {
    rounds: wholeNumber('rounds', values.rounds, 5, 100),
    requests: wholeNumber('requests', values.requests, 200, 50_000),
    users: 200,
    connections: 16,
    storage,
    stateDir: mkdtempSync(join(storage === 'memory' ? MEMORY_DISK : tmpdir(), 'reflex-bench-')),
    publish: values.publish,
  };
}

function wholeNumber(name, text, least, most) {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  console.error(`--${name} is "${text}"; it must be a whole number from ${least} to ${most}.`);
  process.exit(1);
}
