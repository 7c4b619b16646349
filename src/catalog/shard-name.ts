/**
 * `watchers:GENERATION:INDEX:ITEM`, `topics:GENERATION:INDEX:TOPIC`: the shards of one item's watchers, or of one topic's
 * followers. Both start with one (generation 0, index 0); each later generation has more, and every profile its place by
 * hash. Names are made in `protocol/stubs.ts` and read here, nowhere else.
 */
import { topicShard, watcherShard } from '../protocol/stubs.ts';

export interface ShardName {
  kind: 'item' | 'topic';
  generation: number;
  index: number;
  /** The item's id, or the topic's key. */
  of: string;
}

/** Null for what is no shard's name. An item's id may itself contain colons. */
export function parseShardName(name: string | undefined): ShardName | null {
  const match = /^(watchers|topics):(\d+):(\d+):([\s\S]+)$/.exec(name ?? '');
  const of = match?.[4];
  if (of === undefined) return null;
  const kind = match?.[1] === 'topics' ? 'topic' : 'item';
  return { kind, generation: Number(match?.[2]), index: Number(match?.[3]), of };
}

export function shardNamed({ kind, generation, index, of }: ShardName): string {
  return kind === 'topic' ? topicShard(generation, index, of) : watcherShard(generation, index, of);
}
