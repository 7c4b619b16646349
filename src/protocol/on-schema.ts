import * as z from 'zod';
import { refusalText } from '../engine/checks/refusal.ts';
import { type On, TOPIC_TYPES } from '../engine/trigger.ts';
import {
  clockSchema,
  durationSchema,
  idSchema,
  offsetSchema,
  pathSchema,
  valueSchema,
} from './common-schema.ts';
import { conditionSchema, eventNameSchema } from './condition-schema.ts';
import { byKey, fields } from './schema-kit.ts';

export const instantSchema = z.iso.datetime({
  offset: true,
  error: refusalText({ code: 'bad_instant' }),
});

/** What may start a run, end it, answer a `waitFor` or meet a goal. */
export const onSchema: z.ZodType<On> = byKey<On>('listener (`on`)', () => ({
  item: fields({
    item: z.enum(['price_drop', 'back_in_stock', 'low_stock', 'changed']),
    relation: z
      .array(z.enum(['liked', 'in_cart', 'viewed', 'subscribed']))
      .min(1)
      .exactOptional(),
    relationWithin: durationSchema.exactOptional(),
    minDrop: fields({
      abs: z.number().min(0).exactOptional(),
      pct: z.number().min(0).max(100).exactOptional(),
    })
      .refine((drop) => Object.keys(drop).length > 0, 'expected `abs`, `pct` or both')
      .exactOptional(),
    versus: z.enum(['price_when_related', 'lowest_notified']).exactOptional(),
    lowStock: z.int().min(1).exactOptional(),
    path: pathSchema.exactOptional(),
    where: conditionSchema.exactOptional(),
  }),
  topic: fields({ topic: z.enum(TOPIC_TYPES), change: z.enum(['new_item', 'price_drop']) }),
  attribute: fields({
    attribute: pathSchema,
    from: z.union([z.literal('missing'), valueSchema]).exactOptional(),
    to: valueSchema.exactOptional(),
    by: z.enum(['any', 'increase', 'decrease']).exactOptional(),
  }),
  date: fields({
    date: pathSchema,
    every: z.enum(['year', 'month']).exactOptional(),
    offset: offsetSchema.exactOptional(),
    time: clockSchema.exactOptional(),
  }),
  at: fields({
    at: instantSchema,
    every: durationSchema.exactOptional(),
    segment: idSchema.exactOptional(),
  }),
  inactive: fields({
    inactive: durationSchema,
    event: eventNameSchema.exactOptional(),
    cycleFactor: z.number().positive().max(100).exactOptional(),
  }),
  segment: fields({ segment: idSchema, change: z.enum(['entered', 'left']) }),
  message: fields({
    message: z.enum(['sent', 'shown', 'clicked', 'dismissed', 'failed']),
    trigger: idSchema.exactOptional(),
  }),
  // After `inactive`, which may name an event too.
  event: fields({ event: eventNameSchema, where: conditionSchema.exactOptional() }),
}));
