import { itemEvent } from '../engine/items/item-event.ts';
import { isDrop, priceOf } from '../engine/items/price.ts';
import type { Event, WatchOrder } from '../engine/vocabulary.ts';
import type { WatchResult } from '../protocol/catalog-rpc.ts';

export type WatchAnswer = Extract<WatchResult, { kind: 'watching' | 'removed' }>;

/** The news that a watcher missed between the beginning of its relation and its registration; null where there was none. */
export function missedNews(
  answer: Extract<WatchAnswer, { kind: 'watching' }>,
  { since }: WatchOrder,
  profileKey: string,
  now: number,
): Event | null {
  const { item, reference, version, changedAt, restockedAt } = answer;
  if (!item) return null;
  const isCheaper = reference !== null && isDrop(reference, priceOf(item));
  const isBack = restockedAt !== undefined && restockedAt > since && (item.stock ?? 0) > 0;
  if (!isCheaper && !isBack) return null;
  const change = {
    item,
    version,
    changedAt,
    ...(reference && { reference }),
    ...(isBack && { restocked: true as const }),
  };
  return itemEvent(change, profileKey, now);
}
