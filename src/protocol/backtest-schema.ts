/** What a backtest asks for, and what it answers. */
import * as z from 'zod';
import { REASONS } from '../engine/reasons.ts';
import { channelSchema, idSchema, jsonObjectSchema } from './common-schema.ts';
import { instantSchema } from './on-schema.ts';
import { fields } from './schema-kit.ts';

export const DEFAULT_SAMPLE = 200;
const MAX_SAMPLE = 10_000_000;

export const backtestSchema = fields({
  /** A draft that is nowhere stored; checked like one that is. */
  trigger: jsonObjectSchema.exactOptional(),
  /** A stored trigger: its draft, else the version in force. */
  triggerId: idSchema.exactOptional(),
  from: instantSchema,
  to: instantSchema,
  /** How many profiles in all; `all`: everybody. */
  sample: z.union([z.int().min(1).max(MAX_SAMPLE), z.literal('all')]).exactOptional(),
  /** Of the answer before: an answer covers as many profiles as one request may. */
  cursor: z.string().max(200).exactOptional(),
})
  .refine(({ trigger, triggerId }) => (trigger === undefined) !== (triggerId === undefined), {
    error: 'expected either `trigger` or `triggerId`',
    path: ['trigger'],
  })
  .refine(({ from, to }) => Date.parse(from) < Date.parse(to), {
    error: 'expected an instant after `from`',
    path: ['to'],
  });

const count = z.int().min(0);
const person = { userId: z.string().nullable(), anonymousId: z.string().nullable() };

/** What the parts of a backtest add up to is the whole: counts by adding, lists by joining. */
export const backtestAnswerSchema = fields({
  trigger: z.string(),
  version: count,
  from: z.string(),
  to: z.string(),
  profiles: fields({
    /** Whose lives were lived again. */
    replayed: count,
    /** Gone since, moved, or of more events than one answer takes. */
    skipped: count,
    /** Events that they consist of. */
    events: count,
  }),
  messages: fields({
    count,
    /** Profiles that would have got at least one. */
    people: count,
    /** Would have been sent, to the hold-out. */
    heldOut: count,
    perChannel: z.record(z.string(), count),
    /** By the channels' own prices, a currency each; channels without one are free. */
    cost: z.array(fields({ currency: z.string(), amount: z.number() })),
  }),
  /** How often the trigger answered what. */
  reasons: z.partialRecord(z.enum(REASONS), count),
  /** Who would have got what, and when. */
  items: z.array(
    fields({
      ...person,
      at: z.string(),
      channel: channelSchema,
      variant: z.string().nullable(),
      /** Name of the event that it would have come of; null where time set it off. */
      event: z.string().nullable(),
      content: jsonObjectSchema.nullable(),
    }),
  ),
  /** Messages of others that would not have been sent, or later. */
  displaced: z.array(
    fields({
      ...person,
      trigger: z.string(),
      at: z.string(),
      channel: channelSchema,
      laterAt: z.string().nullable(),
      wasSent: z.boolean(),
    }),
  ),
  /** What was really sent in the span, and what of it the replay without the trigger sends again. */
  fidelity: fields({ recorded: count, reproduced: count }),
  /** What a replay can't know, in sentences. */
  limits: z.array(z.string()),
  cursor: z.string().nullable(),
});
export type BacktestAnswer = z.infer<typeof backtestAnswerSchema>;
