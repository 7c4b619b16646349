/** Items as they were during a recorded life: today's snapshot with the prices that the catalog remembers. */
import { productsOf } from '../../engine/items/products.ts';
import type { ItemStanding } from '../../protocol/catalog-rpc.ts';
import type { RecordedEvent } from '../../protocol/profile-data-rpc.ts';
import type { SimulatedCatalog } from '../simulated-catalog.ts';

export type Standings = ReadonlyMap<string, ItemStanding>;

/** A write to the catalog, and when. */
export interface ItemWritten {
  at: number;
  write(catalog: SimulatedCatalog): Promise<unknown>;
}

/** Items that a life has to do with, the newest last. */
export function itemsOf(events: readonly RecordedEvent[], currency: string): Set<string> {
  const ids = new Set<string>();
  for (const event of events) {
    for (const { id } of productsOf(event, currency)) {
      ids.delete(id);
      ids.add(id);
    }
  }
  return ids;
}

/** In the order of time. Of the prices before `startAt` only the last: nobody saw the others. */
export function pricesOf(standings: Standings, startAt: number): ItemWritten[] {
  const writes = [...standings].flatMap(([id, { item, prices }]) => {
    if (!item) return [];
    const { id: _, price: __, currency: ___, ...rest } = item;
    const oldestFirst = prices.toReversed();
    const first = oldestFirst.findLastIndex(({ at }) => at <= startAt);
    const seen = first < 0 ? oldestFirst : oldestFirst.slice(first);
    // Without any price it was there all along, for all that anybody knows.
    const known = seen.length > 0 ? seen : [{ at: startAt, price: null }];
    return known.map(({ at, price }) => ({
      at,
      write: (catalog: SimulatedCatalog) =>
        catalog.put(id, { ...rest, price: price?.amount ?? null, currency: price?.currency ?? null }, null),
    }));
  });
  return writes.sort((a, b) => a.at - b.at);
}
