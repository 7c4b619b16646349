/**
 * Histories of following and leaving topics, of new and cheaper items, with everything that can go wrong going wrong: exactly
 * the followers hear, and once. The account of who has to hear is `harness/topics.ts`.
 *
 *     SIMULATION_SEED=17 npx vitest run --project node tests/simulation/topics.test.ts     one of them again
 */
import { beforeAll, expect, test } from 'vitest';
import { makePeople } from './harness/clients.ts';
import { settings } from './harness/settings.ts';
import { SimD1 } from './harness/sim-d1.ts';
import { playSeed, type Shared } from './harness/world.ts';

/** Lives in which a bug showed that has been mended since. */
const FOUND: [what: string, seed: number][] = [
  ['tables that were made without their stamp could never be opened again', 152],
];
const SEEDS = Math.ceil(settings.seeds / 20);

let shared: Shared;
beforeAll(async () => {
  shared = { d1: new SimD1(), people: await makePeople() };
});

async function expectClean(seed: number): Promise<void> {
  const { steps, keptLines } = settings;
  const { failure } = await playSeed({ seed, steps, topics: true }, shared);
  if (failure === null) return;
  const { trace } = await playSeed({ seed, steps, topics: true, keptLines }, shared);
  expect.fail(`seed ${seed}: ${failure}\n\n${trace.join('\n')}`);
}

test.each(FOUND)('once, %s (seed %i)', (_, seed) => expectClean(seed), 60_000);

test(`exactly the followers hear, and once, in ${SEEDS} lives`, async () => {
  const { firstSeed } = settings;
  for (let seed = firstSeed; seed < firstSeed + SEEDS; seed++) await expectClean(seed);
}, 3_600_000);
