/** Why a watcher's row is there: the relations, as bits, and since when it waits for the item's return. */
import type { ItemRelation } from '../engine/trigger.ts';
import type { WatchOrder } from '../engine/vocabulary.ts';

export interface Interest {
  relations: number;
  /** Of a watcher that asked to be told of the item's return; else 0. */
  since: number;
}

const BITS: Record<ItemRelation, number> = { liked: 1, in_cart: 2, viewed: 4, subscribed: 8 };
export const SUBSCRIBED = BITS.subscribed;
/** Of rows that were written before they said why they are there. */
export const ANY_INTEREST = BITS.liked | BITS.in_cart | BITS.subscribed;

export function bitsOf(relations: Iterable<string>): number {
  let bits = 0;
  for (const relation of relations) if (isKnown(relation)) bits |= BITS[relation];
  return bits;
}

export function interestOf({ relations, subscribedSince = 0 }: WatchOrder): Interest {
  return { relations: bitsOf(relations), since: subscribedSince };
}

function isKnown(relation: string): relation is ItemRelation {
  return Object.hasOwn(BITS, relation);
}
