import * as z from 'zod';
import { type Condition, OPERATORS, RELATIONS, type SequenceItem } from '../engine/trigger.ts';
import {
  channelSchema,
  countSchema,
  daysSchema,
  durationSchema,
  idSchema,
  pathSchema,
  timeOfDaySchema,
  valueSchema,
  windowSchema,
} from './common-schema.ts';
import { byKey, fields } from './schema-kit.ts';

/** An event's name as the client sends it: `Product Viewed`, `$page`. */
export const eventNameSchema = z.string().min(1).max(200);

const EMPTY_ALL =
  'mustn\'t be empty; the widest legal condition says so in words: {"field":"user.id","op":"exists"}';

const conditionsSchema = z.lazy(() => z.array(conditionSchema).min(1, EMPTY_ALL).max(100));

/**
 * A condition. Every variant is named by its first field. `check-trigger.ts` says the rest: which paths exist, and
 * what an operator compares with.
 */
export const conditionSchema: z.ZodType<Condition> = byKey<Condition>('condition', () => ({
  all: fields({ all: conditionsSchema }),
  any: fields({ any: conditionsSchema }),
  not: fields({ not: conditionSchema }),
  field: fields({
    field: pathSchema,
    op: z.enum(OPERATORS),
    value: valueSchema.exactOptional(),
    orMissing: z.boolean().exactOptional(),
    match: z.enum(['exact', 'normalized']).exactOptional(),
  }),
  did: fields({
    did: eventNameSchema,
    where: conditionSchema.exactOptional(),
    count: countSchema.exactOptional(),
    window: windowSchema.exactOptional(),
    distinct: pathSchema.exactOptional(),
    sum: fields({ of: pathSchema, is: countSchema }).exactOptional(),
  }),
  didNot: fields({
    didNot: eventNameSchema,
    where: conditionSchema.exactOptional(),
    window: windowSchema.exactOptional(),
  }),
  occurrence: fields({ occurrence: z.enum(['first_ever', 'first_in_session']) }),
  received: fields({
    received: z.enum(['sent', 'shown', 'clicked', 'dismissed', 'held_out']),
    trigger: idSchema.exactOptional(),
    tag: z.string().min(1).max(64).exactOptional(),
    channel: channelSchema.exactOptional(),
    sameKey: z.literal(true).exactOptional(),
    count: countSchema.exactOptional(),
    window: windowSchema.exactOptional(),
  }),
  segment: fields({ segment: idSchema }),
  relation: fields({ relation: z.enum(RELATIONS) }),
  sequence: fields({
    sequence: z.array(sequenceItemSchema).min(1).max(20),
    within: durationSchema,
    same: pathSchema.exactOptional(),
  }),
  localTime: fields({
    localTime: z.tuple([timeOfDaySchema, timeOfDaySchema], {
      error: 'expected two times of day, such as ["09:00", "18:00"]',
    }),
    days: daysSchema.exactOptional(),
  }),
  near: fields({
    near: fields({
      lat: z.number().min(-90).max(90),
      lng: z.number().min(-180).max(180),
      meters: z.number().min(1).max(20_100_000),
    }),
    entered: z.boolean().exactOptional(),
  }),
}));

const sequenceItemSchema: z.ZodType<SequenceItem> = byKey<SequenceItem>('sequence item', () => ({
  did: fields({ did: eventNameSchema, where: conditionSchema.exactOptional() }),
  didNot: fields({ didNot: eventNameSchema, where: conditionSchema.exactOptional() }),
}));
