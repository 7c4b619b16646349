/**
 * The catalog of a simulated world: records as the catalog's shards keep them, and watchers as a watcher shard would
 * answer and tell them, but in the order in which they began to watch.
 */
import {
  applyRemoval,
  applyWrite,
  emptyRecord,
  type ItemRecord,
  standingOf,
} from '../catalog/item-record.ts';
import { firstPrice } from '../catalog/price-history.ts';
import { planWatch } from '../catalog/watch-plan.ts';
import { comparePrices, isDrop, priceOf } from '../engine/items/price.ts';
import type { ItemChange, ItemSnapshot, Price, WatchOrder } from '../engine/vocabulary.ts';
import type { WatchAnswer } from '../profiles/missed-drop.ts';
import type { CatalogRpc, ItemPatch, ItemStanding, PutItemResult } from '../protocol/rpc.ts';

/** An item's change on its way to one watcher. */
export interface Notice {
  profileKey: string;
  change: ItemChange;
}

interface Watched {
  /** By profile key, in order of registration. */
  watchers: Map<string, Price | null>;
  /** The item's first price: the reference of all who began to watch before it. */
  adopted: Price | null;
}

export class SimulatedCatalog implements CatalogRpc {
  readonly #records = new Map<string, ItemRecord>();
  readonly #watched = new Map<string, Watched>();
  readonly #now: () => number;
  readonly #tell: (notice: Notice) => void;

  constructor(now: () => number, tell: (notice: Notice) => void) {
    this.#now = now;
    this.#tell = tell;
  }

  async put(
    itemId: string,
    patch: ItemPatch,
    updatedAt: number | null,
    defaultCurrency?: string,
  ): Promise<PutItemResult> {
    const known = this.#record(itemId);
    const now = this.#now();
    const write = { itemId, patch, updatedAt, defaultCurrency: defaultCurrency ?? null, now };
    const outcome = applyWrite(known, write);
    if (outcome.kind === 'refused') return outcome;
    if (outcome.kind === 'ignored') return { kind: 'ignored', item: known.item, version: known.version };
    this.#records.set(itemId, outcome.record);
    if (outcome.kind === 'changed') this.#changed(itemId, outcome.record, outcome.previous);
    const { item, version } = outcome.record;
    return { kind: 'done', item: item ?? { id: itemId }, version, changed: outcome.kind === 'changed' };
  }

  async read(itemId: string): Promise<{ item: ItemSnapshot; version: number } | null> {
    const { item, version } = this.#record(itemId);
    return item && { item, version };
  }

  async remove(itemId: string): Promise<boolean> {
    const removal = applyRemoval(this.#record(itemId), this.#now());
    if (!removal) return false;
    this.#records.set(itemId, removal.record);
    return true;
  }

  async subscribe(itemId: string): Promise<ItemStanding> {
    return standingOf(this.#record(itemId));
  }

  watch(profileKey: string, order: WatchOrder): WatchAnswer {
    const record = this.#record(order.itemId);
    const watched = this.#watchedOf(order.itemId, record);
    if (order.relations.length === 0) {
      watched.watchers.delete(profileKey);
      return { kind: 'removed' };
    }
    const { reference } = planWatch(order, { prices: record.prices, adopted: watched.adopted });
    watched.watchers.set(profileKey, reference);
    const { item, version, changedAt } = record;
    return { kind: 'watching', reference, item, version, changedAt };
  }

  /** Watchers hear of a price that fell below what they measure against; of nothing else, as in a watcher shard. */
  #changed(
    itemId: string,
    { item, version, changedAt, prices }: ItemRecord,
    previous: ItemChange['previous'],
  ) {
    const watched = this.#watched.get(itemId);
    if (!watched || !item) return;
    watched.adopted ??= firstPrice(prices);
    const price = priceOf(item);
    if (!isDrop(priceOf(previous ?? {}), price)) return;
    for (const [profileKey, own] of watched.watchers) {
      const reference = own ?? watched.adopted;
      if ((comparePrices(reference, price) ?? 0) <= 0) continue;
      const change = {
        item,
        version,
        changedAt,
        ...(previous && { previous }),
        ...(reference && { reference }),
      };
      this.#tell({ profileKey, change });
    }
  }

  #record(itemId: string): ItemRecord {
    return this.#records.get(itemId) ?? emptyRecord();
  }

  #watchedOf(itemId: string, { prices }: ItemRecord): Watched {
    const known = this.#watched.get(itemId) ?? { watchers: new Map(), adopted: firstPrice(prices) };
    this.#watched.set(itemId, known);
    return known;
  }
}
