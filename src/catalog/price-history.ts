/** The prices an item had, newest first: enough to answer what it cost when somebody began to watch it. */
import { comparePrices, higherPrice, samePrice } from '../engine/items/price.ts';
import type { Price } from '../engine/vocabulary.ts';

/** The price from `at` on; null where the item had none. */
export interface PriceSince {
  at: number;
  price: Price | null;
}

const MAX_PRICES = 16;

/** The history with one more price; the same history where that is the price already. */
export function withPrice(history: PriceSince[], price: Price | null, at: number): PriceSince[] {
  if (samePrice(history[0]?.price ?? null, price)) return history;
  return [{ at, price }, ...history].slice(0, MAX_PRICES);
}

/**
 * What a watcher that began at `since` measures drops against: the catalog's price of that moment, else the price its
 * event named, else the catalog's last price before (the item had lost its price), else the first one after.
 */
export function referenceAt(history: PriceSince[], since: number, eventPrice: Price | null): Price | null {
  const before = history.filter((entry) => entry.at <= since);
  const inForce = before[0]?.price ?? eventPrice;
  if (inForce !== null) return inForce;
  const lastBefore = before.find((entry) => entry.price !== null);
  return lastBefore?.price ?? firstPrice(history.filter((entry) => entry.at > since));
}

/**
 * From how high the price of today came since then: the highest, as far back as prices compare. Null where today there is
 * none. The first price, and the first in a currency, came from nowhere: it is the highest itself.
 */
export function highestSince(history: PriceSince[], since: number): Price | null {
  let highest = history[0]?.price ?? null;
  for (const { at, price } of history) {
    if (comparePrices(price, highest) === null) break;
    highest = higherPrice(highest, price);
    if (at <= since) break;
  }
  return highest;
}

/** The oldest price that is known. */
export function firstPrice(history: PriceSince[]): Price | null {
  return history.findLast((entry) => entry.price !== null)?.price ?? null;
}
