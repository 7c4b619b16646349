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
import { concerned } from '../engine/items/item-news.ts';
import { comparePrices, isDrop, priceOf } from '../engine/items/price.ts';
import type { ItemOn } from '../engine/trigger.ts';
import type { ItemChange, ItemSnapshot, Price, WatchOrder } from '../engine/vocabulary.ts';
import type { WatchAnswer } from '../profiles/missed-news.ts';
import type { CatalogRpc, ItemPatch, ItemStanding, PutItemResult } from '../protocol/catalog-rpc.ts';

interface Watcher {
  /** The price that it measures drops against. */
  reference: Price | null;
  order: WatchOrder;
}

/** An item's change on its way to one watcher. */
export interface Notice {
  profileKey: string;
  change: ItemChange;
}

interface Watched {
  /** By profile key, in order of registration. */
  watchers: Map<string, Watcher>;
  /** The item's first price: the reference of all who began to watch before it. */
  adopted: Price | null;
}

export class SimulatedCatalog implements CatalogRpc {
  readonly #records = new Map<string, ItemRecord>();
  readonly #watched = new Map<string, Watched>();
  readonly #now: () => number;
  readonly #listeners: readonly ItemOn[];
  readonly #tell: (notice: Notice) => void;

  constructor(now: () => number, listeners: readonly ItemOn[], tell: (notice: Notice) => void) {
    this.#now = now;
    this.#listeners = listeners;
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

  async standing(itemId: string): Promise<ItemStanding> {
    return standingOf(this.#record(itemId));
  }

  subscribe(itemId: string): Promise<ItemStanding> {
    return this.standing(itemId);
  }

  /** Nobody keeps shards here. */
  async unsubscribe(): Promise<void> {}

  watch(profileKey: string, order: WatchOrder): WatchAnswer {
    const record = this.#record(order.itemId);
    const watched = this.#watchedOf(order.itemId, record);
    if (order.relations.length === 0) {
      watched.watchers.delete(profileKey);
      return { kind: 'removed' };
    }
    const { reference } = planWatch(order, { prices: record.prices, adopted: watched.adopted });
    watched.watchers.set(profileKey, { reference, order });
    const { item, version, changedAt, restockedAt } = record;
    const restocked = restockedAt !== undefined && { restockedAt };
    return { kind: 'watching', reference, item, version, changedAt, ...restocked };
  }

  /**
   * Watchers hear of a price that fell below what they measure against, and of what some trigger listens to; of nothing
   * else, as in a watcher shard, and who waits for the item's return hears of it first.
   */
  #changed(
    itemId: string,
    { item, version, changedAt, prices }: ItemRecord,
    previous: ItemChange['previous'],
  ) {
    const watched = this.#watched.get(itemId);
    if (!watched || !item) return;
    watched.adopted ??= firstPrice(prices);
    const price = priceOf(item);
    const isCheaper = isDrop(priceOf(previous ?? {}), price);
    const change = { item, version, changedAt, ...(previous && { previous }) };
    const relations = concerned(this.#listeners, change);
    const waiting = ({ order }: Watcher) => order.subscribedSince ?? Number.POSITIVE_INFINITY;
    const inTurn = [...watched.watchers].sort(([, a], [, b]) =>
      waiting(a) === waiting(b) ? 0 : waiting(a) < waiting(b) ? -1 : 1,
    );
    for (const [profileKey, { reference: own, order }] of relations.size > 0 ? inTurn : watched.watchers) {
      const reference = own ?? watched.adopted;
      const isCrossed = isCheaper && (comparePrices(reference, price) ?? 0) > 0;
      if (!isCrossed && !order.relations.some((relation) => relations.has(relation))) continue;
      this.#tell({ profileKey, change: { ...change, ...(reference && { reference }) } });
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
