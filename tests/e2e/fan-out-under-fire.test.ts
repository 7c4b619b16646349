import { expect, it } from 'vitest';
import { runFanOut } from '../chaos/fan-out-run.ts';

it('of three price drops, each cut off by a kill, every watcher whom they cross hears once, and nobody else', async () => {
  const { violations, summary } = await runFanOut({
    seed: 20_261_125,
    kills: 3,
    watchers: 200,
    inMemory: true,
  });
  expect(violations, summary).toEqual([]);
}, 240_000);
