import { median } from './statistics.mjs';

/** CPU time of all threads of this process, the collector's too. */
function cpuMicroseconds(since) {
  const { user, system } = process.cpuUsage(since);
  return user + system;
}

/** How long one reading lasts, about. */
const READING_US = 25_000;

/**
 * Runs every case in every round, one after the other, so that a disturbance hits all alike.
 *
 * @param {{ id: string, run: (serial: number) => unknown, prepare?: () => void }[]} cases `prepare`: read by one call,
 *   before which it is called, unmeasured, and garbage is collected
 * @returns {Promise<Map<string, number[]>>} CPU microseconds a call, one value a round
 */
export async function interleave(cases, rounds) {
  const calls = new Map();
  for (const { id, run, prepare } of cases) calls.set(id, prepare ? 1 : await callsFor(run));
  const readings = new Map(cases.map(({ id }) => [id, []]));
  for (let round = 0; round < rounds; round++) {
    for (const { id, run, prepare } of cases) {
      prepare?.();
      if (prepare) globalThis.gc?.();
      readings.get(id).push(await read(run, calls.get(id)));
    }
  }
  return readings;
}

async function read(run, count) {
  const before = process.cpuUsage();
  for (let serial = 0; serial < count; serial++) {
    const answer = run(serial);
    if (answer instanceof Promise) await answer;
  }
  return cpuMicroseconds(before) / count;
}

/** Warms up, then says how many calls fill a reading. */
async function callsFor(run) {
  await read(run, 20);
  const each = await read(run, 20);
  const count = Math.max(3, Math.min(20_000, Math.round(READING_US / each)));
  await read(run, count);
  return Math.max(3, Math.min(20_000, Math.round(READING_US / (await read(run, count)))));
}

/** The median over the rounds of a case's cost over another's in the same round. */
export function ratio(readings, id, reference) {
  const base = readings.get(reference);
  return median(readings.get(id).map((value, round) => value / base[round]));
}
