/**
 * What a preview lets happen where its asker names no event: the least that the trigger's first `on` listens to. An item
 * drops by a tenth, comes back or is nearly gone, for an item that the user has the relation to; a followed topic gets a new or cheaper item; an attribute moves as the listener wants it to; a
 * time, a segment's change or a message's is taken to have come.
 */
import type { Config } from '../config.ts';
import { relationKey, splitRelationKey } from '../fold/relations.ts';
import { itemEvent, topicEvent } from '../items/item-event.ts';
import { DEFAULT_LOW_STOCK } from '../items/item-news.ts';
import { topicTypeOf } from '../items/topics.ts';
import { compilePath } from '../language/path.ts';
import { type RoundInput, scopeOf, startRound } from '../round.ts';
import { BROADCAST, DATE, type Happening, INACTIVE } from '../runs/happening.ts';
import type { ProfileState } from '../state.ts';
import type { AttributeOn, ItemOn, On, TopicOn, Trigger } from '../trigger.ts';
import type { Event, ItemChange, Json } from '../vocabulary.ts';

/** An event, or what would derive from one. */
export type Imagined = { kind: 'event'; event: Event } | { kind: 'derived'; happening: Happening };

const RELATIONS = ['liked', 'in_cart', 'viewed', 'subscribed'] as const;
/** Where nobody knows what the item cost. */
const SOME_PRICE = 10_000;

export function imagine({ id, entry }: Trigger, input: RoundInput): Imagined {
  const on = entry.on[0] as On;
  const { state, config, now } = input;
  if ('inactive' in on) return timer(INACTIVE, id);
  if ('date' in on) return timer(DATE, id);
  if ('at' in on) return timer(BROADCAST, id);
  if ('item' in on) {
    return { kind: 'event', event: itemEvent(imaginedNews(on, state, config, now), state.meta.key, now) };
  }
  if ('topic' in on) {
    return { kind: 'event', event: topicEvent(imaginedOfTopic(on, state, config, now), state.meta.key, now) };
  }
  if ('attribute' in on) return { kind: 'derived', happening: imaginedChange(on, input) };
  if ('change' in on) {
    const { segment, change } = on;
    return { kind: 'derived', happening: { kind: 'segment', segment, change } };
  }
  if ('message' in on) {
    const { message: what, trigger = id } = on;
    return { kind: 'derived', happening: { kind: 'message', what, trigger } };
  }
  return { kind: 'event', event: imaginedEvent(on.event, now) };
}

/** Of this name, and nothing more. */
function imaginedEvent(name: string, now: number): Event {
  return {
    messageId: `preview:${now}`,
    name,
    timestamp: now,
    receivedAt: now,
    originalAt: now,
    origin: 'client',
    properties: {},
    context: {},
  };
}

function timer(name: string, trigger: string): Imagined {
  return { kind: 'derived', happening: { kind: 'timer', name, trigger } };
}

function imaginedNews(on: ItemOn, state: ProfileState, config: Config, now: number): ItemChange {
  if (on.item === 'price_drop') return imaginedDrop(on, state, config, now);
  const few = on.lowStock ?? DEFAULT_LOW_STOCK;
  const [before, stock] = on.item === 'low_stock' ? [few + 1, few] : [0, 1];
  const differs = { [on.path ?? 'item.stock']: now };
  return {
    item: { id: relatedItem(on, state), stock },
    version: now,
    previous: { stock: before, at: now, differs },
    changedAt: now,
  };
}

function imaginedDrop(on: ItemOn, state: ProfileState, config: Config, now: number): ItemChange {
  const itemId = relatedItem(on, state);
  const known = (on.relation ?? RELATIONS).map((one) => state.relations.get(relationKey(one, itemId))?.price);
  const price = known.find((one) => one !== undefined && one !== null);
  const { amount, currency } = price ?? {
    amount: SOME_PRICE,
    currency: config.policies.workspace.currency,
  };
  const dropped = Math.round(amount * 0.9 * 10_000) / 10_000;
  return {
    item: { id: itemId, price: dropped, currency },
    version: now,
    previous: { price: amount, currency },
    changedAt: now,
  };
}

/** An item of the topic that was followed last, else of one that nobody follows. */
function imaginedOfTopic(
  { topic, change }: TopicOn,
  { topics }: ProfileState,
  { policies }: Config,
  now: number,
): ItemChange {
  const followed = [...topics].findLast(([key, { on }]) => on && topicTypeOf(key) === topic);
  const value = followed?.[1].value ?? 'preview';
  const { currency } = policies.workspace;
  const item = {
    id: 'preview',
    ...(topic === 'keyword' ? { attributes: { keywords: [value] } } : { [topic]: value }),
    price: change === 'price_drop' ? SOME_PRICE * 0.9 : SOME_PRICE,
    currency,
  };
  return change === 'new_item'
    ? { item, version: now, changedAt: now, isNew: true }
    : { item, version: now, changedAt: now, previous: { price: SOME_PRICE, currency } };
}

/** The item that a relation of the listener's kind began with last. */
function relatedItem({ relation = [...RELATIONS] }: ItemOn, { relations }: ProfileState): string {
  let newest = { itemId: 'preview', since: Number.NEGATIVE_INFINITY };
  for (const [key, { on, since }] of relations) {
    const { relation: kind, itemId } = splitRelationKey(key);
    const isMeant = on && relation.some((one) => one === kind);
    if (isMeant && since > newest.since) newest = { itemId, since };
  }
  return newest.itemId;
}

function imaginedChange(on: AttributeOn, input: RoundInput): Happening {
  const current = compilePath(on.attribute)(scopeOf(startRound(input, null), null, null));
  const from = on.from === 'missing' ? [] : [constantOf(on.from) ?? current[0] ?? 0];
  const before = typeof from[0] === 'number' ? from[0] : 0;
  const moved = on.by === 'decrease' ? before - 1 : before + 1;
  return { kind: 'attribute', path: on.attribute, from, to: [constantOf(on.to) ?? moved] };
}

function constantOf(value: AttributeOn['to']): Json | undefined {
  if (Array.isArray(value)) return value[0];
  return typeof value === 'object' ? undefined : value;
}
