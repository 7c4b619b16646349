import type { Env } from '../bindings.ts';
import { firstTopicShard, firstWatcherShard, watcherStub } from '../protocol/stubs.ts';

/** An item or topic is split seldom; a longer chain is a mistake. */
const MAX_MOVES = 4;

/** The item's watcher shard forgets the profile, wherever it has been split to. */
export function forgetWatcher(env: Env, itemId: string, profile: string): Promise<void> {
  return forgetFrom(env, firstWatcherShard(itemId), profile);
}

/** The same of a topic's. */
export function forgetFollower(env: Env, topic: string, profile: string): Promise<void> {
  return forgetFrom(env, firstTopicShard(topic), profile);
}

async function forgetFrom(env: Env, first: string, profile: string): Promise<void> {
  let shard = first;
  for (let moves = 0; moves <= MAX_MOVES; moves++) {
    const result = await watcherStub(env, shard).forget(profile);
    if (result.kind === 'unavailable') throw new Error('a watcher shard is being split');
    if (result.kind !== 'moved') return;
    shard = result.shard;
  }
  throw new Error('watcher shards lead round in a circle');
}
