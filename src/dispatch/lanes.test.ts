import { expect, it } from 'vitest';
import { BatchLanes, type Lanes } from './lanes.ts';

it('sends whose invocation died, and never said that they were over, don’t close their lane for ever', async () => {
  const lanes: Lanes = new Map();
  let now = 0;
  const deps = { now: () => now, sleep: async () => {} };
  const enter = () => new BatchLanes(lanes, deps).enter('dead');
  for (let n = 0; n < 4; n++) expect(await enter()).not.toBeNull();
  now = 10_000;
  expect(await enter()).toBeNull();
  now = 61_000;
  expect(await enter()).not.toBeNull();
});
