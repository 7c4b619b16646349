import type { Env } from '../bindings.ts';
import { firstWatcherShard, watcherStub } from '../protocol/stubs.ts';

/** An item is split seldom; a longer chain is a mistake. */
const MAX_MOVES = 4;

/** The item's watcher shard forgets the profile, wherever it has been split to. */
export async function forgetWatcher(env: Env, itemId: string, profile: string): Promise<void> {
  let shard = firstWatcherShard(itemId);
  for (let moves = 0; moves <= MAX_MOVES; moves++) {
    const result = await watcherStub(env, shard).forget(profile);
    if (result.kind === 'unavailable') throw new Error('a watcher shard is being split');
    if (result.kind !== 'moved') return;
    shard = result.shard;
  }
  throw new Error('the watcher shards of an item lead round in a circle');
}
