/** What the catalog's shards and an item's watchers say to others. See `rpc.ts`. */
import type { ItemListKind, ItemSample } from '../engine/recommend/item-sample.ts';
import type { Scored } from '../engine/recommend/top-list.ts';
import type { FollowOrder, ItemChange, ItemSnapshot, Price, WatchOrder } from '../engine/vocabulary.ts';
import type { ImportRequest, ImportResult } from './item-import.ts';
import type { SyncResult } from './rpc.ts';

export type PutItemResult =
  | { kind: 'done'; item: ItemSnapshot; version: number; changed: boolean }
  /** `updatedAt` is older than what is known. */
  | { kind: 'ignored'; item: ItemSnapshot | null; version: number }
  /** Together with what the item has, the patch breaks a limit. Nothing is changed. */
  | { kind: 'refused'; path: string; message: string }
  | { kind: 'unavailable'; retryAfterSeconds: number };

/** A merge patch: null removes a field. */
export type ItemPatch = { [K in keyof Omit<ItemSnapshot, 'id'>]?: ItemSnapshot[K] | null };

export interface CatalogRpc {
  /** `defaultCurrency` is taken where the item then has a price and no currency. */
  put(
    itemId: string,
    patch: ItemPatch,
    updatedAt: number | null,
    defaultCurrency?: string,
    /** Part of a first load: where this is the item's first write, it is new to nobody. */
    imported?: boolean,
  ): Promise<PutItemResult>;
  /** Lines of an import, of items that are all in this shard; one commit. Repeating it changes nothing. */
  importItems(request: ImportRequest): Promise<ImportResult>;
  /** Fields that the item lacks; where there is no such item, or it lacks none, nothing is written. Nobody is told. */
  fill(itemId: string, fields: ItemPatch): Promise<void>;
  read(itemId: string): Promise<{ item: ItemSnapshot; version: number } | null>;
  /** The item with the prices that it had. Changes nothing. */
  standing(itemId: string): Promise<ItemStanding>;
  remove(itemId: string): Promise<boolean>;
  /** A watcher shard was made: from now on it is told of the item's changes. Answers with what it has missed, and a ticket. */
  subscribe(itemId: string, shard: string): Promise<ItemStanding>;
  /**
   * The shard has no watchers left, or has been split: it is told of nothing any more. Repeating it changes nothing, nor does the
   * ticket of a subscription that another one has followed. Without a ticket it ends whatever there is.
   */
  unsubscribe(itemId: string, shard: string, ticket?: number): Promise<void>;
}

/** Which items go together. Samples are hints: what is lost stays lost, and an item that the shop doesn't have learns nothing. */
export interface TogetherRpc {
  noteTogether(sample: ItemSample): Promise<void>;
  /** Of a shard, what goes with one of its items; best first. */
  goingWith(itemId: string, list: ItemListKind): Promise<Scored[]>;
}

/** The one object that knows what is popular in all of the shop. */
export interface PopularRpc {
  notePopular(samples: ItemSample[]): Promise<void>;
  popular(): Promise<Scored[]>;
}

/** Where an item stands, with enough of its price history to answer "what did it cost when they liked it?". */
export interface ItemStanding {
  item: ItemSnapshot | null;
  version: number;
  changedAt: number;
  /** Newest first, at most 16: the price from `at` on; price null where there was none. */
  prices: { at: number; price: Price | null }[];
  /** When it last came back in stock. */
  restockedAt?: number;
  /** To who has subscribed: what names the subscription. */
  ticket?: number;
}

export type WatchResult =
  | {
      kind: 'watching';
      /** What the row stands under: the highest of the prices at which this watcher's relations began. */
      reference: Price | null;
      /** The catalog's price when the order's newest relation began, else the event's; null where neither is known. */
      began?: Price | null;
      /** The item's first price: what relations measure against that began before it. */
      adopted?: Price | null;
      /** The highest price since then, as far back as prices compare with the item's. */
      from?: Price | null;
      item: ItemSnapshot | null;
      version: number;
      changedAt: number;
      /** When the item last came back in stock. */
      restockedAt?: number;
    }
  | { kind: 'removed' }
  /** A later order has been carried out: this one comes too late. */
  | { kind: 'overtaken' }
  /** The item has been split: ask this shard instead. */
  | { kind: 'moved'; shard: string }
  | { kind: 'unavailable'; retryAfterSeconds: number };

export interface WatcherRpc {
  /** Registers, re-registers, or (no relations) removes. Repeating it changes nothing. */
  watch(profile: string, order: WatchOrder): Promise<WatchResult>;
  /**
   * From the catalog: the item changed. Returns once the change is durable here; the fan-out goes on by itself.
   * `prices` is the item's history, so that nothing is missing after changes that were told as one; `ticket` names the
   * subscription by which it is told.
   */
  itemChanged(change: ItemChange, prices: ItemStanding['prices'], ticket?: number): Promise<void>;
  /** From the consumer: whether the page has still to be told. Settled, or overtaken by a newer change, it hasn't. */
  owesPage(version: number, page: number): Promise<boolean>;
  /** From the consumer: everyone on this page has heard of it. */
  settlePage(version: number, page: number): Promise<void>;
  /** Of a topic's shard: registers a follower, or removes it. Repeating it changes nothing. */
  follow(profile: string, order: FollowOrder): Promise<FollowResult>;
  /**
   * From the catalog: an item of this topic is new or cheaper, or what was told of it no longer stands. Returns once it is
   * durable here; throws where the shard can't take it now.
   */
  topicNews(change: ItemChange): Promise<void>;
  /** From the consumer: everyone on this page of a topic's followers has heard of it. */
  settleTopicPage(walk: string, version: number, page: number): Promise<void>;
  /** Whether that page has still to be told. */
  owesTopicPage(walk: string, version: number, page: number): Promise<boolean>;
  /** The profile is being erased: its row goes, wherever it stands, and its place on pages that are still out. */
  forget(profile: string): Promise<ForgetResult>;
  /** From the shard that is being split: some of its rows. They wait until `begin`. Repeating it changes nothing. */
  adopt(rows: WatcherRow[]): Promise<void>;
  /** From the shard that has been split: these watchers are this shard's from here on. Repeating it changes nothing. */
  begin(handover: WatcherHandover): Promise<SyncResult>;
}

export type FollowResult =
  | { kind: 'done' }
  | { kind: 'moved'; shard: string }
  | { kind: 'unavailable'; retryAfterSeconds: number };

export type ForgetResult = { kind: 'forgotten' } | { kind: 'moved'; shard: string } | { kind: 'unavailable' };

export interface WatcherRow {
  currency: string;
  reference: number;
  profile: string;
  relations: number;
  since: number;
}

/** What a shard knows of its item, without what it is telling. */
export interface WatcherHandover extends ItemStanding {
  /** The item's first price: the reference of all who began to watch before it. */
  adopted: Price | null;
}
