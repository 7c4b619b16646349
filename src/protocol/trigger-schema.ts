/**
 * A trigger document as the engine of this version runs it. The parts of the language that it doesn't run yet are
 * named in the `later` lists and refused: a part that is accepted and ignored would send what its author excluded.
 * To widen the language, move a name from a `later` list into the fields beside it.
 */
import * as z from 'zod';
import { refusalText } from '../engine/checks/refusal.ts';
import type { Exit, Goal, Reeligibility, SendWindow, Trigger } from '../engine/trigger.ts';
import {
  clockSchema,
  currencySchema,
  durationSchema,
  idSchema,
  offsetSchema,
  pathSchema,
  valueSchema,
} from './common-schema.ts';
import { conditionSchema } from './condition-schema.ts';
import { instantSchema, onSchema } from './on-schema.ts';
import { fields } from './schema-kit.ts';
import { daysSchema, stepSchema } from './step-schema.ts';

/** Of the document's JSON text. */
export const MAX_TRIGGER_BYTES = 64 * 1024;

/** Millionths of it are still whole numbers. */
const amountSchema = z.number().min(0).max(1_000_000_000);

const reeligibilitySchema: z.ZodType<Reeligibility> = fields({
  mode: z.enum(['never', 'always', 'cooldown']),
  after: z
    .union([durationSchema, z.literal('session')], {
      error: refusalText({ code: 'bad_duration_or_session' }),
    })
    .exactOptional(),
  counts: z.enum(['entry', 'sent', 'shown']).exactOptional(),
  per: z.enum(['user', 'key']).exactOptional(),
  max: z.int().min(1).exactOptional(),
});

const exitSchema: z.ZodType<Exit> = fields({
  on: onSchema.exactOptional(),
  if: conditionSchema.exactOptional(),
  matchKey: z.boolean().exactOptional(),
  reason: z.string().min(1).max(64).exactOptional(),
});

const sendWindowSchema: z.ZodType<SendWindow> = z.union(
  [
    z.literal('usual'),
    fields({
      from: clockSchema,
      to: clockSchema,
      days: daysSchema.exactOptional(),
      outside: z.enum(['hold', 'drop']).exactOptional(),
    }),
  ],
  { error: 'expected `usual` or `{ from: "09:00", to: "21:00", days?, outside? }`' },
);

const experimentSchema = fields({
  holdout: z.number().min(0).max(1).exactOptional(),
  salt: z.string().min(1).max(64).exactOptional(),
  variants: z
    .array(fields({ id: idSchema, weight: z.number().min(0).max(1_000_000) }))
    .min(1)
    .max(20)
    .exactOptional(),
});

const goalSchema: z.ZodType<Goal> = fields({
  id: idSchema,
  on: onSchema,
  matchKey: z.boolean().exactOptional(),
  within: durationSchema,
  value: pathSchema.exactOptional(),
});

export const triggerSchema = fields({
  id: idSchema,
  name: z.string().max(200).exactOptional(),
  tags: z.array(z.string().min(1).max(64)).max(20).exactOptional(),
  priority: z.int().min(0).max(100).exactOptional(),
  category: z.enum(['marketing', 'transactional']),
  transactionalReason: z.string().min(1).max(500).exactOptional(),
  schedule: fields({
    start: instantSchema.exactOptional(),
    end: instantSchema.exactOptional(),
  }).exactOptional(),
  entry: fields({
    on: z.array(onSchema).min(1).max(20),
    if: conditionSchema.exactOptional(),
    key: z.array(pathSchema).min(1).max(5).exactOptional(),
    concurrency: z.enum(['ignore', 'restart']).exactOptional(),
    lookup: fields({
      table: idSchema,
      key: valueSchema,
      match: z.enum(['exact', 'normalized', 'contains']).exactOptional(),
    }).exactOptional(),
    group: fields({ within: durationSchema, max: z.int().min(2).max(50) }).exactOptional(),
  }),
  // Nobody gets a default they didn't read: required.
  reeligibility: reeligibilitySchema,
  exit: z.array(exitSchema).max(20).exactOptional(),
  steps: z.array(stepSchema).min(1).max(100),
  delivery: fields({
    quietHours: fields({
      action: z.enum(['hold', 'drop', 'next_channel']),
      maxHold: durationSchema.exactOptional(),
    }).exactOptional(),
    sendWindow: sendWindowSchema.exactOptional(),
    expireAfter: z
      .union([durationSchema, fields({ until: pathSchema, offset: offsetSchema.exactOptional() })], {
        error: refusalText({ code: 'bad_expiry' }),
      })
      .exactOptional(),
    recheck: conditionSchema.exactOptional(),
    caps: z.enum(['apply', 'exempt']).exactOptional(),
    ifCapped: z.enum(['drop', 'wait']).exactOptional(),
    ifBusy: z.enum(['drop', 'queue']).exactOptional(),
  }).exactOptional(),
  experiment: experimentSchema.exactOptional(),
  goals: z.array(goalSchema).max(10).exactOptional(),
  budget: fields({
    currency: currencySchema.exactOptional(),
    perUserPerDay: amountSchema.exactOptional(),
    perDay: amountSchema.exactOptional(),
    total: amountSchema.exactOptional(),
  }).exactOptional(),
}) satisfies z.ZodType<Trigger>;
