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

const SEEDS = Math.ceil(settings.seeds / 6);

let shared: Shared;
beforeAll(async () => {
  shared = { d1: new SimD1(), people: await makePeople() };
});

test(`exactly the followers hear, and once, in ${SEEDS} lives`, async () => {
  const { firstSeed, steps, keptLines } = settings;
  for (let seed = firstSeed; seed < firstSeed + SEEDS; seed++) {
    const { failure } = await playSeed({ seed, steps, topics: true }, shared);
    if (failure === null) continue;
    const { trace } = await playSeed({ seed, steps, topics: true, keptLines }, shared);
    expect.fail(`seed ${seed}: ${failure}\n\n${trace.join('\n')}`);
  }
}, 600_000);
