/** The next stretch of a walk through all profiles that the registry knows: a bounded number of calls and keys a turn. */
import type { RegistryRpc } from '../protocol/rpc.ts';
import { REGISTRY_SHARDS } from '../protocol/stubs.ts';
import type { Walk } from './broadcast-store.ts';

const CALLS_PER_TURN = 32;
const PROFILES_PER_TURN = 4_000;
const PROFILES_PER_CALL = 1_000;

export interface Stretch {
  keys: string[];
  /** Where it goes on; null where everybody has been passed. */
  walk: Walk | null;
  /** A shard couldn't be reached: the walk stands before it. */
  isBlocked: boolean;
}

/**
 * `registry` gives a new stub each time: one that has failed stays broken.
 * @param most  profiles in this stretch, which is never longer than 4,000
 */
export async function walkProfiles(
  from: Walk,
  registry: (shard: number) => Pick<RegistryRpc, 'page'>,
  most: number,
): Promise<Stretch> {
  const wanted = Math.min(most, PROFILES_PER_TURN);
  const keys: string[] = [];
  let walk = from;
  for (let calls = 0; calls < CALLS_PER_TURN && keys.length < wanted; calls++) {
    const limit = Math.min(PROFILES_PER_CALL, wanted - keys.length);
    let page: Awaited<ReturnType<RegistryRpc['page']>>;
    try {
      page = await registry(walk.shard).page(walk.after, limit);
    } catch {
      return { keys, walk, isBlocked: true };
    }
    keys.push(...page.keys);
    if (page.cursor !== null) walk = { shard: walk.shard, after: page.cursor };
    else if (walk.shard + 1 < REGISTRY_SHARDS) walk = { shard: walk.shard + 1, after: null };
    else return { keys, walk: null, isBlocked: false };
  }
  return { keys, walk, isBlocked: false };
}
