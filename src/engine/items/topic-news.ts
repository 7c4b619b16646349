/**
 * When a change of an item is news for those who follow a topic of it: its first write (unless it was imported), and a
 * price below the one before, in the same currency.
 *
 * An item is new once. Of a price drop, a second notice needs a price below the lowest that this trigger has told; following
 * anew after it had ended starts over. Somebody who began to follow after it happened wasn't there.
 */

import { logKey } from '../runs/trigger-log.ts';
import type { TopicOn, TopicType } from '../trigger.ts';
import type { ItemChange } from '../vocabulary.ts';
import { comparePrices, isDrop, priceOf } from './price.ts';
import { lowestNotified } from './price-drop.ts';
import { itemLogKey, type NewsContext, type NewsVerdict, none } from './related.ts';
import { topicsOf, topicTypeOf } from './topics.ts';

/** What a change is to topics: nothing, or one of the two; told together with others, it may be both. */
function topicChanges({ item, previous, isNew }: ItemChange): TopicOn['change'][] {
  const isCheaper = isDrop(priceOf(previous ?? {}), priceOf(item));
  return [...(isNew ? ['new_item' as const] : []), ...(isCheaper ? ['price_drop' as const] : [])];
}

/** The types of topics whose followers some listener wants to tell; of a change that only ends what was news, all of them. */
export function concernedTypes(listeners: readonly TopicOn[], change: ItemChange): Set<TopicType> {
  const changes = topicChanges(change);
  const meant = listeners.filter((on) => changes.length === 0 || changes.includes(on.change));
  return new Set(meant.map((on) => on.topic));
}

export function judgeTopic(on: TopicOn, change: ItemChange, path: string, context: NewsContext): NewsVerdict {
  const what = topicChanges(change)[0] ?? null;
  if (what !== on.change) return none(`${path}.change`, { change: what });
  const followed = topicsOf(change.item)
    .filter((key) => topicTypeOf(key) === on.topic)
    .flatMap((key) => {
      const entry = context.draft.get('topics', key);
      return entry?.on && entry.since <= change.changedAt ? [entry] : [];
    });
  if (followed.length === 0) return none(`${path}.topic`, { followed: false });
  if (what === 'new_item') {
    const told = context.draft.get('log', logKey(context.trigger, itemLogKey(change.item.id)))?.told;
    return told?.new_item === undefined
      ? { kind: 'news', reference: null }
      : none(`${path}.change`, { told: true });
  }
  const price = priceOf(change.item);
  const lowest = lowestNotified(change.item.id, followed, context);
  if (price && lowest && (comparePrices(price, lowest) ?? -1) >= 0) {
    return none(`${path}.change`, { lowestNotified: lowest.amount, 'item.price': price.amount });
  }
  return { kind: 'news', reference: priceOf(change.previous ?? {}) };
}
