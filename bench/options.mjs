import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const MEMORY_DISK = '/dev/shm';

/**
 * The settings of a run. `--disk` and `--publish` are everybody's; what else may be set, and what it is without being
 * set, a run says itself: whole numbers and texts.
 *
 * @param {string[]} args
 * @param {Record<string, number | string>} own
 * @returns {{ users: number, connections: number, stateDir: string, storage: 'memory' | 'disk', publish: boolean }}
 *   and `own`'s
 */
export function readOptions(args, own) {
  const names = Object.keys(own);
  const { values } = parseArgs({
    args,
    options: {
      disk: { type: 'boolean', default: false },
      publish: { type: 'boolean', default: false },
      ...Object.fromEntries(names.map((name) => [name, { type: 'string' }])),
    },
  });
  const given = names.map((name) => [name, settingOf(name, values[name], own[name])]);
  const storage = values.disk ? 'disk' : 'memory';
  return {
    ...Object.fromEntries(given),
    users: 200,
    connections: 16,
    ...storageOn(storage),
    publish: values.publish,
  };
}

/** A new state directory in memory, where the machine has that, or on the disk. */
export function storageOn(wanted) {
  const storage = wanted === 'memory' && existsSync(MEMORY_DISK) ? 'memory' : 'disk';
  return {
    storage,
    stateDir: mkdtempSync(join(storage === 'memory' ? MEMORY_DISK : tmpdir(), 'reflex-bench-')),
  };
}

function settingOf(name, text, fallback) {
  if (text === undefined || typeof fallback === 'string') return text ?? fallback;
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 100_000) return value;
  console.error(`--${name} is "${text}"; it must be a whole number from 1 to 100000.`);
  process.exit(1);
}
