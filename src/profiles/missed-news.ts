import { itemEvent } from '../engine/items/item-event.ts';
import { higherPrice, isDrop, priceOf } from '../engine/items/price.ts';
import type { Event, WatchOrder } from '../engine/vocabulary.ts';
import type { WatchResult } from '../protocol/catalog-rpc.ts';

export type WatchAnswer = Extract<WatchResult, { kind: 'watching' | 'removed' }>;

/** The news that a watcher missed between the beginning of its relation and the answer that registers it; null where there was none. */
export function missedNews(
  answer: Extract<WatchAnswer, { kind: 'watching' }>,
  { since, reference: brought }: WatchOrder,
  profileKey: string,
  now: number,
): Event | null {
  const { item, reference, from = reference, version, changedAt, restockedAt } = answer;
  if (!item) return null;
  // What a merge has brought along may have missed more than what began with this order, or less.
  const isCheaper = isDrop(higherPrice(brought ?? null, from), priceOf(item));
  const isBack = restockedAt !== undefined && restockedAt > since && (item.stock ?? 0) > 0;
  if (!isCheaper && !isBack) return null;
  const change = {
    item,
    version,
    changedAt,
    ...(reference && { reference }),
    ...(isBack && { restocked: true as const }),
  };
  // News of its own: what the profile has heard of this version from another relation's row was judged without this one.
  const event = itemEvent(change, profileKey, now);
  return { ...event, messageId: `${event.messageId}:${since}` };
}
