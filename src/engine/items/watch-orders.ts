/**
 * A profile registers as a watcher of every item that it likes, has in the cart or asked to be told of, as soon as that
 * begins and before any trigger asks; of those that it viewed last only while a live trigger wants to hear of them, which
 * is looked at with each view. The order to the item's watcher shard leaves through the outbox:
 *
 *     ordered → answered
 *        └ ordered again meanwhile: the newer order takes the older one's place, and leaves when that was answered
 *
 * One at a time, for calls overtake each other: a removal that arrives after the registration that followed it would
 * leave the profile without a row, and it would never know. Where no answer comes, the newer one leaves when the older
 * one would have been offered again.
 */

import type { Config } from '../config.ts';
import type { Delta, Draft } from '../delta.ts';
import { isWatched, orderId, relationKey, splitRelationKey, WATCHED } from '../fold/relations.ts';
import { OFFER_AGAIN_MS, putOut, type Round, type RoundInput, startRound } from '../round.ts';
import type { RelationEntry } from '../state.ts';
import type { Relation } from '../trigger.ts';
import type { OutboxEntry, Price, WatchOrder } from '../vocabulary.ts';
import { comparePrices, higherPrice, samePrice } from './price.ts';

export function putWatchOrders(round: Round, itemIds: Iterable<string>): void {
  for (const itemId of itemIds) {
    const pending = round.draft.get('outbox', orderId(itemId));
    if (pending?.kind !== 'watch') order(round, itemId);
    else round.draft.put('outbox', pending.id, { ...pending, watch: orderFor(round, itemId) });
  }
}

/** The relations that are watched now. */
export function watchedRelations({ watchesViewed }: Pick<Config, 'watchesViewed'>): readonly Relation[] {
  return watchesViewed ? [...WATCHED, 'viewed'] : WATCHED;
}

/** After a view: the viewed items that are to be watched and aren't, and those that are and needn't be any more. */
export function viewedToWatch({ draft, config }: Round): string[] {
  const viewed: string[] = [];
  for (const [key, { on }] of draft.entries('relations')) {
    const { relation, itemId } = splitRelationKey(key);
    if (on && relation === 'viewed') viewed.push(itemId);
  }
  if (config.watchesViewed) return viewed.filter((itemId) => !isWatched(draft, itemId));
  const isRelated = (itemId: string) =>
    WATCHED.some((one) => draft.get('relations', relationKey(one, itemId))?.on);
  return viewed.filter((itemId) => isWatched(draft, itemId) && !isRelated(itemId));
}

/** The item's return was told: who waited for it doesn't any more. */
export function endSubscription(round: Round, itemId: string): void {
  const { draft, now } = round;
  const key = relationKey('subscribed', itemId);
  const waiting = draft.get('relations', key);
  if (!waiting?.on) return;
  draft.put('relations', key, { ...waiting, on: false, at: now });
  putWatchOrders(round, [itemId]);
}

function order(round: Round, itemId: string): void {
  const watch = orderFor(round, itemId);
  putOut(round, { kind: 'watch', id: orderId(itemId), watch, retryAt: round.now + OFFER_AGAIN_MS });
}

function orderFor({ draft, config }: Round, itemId: string): WatchOrder {
  const standing: [Relation, RelationEntry][] = [];
  for (const relation of watchedRelations(config)) {
    const entry = draft.get('relations', relationKey(relation, itemId));
    if (entry?.on) standing.push([relation, entry]);
  }
  const newest = standing.map(([, entry]) => entry).sort((a, b) => b.since - a.since)[0];
  const waiting = standing.find(([relation]) => relation === 'subscribed')?.[1];
  const registered = draft.get('watches', itemId)?.registered;
  const reference = standing
    .map(([, entry]) => (entry.confirmed ? entry.price : null))
    .reduce(higherPrice, null);
  const isMore = reference !== null && (comparePrices(reference, registered ?? null) ?? 1) > 0;
  return {
    itemId,
    relations: standing.map(([relation]) => relation),
    since: newest?.since ?? 0,
    ...(waiting && { subscribedSince: waiting.since }),
    ...(newest?.price && { eventPrice: newest.price }),
    ...(registered !== undefined && { registered }),
    ...(isMore && { reference }),
  };
}

export interface SettleWatchInput extends RoundInput {
  /** The outbox entry's. */
  id: string;
  order: WatchOrder;
  reference: Price | null;
}

/**
 * The shard has answered. The relations that began with this order learn the catalog's price of that moment; the row
 * stands under the higher of it and what it stood under before.
 */
export function settleWatch(input: SettleWatchInput): { delta: Delta; effects: OutboxEntry[] } {
  const round = startRound(input, null);
  const { draft } = round;
  const { id, order: answered } = input;
  const pending = draft.get('outbox', id);
  const isNewest = pending?.kind === 'watch' && sameOrder(pending.watch, answered);
  if (isNewest) draft.remove('outbox', id);
  if (answered.profile === undefined) {
    keep(draft, answered, input.reference);
    // The newer one that has been waiting, as things stand now.
    if (pending && !isNewest) order(round, answered.itemId);
  }
  return { delta: draft.delta(), effects: round.effects };
}

function keep(draft: Draft, order: WatchOrder, reference: Price | null): void {
  if (order.relations.length === 0) {
    draft.remove('watches', order.itemId);
    return;
  }
  draft.put('watches', order.itemId, { registered: higherPrice(order.registered ?? null, reference) });
  for (const relation of order.relations) {
    const key = relationKey(relation, order.itemId);
    const entry = draft.get('relations', key);
    if (!entry?.on || entry.since !== order.since || entry.confirmed) continue;
    draft.put('relations', key, { ...entry, price: reference ?? entry.price, confirmed: true });
  }
}

function sameOrder(a: WatchOrder, b: WatchOrder): boolean {
  return (
    a.since === b.since &&
    a.relations.join() === b.relations.join() &&
    samePrice(a.reference ?? null, b.reference ?? null)
  );
}
