import { itemEvent } from '../engine/items/item-event.ts';
import { isDrop, priceOf } from '../engine/items/price.ts';
import type { Event } from '../engine/vocabulary.ts';
import type { WatchResult } from '../protocol/rpc.ts';

export type WatchAnswer = Extract<WatchResult, { kind: 'watching' | 'removed' }>;

/** The news that a watcher missed between the beginning of its relation and its registration; null where there was none. */
export function missedDrop(
  answer: Extract<WatchAnswer, { kind: 'watching' }>,
  profileKey: string,
  now: number,
): Event | null {
  const { item, reference, version, changedAt } = answer;
  if (!item || !reference || !isDrop(reference, priceOf(item))) return null;
  return itemEvent({ item, version, changedAt, reference }, profileKey, now);
}
