import { comparePrices, priceOf } from '../engine/items/price.ts';
import type { ItemSnapshot, Json, PreviousItem } from '../engine/vocabulary.ts';
import { sameJson } from './merge-patch.ts';

/** An item as it was before a change, as far as watchers care. */
export type Previous = PreviousItem;

/** Of one change; of many told as one, the paths beyond are told as their parent, `item.attributes`. */
const MAX_PATHS = 50;

/**
 * Two changes told as one. The later one's outcome stands, so what counts is from how high the price came: 80 → 100 →
 * 90 told as "80 → 90" would hide a drop. Where the two can't be compared (another currency, no price), the later
 * change's own is kept, as if it had been told alone. Of the stock, the oldest is kept, and since when it was so; of what
 * differs, all.
 */
export function coalesce(older: Previous, newer: Previous): Previous {
  const fromOlder = (comparePrices(priceOf(older), priceOf(newer)) ?? 0) > 0;
  const { price, currency } = fromOlder ? older : newer;
  return {
    ...(price === undefined ? {} : { price }),
    ...(currency === undefined ? {} : { currency }),
    ...(older.stock === undefined ? {} : { stock: older.stock }),
    ...(older.at === undefined ? {} : { at: older.at }),
    ...withDiffering({ ...older.differs, ...newer.differs }),
  };
}

/** The paths under which two states of an item differ. A first write and a removal are no change of anything. */
export function differing(
  before: ItemSnapshot | null,
  after: ItemSnapshot | null,
  at: number,
): Pick<Previous, 'differs'> {
  if (before === null || after === null) return {};
  const paths = pathsThatDiffer(before as object, after as object, 'item', 2);
  return withDiffering(Object.fromEntries(paths.map((path) => [path, at])));
}

function withDiffering(differs: { [path: string]: number }): Pick<Previous, 'differs'> {
  const all = Object.entries(differs);
  if (all.length === 0) return {};
  if (all.length <= MAX_PATHS) return { differs };
  const kept = all.filter(([path]) => !path.startsWith('item.attributes.'));
  return {
    differs: { ...Object.fromEntries(kept), 'item.attributes': Math.max(...all.map(([, at]) => at)) },
  };
}

function pathsThatDiffer(before: object, after: object, path: string, depth: number): string[] {
  const [from, to] = [new Map(Object.entries(before)), new Map(Object.entries(after))];
  return [...new Set([...from.keys(), ...to.keys()])].flatMap((name) => {
    const [a, b]: (Json | undefined)[] = [from.get(name), to.get(name)];
    if (sameJson(a, b)) return [];
    const inside = `${path}.${name}`;
    const isNested = depth > 1 && [a, b].every((value) => value === undefined || isObject(value));
    return isNested ? pathsThatDiffer(Object(a ?? {}), Object(b ?? {}), inside, depth - 1) : [inside];
  });
}

function isObject(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What of an item a later change is measured against. */
export function previousOf(item: Previous | null): Previous {
  return {
    ...(item?.price === undefined ? {} : { price: item.price }),
    ...(item?.currency === undefined ? {} : { currency: item.currency }),
    ...(item?.stock === undefined ? {} : { stock: item.stock }),
  };
}
