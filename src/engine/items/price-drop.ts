/**
 * When a change of an item's price is a drop for this user.
 *
 * It is measured against what the item cost when the user liked it or put it in the cart (where several relations
 * hold, the highest of those prices). The first price seen is no drop, a rise is none, and another currency never
 * matches. Once this trigger has notified a price for the item, only a lower one counts; a relation that has begun anew
 * after it had ended starts over.
 */

import { logKey } from '../runs/trigger-log.ts';
import type { RelationEntry } from '../state.ts';
import type { ItemOn } from '../trigger.ts';
import type { ItemChange, Price } from '../vocabulary.ts';
import { comparePrices, higherPrice, isDrop, priceOf, toUnits } from './price.ts';
import { itemLogKey, type NewsContext, type NewsVerdict, none, relationsTo } from './related.ts';

export function judgePriceDrop(
  on: ItemOn,
  change: ItemChange,
  path: string,
  context: NewsContext,
): NewsVerdict {
  const price = priceOf(change.item);
  if (!price) return none(`${path}.item`, { 'item.price': null });
  const fallen = fellFrom(change, price);
  if (!fallen) {
    return none(`${path}.item`, {
      'item.price': price.amount,
      previousPrice: change.previous?.price ?? null,
    });
  }
  const relations = relationsTo(change.item.id, on, context);
  if (relations.length === 0) return none(`${path}.relation`, { relation: false });
  const reference = referenceOf(on, relations, change, price, context);
  if (!reference) return none(`${path}.versus`, { reference: null });
  if (!dropsEnough(on, reference, price)) {
    return none(`${path}.minDrop`, { reference: reference.amount, 'item.price': price.amount });
  }
  const lowest = lowestNotified(change.item.id, relations, context);
  if (lowest && (comparePrices(price, lowest) ?? -1) >= 0) {
    return none(`${path}.versus`, { lowestNotified: lowest.amount, 'item.price': price.amount });
  }
  return { kind: 'news', reference };
}

/** Whether the price fell with this change. A notice that answers a late registration has no previous to compare. */
function fellFrom(change: ItemChange, price: Price): boolean {
  return !change.previous || isDrop(priceOf(change.previous), price);
}

function referenceOf(
  on: ItemOn,
  relations: RelationEntry[],
  change: ItemChange,
  price: Price,
  context: NewsContext,
): Price | null {
  if (on.versus === 'lowest_notified') {
    const lowest = lowestNotified(change.item.id, relations, context);
    if (comparePrices(lowest, price) !== null) return lowest;
  }
  // The shard's row speaks for relations that began before any price was known. One whose order hasn't been answered has
  // no row yet, and what stands there is another's.
  return relations
    .map(({ price: began, confirmed }) => began ?? (confirmed ? change.reference : null) ?? null)
    .filter((known) => comparePrices(known, price) !== null)
    .reduce(higherPrice, null);
}

function dropsEnough({ minDrop }: ItemOn, reference: Price, price: Price): boolean {
  const from = toUnits(reference.amount);
  const fallen = from - toUnits(price.amount);
  if (fallen <= 0) return false;
  if (minDrop?.abs !== undefined && fallen < toUnits(minDrop.abs)) return false;
  return minDrop?.pct === undefined || fallen * 100 >= minDrop.pct * from;
}

/** The lowest price that the trigger has told of the item since the oldest of these began. */
export function lowestNotified(
  itemId: string,
  relations: Pick<RelationEntry, 'since'>[],
  { draft, trigger }: NewsContext,
): Price | null {
  const lowest = draft.get('log', logKey(trigger, itemLogKey(itemId)))?.lowest;
  if (!lowest) return null;
  const began = Math.min(...relations.map(({ since }) => since));
  return began > lowest.at ? null : lowest.price;
}
