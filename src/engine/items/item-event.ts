import type { Event, ItemChange } from '../vocabulary.ts';

/**
 * An item's change as it reaches one profile. The id is derived from item, version and user, so that the same news told
 * twice is one event. It happened when the catalog changed: news that comes an hour late starts nothing.
 */
export function itemEvent(change: ItemChange, profileKey: string, now: number): Event {
  const at = change.changedAt;
  return {
    messageId: `item:${change.item.id}:${change.version}:${profileKey}`,
    name: '$item',
    timestamp: at,
    receivedAt: Math.max(now, at),
    originalAt: at,
    origin: 'system',
    properties: { product_id: change.item.id },
    context: {},
    item: change,
  };
}
