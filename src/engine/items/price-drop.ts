/**
 * When a change of an item's price is a drop for this user.
 *
 * It is measured against what the item cost when the user liked it or put it in the cart (where several relations
 * hold, the highest of those prices). The first price seen is no drop, a rise is none, and another currency never
 * matches. Once this trigger has notified a price for the item, only a lower one counts; a relation that has begun anew
 * after it had ended starts over.
 */

import type { Draft } from '../delta.ts';
import { relationKey } from '../fold/relations.ts';
import type { Failure } from '../language/conditions/check.ts';
import { logKey } from '../runs/trigger-log.ts';
import type { RelationEntry } from '../state.ts';
import { durationMs } from '../time/duration.ts';
import type { ItemOn } from '../trigger.ts';
import type { ItemChange, JsonObject, Price } from '../vocabulary.ts';
import { comparePrices, higherPrice, isDrop, priceOf, toUnits } from './price.ts';

/** The relations that a listener without `relation` counts. */
export const ANY_RELATION = ['liked', 'in_cart', 'viewed', 'subscribed'] as const;

export type DropVerdict = { kind: 'drop'; reference: Price } | { kind: 'none'; failure: Failure };

export interface DropContext {
  draft: Draft;
  now: number;
  trigger: string;
}

export function judgePriceDrop(
  on: ItemOn,
  change: ItemChange,
  path: string,
  context: DropContext,
): DropVerdict {
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
  return { kind: 'drop', reference };
}

function none(path: string, values: JsonObject): DropVerdict {
  return { kind: 'none', failure: { path, values } };
}

/** Whether the price fell with this change. A notice that answers a late registration has no previous to compare. */
function fellFrom(change: ItemChange, price: Price): boolean {
  return !change.previous || isDrop(priceOf(change.previous), price);
}

function relationsTo(itemId: string, on: ItemOn, { draft, now }: DropContext): RelationEntry[] {
  const afterAt = on.relationWithin ? now - durationMs(on.relationWithin) : Number.NEGATIVE_INFINITY;
  return (on.relation ?? ANY_RELATION).flatMap((relation) => {
    const entry = draft.get('relations', relationKey(relation, itemId));
    return entry?.on && entry.since > afterAt ? [entry] : [];
  });
}

function referenceOf(
  on: ItemOn,
  relations: RelationEntry[],
  change: ItemChange,
  price: Price,
  context: DropContext,
): Price | null {
  if (on.versus === 'lowest_notified') {
    const lowest = lowestNotified(change.item.id, relations, context);
    if (comparePrices(lowest, price) !== null) return lowest;
  }
  // The shard's row speaks where nothing else does: it stands at the highest of all that it ever stood at.
  return relations
    .map((relation) => relation.price ?? change.reference ?? null)
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

/** Where notices of one trigger for one item are remembered; a run's key is JSON and never begins with `@`. */
export function lowestKey(itemId: string): string {
  return `@${itemId}`;
}

function lowestNotified(
  itemId: string,
  relations: RelationEntry[],
  { draft, trigger }: DropContext,
): Price | null {
  const lowest = draft.get('log', logKey(trigger, lowestKey(itemId)))?.lowest;
  if (!lowest) return null;
  const began = Math.min(...relations.map(({ since }) => since));
  return began > lowest.at ? null : lowest.price;
}
