/**
 * A profile registers as a watcher of every item that it likes, has in the cart or asked to be told of, as soon as that
 * begins and before any trigger asks; of those that it viewed last only while a live trigger wants to hear of them, which
 * is looked at with each view. The order to the item's watcher shard leaves through the outbox:
 *
 *     ordered → answered
 *        └ things changed meanwhile (`followed`): the next order is made as they stand when this one is answered
 *
 * One at a time, for calls overtake each other: a removal that arrives after the registration that followed it would
 * leave the profile without a row, and it would never know. Where no answer comes, the same order is offered again: it
 * may have been carried out, and only its answer tells where the row stands. The call that was given up may arrive much
 * later still, so orders are numbered by their time, and the shard refuses one that a later one has overtaken
 * (`catalog/fence.ts`); so does the profile with its answer.
 */

import type { Config } from '../config.ts';
import type { Delta } from '../delta.ts';
import { isWatched, orderId, relationKey, splitRelationKey, WATCHED } from '../fold/relations.ts';
import { OFFER_AGAIN_MS, putOut, type Round, type RoundInput, startRound } from '../round.ts';
import type { RelationEntry } from '../state.ts';
import type { Relation } from '../trigger.ts';
import type { OutboxEntry, Price, WatchOrder } from '../vocabulary.ts';
import { comparePrices, higherPrice } from './price.ts';

export function putWatchOrders(round: Round, itemIds: Iterable<string>): void {
  for (const itemId of itemIds) {
    const pending = round.draft.get('outbox', orderId(itemId));
    if (pending?.kind !== 'watch') order(round, itemId, round.now);
    else round.draft.put('outbox', pending.id, { ...pending, followed: true });
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

function order(round: Round, itemId: string, orderedAt: number): void {
  const watch = { ...orderFor(round, itemId), orderedAt };
  putOut(round, { kind: 'watch', id: orderId(itemId), watch, retryAt: round.now + OFFER_AGAIN_MS });
}

function orderFor(round: Round, itemId: string): WatchOrder {
  const standing = standingRelations(round, itemId);
  const byBeginning = standing.map(([, entry]) => entry).sort((a, b) => b.since - a.since);
  // One after the other, each that began learns the catalog's price of its moment.
  const newest = byBeginning.find(({ confirmed }) => !confirmed) ?? byBeginning[0];
  const waiting = standing.find(([relation]) => relation === 'subscribed')?.[1];
  const registered = round.draft.get('watches', itemId)?.registered;
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

function standingRelations({ draft, config }: Round, itemId: string): [Relation, RelationEntry][] {
  return watchedRelations(config).flatMap((relation): [Relation, RelationEntry][] => {
    const entry = draft.get('relations', relationKey(relation, itemId));
    return entry?.on ? [[relation, entry]] : [];
  });
}

export interface SettleWatchInput extends RoundInput {
  /** The outbox entry's. */
  id: string;
  order: WatchOrder;
  /** What the row stands under. */
  reference: Price | null;
  /** The price at which the order's newest relation began. */
  began: Price | null;
  /** The item's first price: what relations measure against that began before it. */
  adopted?: Price | null;
}

/**
 * The shard has answered. The relations that began with this order learn the catalog's price of that moment; the row
 * stands under the higher of it and what it stood under before. `isLate`: it answers a call that was given up, and whose
 * order has been answered since. `begins`: a relation has begun with the order, or a merge has
 * brought one, so that what has happened since is news.
 */
export function settleWatch(input: SettleWatchInput): {
  delta: Delta;
  effects: OutboxEntry[];
  isLate: boolean;
  begins: boolean;
} {
  const round = startRound(input, null);
  const { draft } = round;
  const { id, order: answered } = input;
  const pending = draft.get('outbox', id);
  if (pending?.kind !== 'watch' || pending.watch.orderedAt !== answered.orderedAt) {
    return { delta: [], effects: [], isLate: true, begins: false };
  }
  draft.remove('outbox', id);
  let begins = false;
  if (answered.profile === undefined) {
    const isTooLow = standsTooLow(round, answered, input);
    begins = keep(round, answered, input);
    const isOpen = standingRelations(round, answered.itemId).some(([, { confirmed }]) => !confirmed);
    const orderedAt = Math.max(round.now, (answered.orderedAt ?? 0) + 1);
    if (pending.followed || isOpen || isTooLow) order(round, answered.itemId, orderedAt);
  }
  const isNew = begins || answered.reference !== undefined;
  return { delta: draft.delta(), effects: round.effects, isLate: false, begins: isNew };
}

/** A merge has brought a relation from before the item's first price, which is higher than what the row stands under. */
function standsTooLow(
  round: Round,
  { itemId }: WatchOrder,
  { reference, adopted = null }: Pick<SettleWatchInput, 'reference' | 'adopted'>,
): boolean {
  if ((comparePrices(adopted, reference) ?? 0) <= 0) return false;
  return standingRelations(round, itemId).some(([, { confirmed, price }]) => confirmed && price === null);
}

/**
 * Whether a relation has begun with the order, or one stands that had no row of its height: a merge has brought it, and its
 * own row went with the visitor. The order may be older than the merge and not name it.
 */
function keep(
  round: Round,
  order: WatchOrder,
  { reference, began, adopted }: Pick<SettleWatchInput, 'reference' | 'began' | 'adopted'>,
): boolean {
  const { draft } = round;
  if (order.relations.length === 0) {
    draft.remove('watches', order.itemId);
    return false;
  }
  draft.put('watches', order.itemId, { registered: higherPrice(order.registered ?? null, reference) });
  const standing = standingRelations(round, order.itemId);
  const isBeginning = (relation: Relation, { since, confirmed }: RelationEntry) =>
    !confirmed && order.relations.includes(relation) && since === order.since;
  for (const [relation, entry] of standing) {
    const key = relationKey(relation, order.itemId);
    if (isBeginning(relation, entry)) {
      draft.put('relations', key, { ...entry, price: began ?? entry.price, confirmed: true });
    } else if (entry.confirmed && entry.price === null && adopted) {
      // The row speaks for it no longer, where another relation has raised it.
      draft.put('relations', key, { ...entry, price: adopted });
    }
  }
  return standing.some(([relation, entry]) =>
    entry.confirmed ? hadNoRow(entry, order) : isBeginning(relation, entry),
  );
}

/** No row, or one that stood below where this relation began: it wasn't told of drops in between. */
function hadNoRow({ price }: RelationEntry, { registered }: WatchOrder): boolean {
  if (registered === undefined) return true;
  return price !== null && registered !== null && (comparePrices(price, registered) ?? 1) > 0;
}
