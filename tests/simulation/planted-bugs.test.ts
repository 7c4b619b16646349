/** The simulation's own test: whoever plants a bug where the project meets its surroundings is found out. */
import { beforeAll, expect, test } from 'vitest';
import { BUGS } from './harness/bugs.ts';
import { makePeople } from './harness/clients.ts';
import { settings } from './harness/settings.ts';
import { SimD1 } from './harness/sim-d1.ts';
import { playSeed, type Shared } from './harness/world.ts';

const SEEDS = 200;

let shared: Shared;
beforeAll(async () => {
  shared = { d1: new SimD1(), people: await makePeople() };
});

/** The first life that shows it; null where none does. */
async function firstFinding(bug: string): Promise<number | null> {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { failure } = await playSeed({ seed, steps: settings.steps, bug }, shared);
    if (failure !== null) return seed;
  }
  return null;
}

test.each(Object.entries(BUGS))(
  `%s is found within ${SEEDS} lives`,
  async (name) => {
    expect(await firstFinding(name)).not.toBeNull();
  },
  120_000,
);
