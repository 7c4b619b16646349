import * as z from 'zod';
import { refusalText } from '../engine/checks/refusal.ts';
import { parseTimeOfDayMs, WEEKDAYS } from '../engine/time/zone-time.ts';
import {
  CHANNELS,
  type Count,
  type Duration,
  type Scalar,
  type Value,
  type Window,
} from '../engine/trigger.ts';
import type { Json, JsonObject } from '../engine/vocabulary.ts';
import { byKey, fields, NOT_YET } from './schema-kit.ts';

/** Ids of documents, steps and lookup tables; they stand in URLs, in SQL and in messages. */
export const idSchema = z.string().regex(/^[a-z0-9_-]{1,64}$/, refusalText({ code: 'bad_id' }));

const DURATION = /^[1-9]\d{0,5}[smhdw]$/;
const DURATION_HINT = refusalText({ code: 'bad_duration' });

export const durationSchema: z.ZodType<Duration> = z
  .string({
    error: ({ input }) =>
      typeof input === 'object' && input !== null ? `this form ${NOT_YET}; ${DURATION_HINT}` : DURATION_HINT,
  })
  .regex(DURATION, DURATION_HINT)
  .transform((text) => text as Duration);

/** A time of day, with or without seconds. */
export const clockSchema = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/, refusalText({ code: 'bad_time' }));

/** A duration with an optional sign: `-1d` is a day before. */
export const offsetSchema = z
  .string()
  .regex(/^[+-]?[1-9]\d{0,5}[smhdw]$/, 'expected an offset such as `-1d` or `2h`');

/** `event.properties.price`: a root and at least one name. Which roots and names exist is `check-trigger.ts`'s. */
export const pathSchema = z
  .string()
  .max(256)
  .regex(/^[^.\s]+(\.[^.\s][^.]*)+$/, refusalText({ code: 'bad_path' }));

const scalarSchema: z.ZodType<Scalar> = z.union([z.string().max(1024), z.number(), z.boolean()], {
  error: 'expected text, a number, or true or false',
});

export const valueSchema: z.ZodType<Value> = z.union(
  [
    z.string().max(1024),
    z.number(),
    z.boolean(),
    z.array(scalarSchema).max(1000),
    z.strictObject({ ref: pathSchema }),
  ],
  { error: 'expected text, a number, true or false, a list of these, or {"ref": "event.properties.price"}' },
);

export const countSchema: z.ZodType<Count> = fields({
  eq: z.number().exactOptional(),
  gt: z.number().exactOptional(),
  gte: z.number().exactOptional(),
  lt: z.number().exactOptional(),
  lte: z.number().exactOptional(),
}).refine(
  (count) => Object.keys(count).length > 0,
  'expected at least one of `eq`, `gt`, `gte`, `lt`, `lte`',
);

/** Days, weeks (they begin on Monday) or months of a calendar: this one and `count` − 1 before it. */
export const calendarWindowSchema = fields({
  calendar: z.enum(['day', 'week', 'month']),
  count: z.int().min(1).max(366).exactOptional(),
  tz: z.enum(['user', 'workspace']).exactOptional(),
});

export const windowSchema: z.ZodType<Window> = byKey<Window>('window', () => ({
  last: fields({ last: durationSchema }),
  calendar: calendarWindowSchema,
  since: fields({ since: z.enum(['entry', 'session']) }),
}));

/** `21:00` or `21:00:30`, on some clock. */
export const timeOfDaySchema = z
  .string()
  .refine((text) => parseTimeOfDayMs(text) !== null, refusalText({ code: 'bad_time' }));

export const daysSchema = z.array(z.enum(WEEKDAYS)).min(1).max(7);

export const channelSchema = z.enum(CHANNELS);

export const localeSchema = z
  .string()
  .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, refusalText({ code: 'bad_locale' }));

/** The first key of an item's price policy and of money: ISO 4217. */
export const currencySchema = z.string().regex(/^[A-Z]{3}$/, refusalText({ code: 'bad_currency' }));

/** Anything that JSON can say: what is checked here has been parsed from it. */
export const jsonSchema: z.ZodType<Json> = z.custom<Json>(
  (value) => value !== undefined,
  'is missing; expected any JSON',
);

export const jsonObjectSchema: z.ZodType<JsonObject> = z.record(z.string(), jsonSchema);
