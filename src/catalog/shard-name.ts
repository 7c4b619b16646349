/**
 * `watchers:GENERATION:INDEX:ITEM`: the shards of one item's watchers. An item starts with one (generation 0, index 0);
 * each later generation has more, and every watcher its place by hash. Names are made in `protocol/stubs.ts` and read
 * here, nowhere else.
 */
export interface ShardName {
  generation: number;
  index: number;
  itemId: string;
}

/** Null for what is no shard's name. An item's id may itself contain colons. */
export function parseShardName(name: string | undefined): ShardName | null {
  const match = /^watchers:(\d+):(\d+):([\s\S]+)$/.exec(name ?? '');
  const itemId = match?.[3];
  if (itemId === undefined) return null;
  return { generation: Number(match?.[1]), index: Number(match?.[2]), itemId };
}
