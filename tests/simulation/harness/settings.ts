/** What is played: little where every change waits for it, much in the night, one seed where a failure is looked at. */

function numberOf(name: string, fallback: number): number {
  const text = process.env[name];
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new RangeError(`${name} is ${text}; expected a whole number from 1 on`);
  }
  return value;
}

const isLong = process.env.SIMULATION === 'long';

export const settings = {
  firstSeed: numberOf('SIMULATION_SEED', 1),
  seeds: numberOf('SIMULATION_SEEDS', process.env.SIMULATION_SEED ? 1 : isLong ? 100_000 : 300),
  steps: numberOf('SIMULATION_STEPS', 500),
  /** Lines of what happened that are printed of a seed that failed. */
  keptLines: numberOf('SIMULATION_LINES', 200),
};
