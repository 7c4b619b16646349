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
import { firstPrice, highestSince } from '../catalog/price-history.ts';
import { type TopicsConcern, topicsConcerned } from '../catalog/topics-owed.ts';
import { planWatch } from '../catalog/watch-plan.ts';
import { concerned } from '../engine/items/item-news.ts';
import { comparePrices, isDrop, priceOf } from '../engine/items/price.ts';
import { concernedTypes } from '../engine/items/topic-news.ts';
import { topicTypeOf } from '../engine/items/topics.ts';
import type { ItemSample } from '../engine/recommend/item-sample.ts';
import type { Scored } from '../engine/recommend/top-list.ts';
import type { ListName } from '../engine/recommend/want.ts';
import type { ItemOn, TopicOn } from '../engine/trigger.ts';
import type { FollowOrder, ItemChange, ItemSnapshot, Price, WatchOrder } from '../engine/vocabulary.ts';
import type { WatchAnswer } from '../profiles/missed-news.ts';
import type { CatalogRpc, ItemPatch, ItemStanding, PutItemResult } from '../protocol/catalog-rpc.ts';
import { SimulatedTogether } from './simulated-together.ts';

interface Watcher {
  /** The price that it measures drops against. */
  reference: Price | null;
  order: WatchOrder;
}

/** An item's change on its way to one watcher, or to one follower of its topics. */
export interface Notice {
  kind: 'item' | 'topic';
  profileKey: string;
  change: ItemChange;
}

/** What live triggers want to hear of items and of topics. */
export interface Listeners {
  items: readonly ItemOn[];
  topics: readonly TopicOn[];
}

interface Watched {
  /** By profile key, in order of registration. */
  watchers: Map<string, Watcher>;
  /** The item's first price: the reference of all who began to watch before it. */
  adopted: Price | null;
}

export class SimulatedCatalog implements Omit<CatalogRpc, 'importItems' | 'fill'> {
  readonly #records = new Map<string, ItemRecord>();
  readonly #watched = new Map<string, Watched>();
  readonly #together = new SimulatedTogether();
  /** By topic, in order of registration. */
  readonly #followers = new Map<string, Set<string>>();
  readonly #now: () => number;
  readonly #listeners: Listeners;
  readonly #tell: (notice: Notice) => void;

  constructor(now: () => number, listeners: Listeners, tell: (notice: Notice) => void) {
    this.#now = now;
    this.#listeners = listeners;
    this.#tell = tell;
  }

  async put(
    itemId: string,
    patch: ItemPatch,
    updatedAt: number | null,
    defaultCurrency?: string,
    imported = false,
  ): Promise<PutItemResult> {
    const known = this.#record(itemId);
    const now = this.#now();
    const write = { itemId, patch, updatedAt, defaultCurrency: defaultCurrency ?? null, now };
    const outcome = applyWrite(known, write);
    if (outcome.kind === 'refused') return outcome;
    if (outcome.kind === 'ignored') return { kind: 'ignored', item: known.item, version: known.version };
    this.#records.set(itemId, outcome.record);
    if (outcome.kind === 'changed') {
      this.#changed(itemId, outcome.record, outcome.previous);
      this.#tellTopics(topicsConcerned(known, outcome.record, outcome.previous, imported), outcome.record);
    }
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
    this.#together.forget(itemId);
    return true;
  }

  note(samples: readonly ItemSample[]): void {
    this.#together.notePopular(samples, this.#now());
    for (const sample of samples) {
      if (this.#record(sample.itemId).item) this.#together.note(sample, this.#now());
    }
  }

  list(name: ListName): Scored[] {
    return this.#together.list(name, this.#now());
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
    const { reference, began } = planWatch(order, { prices: record.prices, adopted: watched.adopted });
    watched.watchers.set(profileKey, { reference, order });
    const { item, version, changedAt, restockedAt } = record;
    const restocked = restockedAt !== undefined && { restockedAt };
    const from = highestSince(record.prices, order.since);
    return {
      kind: 'watching',
      reference,
      began,
      adopted: watched.adopted,
      from,
      item,
      version,
      changedAt,
      ...restocked,
    };
  }

  follow(profileKey: string, { topic, on }: FollowOrder): void {
    const followers = this.#followers.get(topic) ?? new Set();
    if (on) followers.add(profileKey);
    else followers.delete(profileKey);
    this.#followers.set(topic, followers);
  }

  /** Everybody is told at once, and so nothing is ever taken back. */
  #tellTopics(concern: TopicsConcern | null, { item, version, changedAt }: ItemRecord): void {
    if (!concern?.isNews || !item) return;
    const { topics, isNew, ...previous } = concern.owed;
    const change: ItemChange = { item, version, changedAt, previous, ...(isNew && { isNew }) };
    const types = concernedTypes(this.#listeners.topics, change);
    const told = topics.filter((topic) => types.has(topicTypeOf(topic)));
    for (const topic of told) {
      for (const profileKey of this.#followers.get(topic) ?? []) {
        this.#tell({ kind: 'topic', profileKey, change });
      }
    }
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
    const relations = concerned(this.#listeners.items, change);
    const waiting = ({ order }: Watcher) => order.subscribedSince ?? Number.POSITIVE_INFINITY;
    const inTurn = [...watched.watchers].sort(([, a], [, b]) =>
      waiting(a) === waiting(b) ? 0 : waiting(a) < waiting(b) ? -1 : 1,
    );
    for (const [profileKey, { reference: own, order }] of relations.size > 0 ? inTurn : watched.watchers) {
      const reference = own ?? watched.adopted;
      const isCrossed = isCheaper && (comparePrices(reference, price) ?? 0) > 0;
      if (!isCrossed && !order.relations.some((relation) => relations.has(relation))) continue;
      this.#tell({ kind: 'item', profileKey, change: { ...change, ...(reference && { reference }) } });
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
