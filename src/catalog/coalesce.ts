import { comparePrices, priceOf } from '../engine/items/price.ts';
import type { ItemChange } from '../engine/vocabulary.ts';

/** An item as it was before a change, as far as watchers care. */
export type Previous = NonNullable<ItemChange['previous']>;

/**
 * Two changes told as one. The later one's outcome stands, so what counts is from how high the price came: 80 → 100 →
 * 90 told as "80 → 90" would hide a drop. Where the two can't be compared (another currency, no price), the later
 * change's own is kept, as if it had been told alone. Of the stock, the oldest is kept.
 */
export function coalesce(older: Previous, newer: Previous): Previous {
  const fromOlder = (comparePrices(priceOf(older), priceOf(newer)) ?? 0) > 0;
  const { price, currency } = fromOlder ? older : newer;
  return {
    ...(price === undefined ? {} : { price }),
    ...(currency === undefined ? {} : { currency }),
    ...(older.stock === undefined ? {} : { stock: older.stock }),
  };
}

/** What of an item a later change is measured against. */
export function previousOf(item: Previous | null): Previous {
  return {
    ...(item?.price === undefined ? {} : { price: item.price }),
    ...(item?.currency === undefined ? {} : { currency: item.currency }),
    ...(item?.stock === undefined ? {} : { stock: item.stock }),
  };
}
