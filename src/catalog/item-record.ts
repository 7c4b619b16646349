/**
 * What the catalog keeps of an item, and what a write makes of it. A removed item stays as a record without `item`, so
 * that its version goes on counting: a notice's id is derived from the version, and no version may mean two things.
 */
import { priceOf } from '../engine/items/price.ts';
import type { ItemSnapshot, JsonObject } from '../engine/vocabulary.ts';
import { jsonBytes, MAX_ATTRIBUTES_BYTES } from '../protocol/item-limits.ts';
import type { ItemPatch, ItemStanding } from '../protocol/rpc.ts';
import { type Previous, previousOf } from './coalesce.ts';
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
  /** The watcher shards to tell of changes. */
  shards: string[];
}

export interface ItemWrite {
  itemId: string;
  patch: ItemPatch;
  updatedAt: number | null;
  /** Where the item has a price and no currency. */
  defaultCurrency: string | null;
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
  const { item, changed } = patchItem(record.item, write);
  if (item.attributes !== undefined && jsonBytes(item.attributes) > MAX_ATTRIBUTES_BYTES) {
    const message = `together with what the item has, more than ${MAX_ATTRIBUTES_BYTES} bytes; remove some with null`;
    return { kind: 'refused', path: 'attributes', message };
  }
  if (!changed) {
    return { kind: 'unchanged', record: { ...record, updatedAt }, touched: updatedAt !== record.updatedAt };
  }
  return {
    kind: 'changed',
    previous: previousOf(record.item),
    record: { ...next(record, item, write.now), updatedAt },
  };
}

/** The item is gone; null where there was none. */
export function applyRemoval(
  record: ItemRecord,
  now: number,
): { record: ItemRecord; previous: Previous } | null {
  if (record.item === null) return null;
  return { record: next(record, null, now), previous: previousOf(record.item) };
}

export function standingOf(record: ItemRecord): ItemStanding {
  const { item, version, changedAt, prices } = record;
  return { item, version, changedAt, prices };
}

function next(record: ItemRecord, item: ItemSnapshot | null, now: number): ItemRecord {
  const changedAt = Math.max(record.changedAt, now);
  const prices = withPrice(record.prices, item === null ? null : priceOf(item), changedAt);
  return { ...record, item, version: record.version + 1, changedAt, prices };
}

function patchItem(current: ItemSnapshot | null, write: ItemWrite): { item: ItemSnapshot; changed: boolean } {
  const before: JsonObject = fieldsOf(current ?? { id: write.itemId });
  const patched = mergePatch(before, write.patch).value;
  const needsCurrency = typeof patched.price === 'number' && patched.currency === undefined;
  const after = needsCurrency ? mergePatch(patched, { currency: write.defaultCurrency }).value : patched;
  return { item: { ...after, id: write.itemId }, changed: current === null || !sameJson(before, after) };
}

function fieldsOf(item: ItemSnapshot): JsonObject {
  return item as ItemSnapshot & JsonObject;
}
