/**
 * Where a watcher's row stands. Rows are keyed by the reference price, so that a drop reads only those it crosses, and
 * there is no index by profile: the profile itself remembers its reference (`WatchOrder.registered`).
 *
 * A watcher that began before the item had any price stands under UNKNOWN, which no drop reads as a price. The item's
 * first price becomes the reference of all of them at once (`Standing.adopted`), without moving a row.
 */
import { asPrice, fromUnits, higherPrice, samePrice, toUnits } from '../engine/items/price.ts';
import type { Price, WatchOrder } from '../engine/vocabulary.ts';
import { type PriceSince, referenceAt } from './price-history.ts';

/** The leading columns of a watcher's row: currency and price × 10⁴. */
export interface WatchPlace {
  currency: string;
  reference: number;
}

export const UNKNOWN: WatchPlace = { currency: '', reference: -1 };

export interface WatchPlan {
  /** What the profile measures drops against. */
  reference: Price | null;
  /** What it would measure against by the relation alone that has just begun. */
  began: Price | null;
  /** Places that all mean this reference; a row at any of them stays. A new row goes to the first. */
  places: [WatchPlace, ...WatchPlace[]];
  /** Places where an older row of this watcher may stand, to be removed. */
  stale: WatchPlace[];
}

interface ItemPrices {
  prices: PriceSince[];
  adopted: Price | null;
}

/**
 * The row of a watcher with at least one relation. Where it stands already, the higher of the two prices counts: of
 * several relations, the best price that one of them began at. In another currency, the new one.
 */
export function planWatch(order: WatchOrder, item: ItemPrices): WatchPlan {
  const eventPrice = order.eventPrice ? asPrice(order.eventPrice.amount, order.eventPrice.currency) : null;
  const began = referenceAt(item.prices, order.since, eventPrice);
  const held = order.registered === undefined ? null : (order.registered ?? item.adopted);
  const reference = higherPrice(order.reference ?? null, higherPrice(held, began));
  const places = placesOf(reference, item.adopted);
  const stale = registeredPlaces(order, item.adopted).filter(
    (place) => !places.some((kept) => isSame(kept, place)),
  );
  return { reference, began, places, stale };
}

/** Where the row of a watcher that has no relation left may stand. */
export function planRemoval(order: WatchOrder, item: ItemPrices): WatchPlace[] {
  if (order.registered !== undefined && order.since === 0) return registeredPlaces(order, item.adopted);
  // Registered, and nobody knows whether: it would have been told what this order's beginning tells.
  return [...registeredPlaces(order, item.adopted), ...planWatch(order, item).places, UNKNOWN];
}

export function priceAt(place: WatchPlace, adopted: Price | null): Price | null {
  if (place.currency === UNKNOWN.currency) return adopted;
  return { amount: fromUnits(place.reference), currency: place.currency };
}

function registeredPlaces(order: WatchOrder, adopted: Price | null): WatchPlace[] {
  // Also without an answer so far: the order may have been carried out before the item's first price was known.
  return order.registered === undefined || order.registered === null
    ? [UNKNOWN]
    : placesOf(order.registered, adopted);
}

function placesOf(reference: Price | null, adopted: Price | null): [WatchPlace, ...WatchPlace[]] {
  if (reference === null) return [UNKNOWN];
  const place = { currency: reference.currency, reference: toUnits(reference.amount) };
  return samePrice(reference, adopted) ? [place, UNKNOWN] : [place];
}

function isSame(a: WatchPlace, b: WatchPlace): boolean {
  return a.currency === b.currency && a.reference === b.reference;
}
