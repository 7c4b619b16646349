/** What a preview asks for: a trigger, a user, and what is to be imagined. */
import * as z from 'zod';
import { MAX_AMOUNT } from '../engine/items/price.ts';
import { channelSchema, currencySchema, idSchema, jsonObjectSchema } from './common-schema.ts';
import { itemIdSchema } from './item-schema.ts';
import { instantSchema } from './on-schema.ts';
import { fields } from './schema-kit.ts';
import { MAX_TRIGGER_BYTES } from './trigger-schema.ts';

export const MAX_PREVIEW_BYTES = MAX_TRIGGER_BYTES + 40_000;

const text = z.string().max(2000);
const standing = {
  price: z.number().min(0).max(MAX_AMOUNT).exactOptional(),
  currency: currencySchema.exactOptional(),
  stock: z.int().min(0).exactOptional(),
};

/** An item as it stands after a change; `previous` is what of it was different before. */
const changedItemSchema = fields({
  id: itemIdSchema,
  title: text.exactOptional(),
  url: text.exactOptional(),
  imageUrl: text.exactOptional(),
  category: text.exactOptional(),
  brand: text.exactOptional(),
  attributes: jsonObjectSchema.exactOptional(),
  ...standing,
  previous: fields(standing).exactOptional(),
});

/** A call as a client sends it (`type` is `track` unless given), or `item`: an item has changed. */
const previewEventSchema = z.looseObject({
  type: z.enum(['track', 'identify', 'page', 'screen', 'group']).exactOptional(),
  event: z.string().min(1).exactOptional(),
  name: z.string().min(1).exactOptional(),
  properties: jsonObjectSchema.exactOptional(),
  traits: jsonObjectSchema.exactOptional(),
  context: jsonObjectSchema.exactOptional(),
  timestamp: instantSchema.exactOptional(),
  item: changedItemSchema.exactOptional(),
});
export type PreviewEvent = z.infer<typeof previewEventSchema>;

/** `anon:` and an anonymous id is legal. */
const userSchema = z.string().min(1).max(520);

export const previewSchema = fields({
  /** A draft that is nowhere stored; checked like one that is. */
  trigger: jsonObjectSchema.exactOptional(),
  /** A stored trigger: its draft, else the version in force. */
  triggerId: idSchema.exactOptional(),
  userId: userSchema,
  event: previewEventSchema.exactOptional(),
  now: instantSchema.exactOptional(),
}).refine(({ trigger, triggerId }) => (trigger === undefined) !== (triggerId === undefined), {
  error: 'expected either `trigger` or `triggerId`',
  path: ['trigger'],
});

/** A test is filled from the event as if it had started a run; without one, from the least that the trigger listens to. */
export const testSchema = fields({
  userId: userSchema,
  channel: channelSchema.exactOptional(),
  event: previewEventSchema.exactOptional(),
});
