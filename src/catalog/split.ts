/**
 * How a shard of an item's watchers that has grown too large becomes eight. Every watcher has its place by hash, so that
 * whoever comes to the old shard is told where to go (`moved`), and there is no index of who stands where.
 *
 *     (one of its own) → copying → handing → split
 *
 * - copying: the rows stand still, for whoever registers or leaves is asked to come again in a moment. They are copied to
 *   the children in stretches, in the order of their key; a stretch that is copied twice is copied once. The old shard
 *   goes on telling of changes, and the children, who only wait, tell nobody.
 * - handing: everything is copied and nothing is left to be told. From here on the old shard takes no change any more: what
 *   comes later is the children's. Each of them is given the item as the old one knows it, subscribes to the catalog, and
 *   catches up with what it has missed in between.
 * - split: the old shard has no rows, is no longer told of changes, and only says where to go.
 *
 * A topic's shard splits alike, but no shard of it subscribes to anything: the catalog tells the first, which hands on to its
 * children what it is told (`topic-shard.ts`). While it hands over it takes nothing, and is told again.
 *
 * Each step is committed before the next begins, and repeating one changes nothing: killed anywhere, the alarm goes on.
 */

import type { ItemChange } from '../engine/vocabulary.ts';
import type { ItemStanding } from '../protocol/catalog-rpc.ts';
import { coalesce, type Previous, previousOf } from './coalesce.ts';
import { type ShardName, shardNamed } from './shard-name.ts';
import type { Standing } from './standing-store.ts';

const CHILDREN = 8;
/** A row takes no less: a database smaller than this many bytes per row that is allowed needn't be counted. */
export const MIN_ROW_BYTES = 40;

/** The child that a watcher belongs to. Each generation looks at other bits of the hash. */
export function childOf(parent: ShardName, profile: string): string {
  return child(parent, hash32(`${parent.generation}:${profile}`) % CHILDREN);
}

export function childrenOf(parent: ShardName): string[] {
  return Array.from({ length: CHILDREN }, (_, digit) => child(parent, digit));
}

function child({ kind, generation, index, of }: ShardName, digit: number): string {
  return shardNamed({ kind, generation: generation + 1, index: index * CHILDREN + digit, of });
}

/** What a child that was handed `known` has missed by the time it is subscribed; null where nothing. */
export function missedSince(known: Standing, told: ItemStanding): ItemChange | null {
  if (told.version <= known.version) return null;
  const item = told.item ?? (known.item && { id: known.item.id });
  if (!item) return null;
  // As if the changes in between had been told as one: from the highest price on the way.
  const onTheWay = told.prices
    .filter(({ at }) => at > known.changedAt)
    .map(({ price }): Previous => (price ? { price: price.amount, currency: price.currency } : {}))
    .reverse();
  const previous = [previousOf(known.item), ...onTheWay].reduce(coalesce);
  return { item, version: told.version, previous, changedAt: told.changedAt };
}

/** FNV-1a with a last stir: names that differ in their last letters must part, too. */
function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  return hash >>> 0;
}
