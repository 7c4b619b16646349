/** What the app's backend writes of an item: a merge patch, in which null removes a field. */
import * as z from 'zod';
import { didYouMean } from '../engine/checks/nearest-name.ts';
import { MAX_AMOUNT } from '../engine/items/price.ts';
import type { JsonObject } from '../engine/vocabulary.ts';
import type { ItemPatch } from './catalog-rpc.ts';
import { jsonObjectSchema } from './common-schema.ts';
import { jsonBytes, MAX_ATTRIBUTES_BYTES } from './item-limits.ts';
import { type Checked, checkDocument } from './schema-kit.ts';

const MAX_BATCH_ITEMS = 1000;
/** One item's write as JSON: every field at its longest, in any script. */
export const MAX_ITEM_BYTES = 65_536;
/** A writer whose clock is wrong must not lock an item against every later write. */
const MAX_AHEAD_MS = 24 * 60 * 60 * 1000;

const URL_HINT = 'expected an absolute URL, an app link such as `shop://item/1`, or a path such as `/item/1`';

/** Ids are the shop's own (`product_id` of its events): any text without control characters. */
export const itemIdSchema = z
  .string()
  .min(1)
  .max(200)
  .regex(/^\P{Cc}*$/u, 'control characters are not allowed');

const linkSchema = z.string().max(2000).refine(isLink, URL_HINT);

const attributesSchema: z.ZodType<JsonObject> = jsonObjectSchema.refine(
  (attributes) => jsonBytes(attributes) <= MAX_ATTRIBUTES_BYTES,
  `at most ${MAX_ATTRIBUTES_BYTES} bytes as JSON`,
);

const shape = {
  /** The item; in a single write the path names it, and the body may repeat it. */
  id: itemIdSchema.exactOptional(),
  title: z.string().max(500).nullable().exactOptional(),
  url: linkSchema.nullable().exactOptional(),
  imageUrl: linkSchema.nullable().exactOptional(),
  category: z.string().max(200).nullable().exactOptional(),
  brand: z.string().max(200).nullable().exactOptional(),
  /** In whole units of the currency: 19.99. Four decimals count. */
  price: z.number().min(0).max(MAX_AMOUNT).nullable().exactOptional(),
  /** ISO 4217; the workspace's where the item has a price and no currency. */
  currency: z
    .string()
    .regex(/^[A-Za-z]{3}$/, 'expected a currency code such as `KRW`')
    .transform((code) => code.toUpperCase())
    .nullable()
    .exactOptional(),
  stock: z.int().min(0).nullable().exactOptional(),
  /** Anything else of the shop's; merged field by field. */
  attributes: attributesSchema.nullable().exactOptional(),
  /** When the shop changed the item; a write older than the newest known is ignored. */
  updatedAt: z.iso
    .datetime({ offset: true, error: 'expected an ISO 8601 time such as `2026-09-30T09:00:00Z`' })
    .exactOptional(),
  /** Part of a first load: the item is not new to those who follow its category. */
  imported: z.boolean().exactOptional(),
};

export const itemWriteSchema = z.strictObject(shape, {
  error: (issue) =>
    issue.code === 'unrecognized_keys' && Array.isArray(issue.keys)
      ? issue.keys.map((key) => unknownField(String(key))).join('\n')
      : undefined,
});

/** `items` are checked one by one, so that a bad one is rejected alone. */
export const itemBatchSchema = z.strictObject({ items: z.array(z.unknown()).min(1).max(MAX_BATCH_ITEMS) });

export interface ItemWriteRequest {
  id: string | null;
  patch: ItemPatch;
  updatedAt: number | null;
  /** Part of a first load: new to nobody. */
  imported: boolean;
}

/** One item's write as it came from JSON, checked; the currency in capitals, the time in milliseconds. */
export function checkItemWrite(input: unknown, now: number): Checked<ItemWriteRequest> {
  const checked = checkDocument(itemWriteSchema, input);
  if (checked.kind === 'invalid') return checked;
  // `imported` says what the item is to followers of a category; the item itself doesn't keep it.
  const { id, updatedAt: written, imported = false, ...patch } = checked.document;
  const updatedAt = written === undefined ? null : Date.parse(written);
  if (updatedAt !== null && updatedAt > now + MAX_AHEAD_MS) {
    const message = 'lies more than 24 hours ahead; expected the time at which the shop changed the item';
    return { kind: 'invalid', issues: [{ path: 'updatedAt', message }] };
  }
  return { kind: 'valid', document: { id: id ?? null, patch, updatedAt, imported } };
}

function unknownField(name: string): string {
  return `isn't a field of an item (your own go into \`attributes\`)${didYouMean(name, Object.keys(shape))}`;
}

/** Links end up in messages: a scheme that runs code there is none. */
function isLink(text: string): boolean {
  if (/^\/(?!\/)\S*$/.test(text)) return true;
  try {
    return !['javascript:', 'data:', 'vbscript:'].includes(new URL(text).protocol);
  } catch {
    return false;
  }
}
