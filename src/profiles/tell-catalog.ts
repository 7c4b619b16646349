import type { Env } from '../bindings.ts';
import type { ItemSample } from '../engine/recommend/item-sample.ts';
import { catalogStub, popularStub } from '../protocol/stubs.ts';

/** Never throws: a sample that gets lost isn't missed. */
export async function tellCatalog(samples: readonly ItemSample[], env: Env): Promise<void> {
  const together = samples.filter((sample) => sample.with.length > 0);
  await Promise.allSettled([
    popularStub(env).notePopular(samples.filter(({ mirror }) => !mirror)),
    ...together.map((sample) => catalogStub(env, sample.itemId).noteTogether(sample)),
  ]);
}
