/**
 * A trigger document as the engine of this version runs it. The parts of the language that it doesn't run yet are
 * named in the `later` lists and refused: a part that is accepted and ignored would send what its author excluded.
 * To widen the language, move a name from a `later` list into the fields beside it.
 */
import * as z from 'zod';
import type { Branch, Exit, Goal, On, Reeligibility, SendStep, Step, Trigger } from '../engine/trigger.ts';
import { channelSchema, durationSchema, idSchema, pathSchema, valueSchema } from './common-schema.ts';
import { conditionSchema, eventNameSchema } from './condition-schema.ts';
import { byKey, fields, NOT_YET } from './schema-kit.ts';

/** Of the document's JSON text. */
export const MAX_TRIGGER_BYTES = 64 * 1024;

const onSchema: z.ZodType<On> = byKey<On>(
  'listener (`on`)',
  () => ({
    event: fields({ event: eventNameSchema, where: conditionSchema.exactOptional() }),
    item: fields(
      {
        item: z.literal('price_drop', {
          error: (issue) =>
            ['back_in_stock', 'low_stock', 'changed'].includes(String(issue.input))
              ? `${NOT_YET}; expected \`price_drop\``
              : undefined,
        }),
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
        where: conditionSchema.exactOptional(),
      },
      ['lowStock', 'path'],
    ),
  }),
  ['topic', 'attribute', 'date', 'at', 'segment', 'inactive', 'message'],
);

const sendSchema: z.ZodType<SendStep> = fields(
  {
    channels: z.array(channelSchema).min(1),
    mode: z
      .enum(['first_reachable', 'all'], {
        error: (issue) =>
          issue.input === 'cheapest' ? `${NOT_YET}; expected \`first_reachable\` or \`all\`` : undefined,
      })
      .exactOptional(),
    surface: z.string().min(1).max(64).exactOptional(),
    template: idSchema,
    data: z.record(z.string().min(1).max(64), valueSchema).exactOptional(),
  },
  ['recommend'],
);

const branchSchema: z.ZodType<Branch> = fields({ if: conditionSchema.exactOptional(), goto: idSchema });

const stepSchema: z.ZodType<Step> = byKey<Step>(
  'step',
  () => ({
    send: fields({ id: idSchema, send: sendSchema }),
    wait: fields({ id: idSchema, wait: durationSchema }),
    branch: fields({ id: idSchema, branch: z.array(branchSchema).min(1).max(20) }),
    end: fields({ id: idSchema, end: z.literal(true) }),
  }),
  ['waitFor', 'split', 'set'],
);

const reeligibilitySchema: z.ZodType<Reeligibility> = fields({
  mode: z.enum(['never', 'always', 'cooldown']),
  after: z
    .union([durationSchema, z.literal('session')], {
      error: 'expected a duration such as `30m`, or `session`',
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

const goalSchema: z.ZodType<Goal> = fields({
  id: idSchema,
  on: onSchema,
  matchKey: z.boolean().exactOptional(),
  within: durationSchema,
  value: pathSchema.exactOptional(),
});

export const triggerSchema = fields(
  {
    id: idSchema,
    name: z.string().max(200).exactOptional(),
    tags: z.array(z.string().min(1).max(64)).max(20).exactOptional(),
    priority: z.int().min(0).max(100).exactOptional(),
    category: z.enum(['marketing', 'transactional']),
    transactionalReason: z.string().min(1).max(500).exactOptional(),
    entry: fields(
      {
        on: z.array(onSchema).min(1).max(20),
        if: conditionSchema.exactOptional(),
        key: z.array(pathSchema).min(1).max(5).exactOptional(),
        concurrency: z.enum(['ignore', 'restart']).exactOptional(),
        lookup: fields({
          table: idSchema,
          key: valueSchema,
          match: z.enum(['exact', 'normalized', 'contains']).exactOptional(),
        }).exactOptional(),
      },
      ['group'],
    ),
    // Nobody gets a default they didn't read: required.
    reeligibility: reeligibilitySchema,
    exit: z.array(exitSchema).max(20).exactOptional(),
    steps: z.array(stepSchema).min(1).max(100),
    delivery: fields(
      {
        expireAfter: durationSchema.exactOptional(),
        recheck: conditionSchema.exactOptional(),
        caps: z.enum(['apply', 'exempt']).exactOptional(),
        ifCapped: z
          .literal('drop', {
            error: (issue) => (issue.input === 'wait' ? `${NOT_YET}; expected \`drop\`` : undefined),
          })
          .exactOptional(),
      },
      ['quietHours', 'sendWindow', 'ifBusy'],
    ).exactOptional(),
    goals: z.array(goalSchema).max(10).exactOptional(),
  },
  ['schedule', 'experiment', 'budget'],
) satisfies z.ZodType<Trigger>;
