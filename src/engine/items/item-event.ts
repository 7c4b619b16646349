import { ITEM_EVENT, TOPIC_EVENT } from '../runs/happening.ts';
import type { Event, ItemChange } from '../vocabulary.ts';

/**
 * An item's change as it reaches one profile. The id is derived from item, version and user, so that the same news told
 * twice is one event. It happened when the catalog changed: news that comes an hour late starts nothing.
 */
export function itemEvent(change: ItemChange, profileKey: string, now: number): Event {
  return newsEvent(ITEM_EVENT, `item:${change.item.id}:${change.version}:${profileKey}`, change, now);
}

/**
 * The same as it reaches a follower of one of the item's topics, whichever of them: who follows several hears once. An item
 * is new once, whatever version tells of it.
 */
export function topicEvent(change: ItemChange, profileKey: string, now: number): Event {
  const what = change.isNew ? 'new' : change.version;
  return newsEvent(TOPIC_EVENT, `topic:${change.item.id}:${what}:${profileKey}`, change, now);
}

function newsEvent(name: string, messageId: string, change: ItemChange, now: number): Event {
  const at = change.changedAt;
  return {
    messageId,
    name,
    timestamp: at,
    receivedAt: Math.max(now, at),
    originalAt: at,
    origin: 'system',
    properties: { product_id: change.item.id },
    context: {},
    item: change,
  };
}
