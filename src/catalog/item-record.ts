/**
 * What the catalog keeps of an item, and what a write makes of it. A removed item stays as a record without `item`, so
 * that its version goes on counting: a notice's id is derived from the version, and no version may mean two things.
 */
import { priceOf } from '../engine/items/price.ts';
import type { ItemSnapshot, JsonObject } from '../engine/vocabulary.ts';
import type { ItemPatch, ItemStanding } from '../protocol/catalog-rpc.ts';
import { jsonBytes, MAX_ATTRIBUTES_BYTES } from '../protocol/item-limits.ts';
import { differing, type Previous, previousOf } from './coalesce.ts';
import { mergePatch, sameJson } from './merge-patch.ts';
import { type PriceSince, withPrice } from './price-history.ts';

export interface ItemRecord {
  v: 1;
  /** Null: only watched, or removed. */
  item: ItemSnapshot | null;
  version: number;
  changedAt: number;
  /** The newest `updatedAt` that a writer gave. */
  updatedAt: number | null;
  prices: PriceSince[];
  /** When it last came back in stock. */
  restockedAt?: number;
  /** When it last was news to those who follow its topics. */
  newsAt?: number;
  /** The last line of an import that has changed it. */
  lastImport?: { id: string; line: number };
  /** The watcher shards to tell of changes. */
  shards: string[];
  /** Which subscription of each shard is the newest: the word that ends an older one may arrive after it. */
  tickets?: Record<string, number>;
  lastTicket?: number;
}

export interface ItemWrite {
  itemId: string;
  patch: ItemPatch;
  updatedAt: number | null;
  /** Where the item has a price and no currency. */
  defaultCurrency: string | null;
  /** Part of a first load. */
  imported?: boolean;
  now: number;
}

export type WriteOutcome =
  | { kind: 'changed'; record: ItemRecord; previous: Previous }
  /** Equal content. `touched`: its newer `updatedAt` is to be kept, or an older write that comes later would win. */
  | { kind: 'unchanged'; record: ItemRecord; touched: boolean }
  | { kind: 'ignored' }
  | { kind: 'refused'; path: string; message: string };

export function emptyRecord(): ItemRecord {
  return { v: 1, item: null, version: 0, changedAt: 0, updatedAt: null, prices: [], shards: [] };
}

export function applyWrite(record: ItemRecord, write: ItemWrite): WriteOutcome {
  if (write.updatedAt !== null && record.updatedAt !== null && write.updatedAt < record.updatedAt) {
    return { kind: 'ignored' };
  }
  const updatedAt = write.updatedAt ?? record.updatedAt;
  const { item, differs } = patchItem(record.item, write);
  if (item.attributes !== undefined && jsonBytes(item.attributes) > MAX_ATTRIBUTES_BYTES) {
    const message = `together with what the item has, more than ${MAX_ATTRIBUTES_BYTES} bytes; remove some with null`;
    return { kind: 'refused', path: 'attributes', message };
  }
  if (!differs) {
    return { kind: 'unchanged', record: { ...record, updatedAt }, touched: updatedAt !== record.updatedAt };
  }
  const changed = next(record, item, write.now);
  return { kind: 'changed', previous: before(record, changed), record: { ...changed, updatedAt } };
}

/** Those of the fields that the item lacks; null where it lacks none, or there is no item. */
export function missingOf(item: ItemSnapshot | null, fields: ItemPatch): ItemPatch | null {
  if (item === null) return null;
  const missing = Object.entries(fields).filter(([name]) => item[name as keyof ItemPatch] === undefined);
  return missing.length === 0 ? null : (Object.fromEntries(missing) as ItemPatch);
}

/** The item is gone; null where there was none. */
export function applyRemoval(
  record: ItemRecord,
  now: number,
): { record: ItemRecord; previous: Previous } | null {
  if (record.item === null) return null;
  const removed = next(record, null, now);
  return { record: removed, previous: before(record, removed) };
}

export function standingOf(record: ItemRecord): ItemStanding {
  const { item, version, changedAt, prices, restockedAt } = record;
  return { item, version, changedAt, prices, ...(restockedAt !== undefined && { restockedAt }) };
}

function before(known: ItemRecord, changed: ItemRecord): Previous {
  return {
    ...previousOf(known.item),
    ...(known.item !== null && { at: known.changedAt }),
    ...differing(known.item, changed.item, changed.changedAt),
  };
}

function next(record: ItemRecord, item: ItemSnapshot | null, now: number): ItemRecord {
  // Each change has an instant of its own: what differs is told apart by it.
  const changedAt = record.version === 0 ? now : Math.max(record.changedAt + 1, now);
  const prices = withPrice(record.prices, item === null ? null : priceOf(item), changedAt);
  const isBack = record.item?.stock === 0 && (item?.stock ?? 0) > 0;
  const restocked = isBack && { restockedAt: changedAt };
  return { ...record, item, version: record.version + 1, changedAt, prices, ...restocked };
}

function patchItem(current: ItemSnapshot | null, write: ItemWrite): { item: ItemSnapshot; differs: boolean } {
  const fields: JsonObject = fieldsOf(current ?? { id: write.itemId });
  const patched = mergePatch(fields, write.patch).value;
  const needsCurrency = typeof patched.price === 'number' && patched.currency === undefined;
  const after = needsCurrency ? mergePatch(patched, { currency: write.defaultCurrency }).value : patched;
  return { item: { ...after, id: write.itemId }, differs: current === null || !sameJson(fields, after) };
}

function fieldsOf(item: ItemSnapshot): JsonObject {
  return item as ItemSnapshot & JsonObject;
}
