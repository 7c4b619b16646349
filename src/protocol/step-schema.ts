import * as z from 'zod';
import { refusalText } from '../engine/checks/refusal.ts';
import { MAX_LIMIT } from '../engine/recommend/want.ts';
import { WEEKDAYS } from '../engine/time/zone-time.ts';
import {
  type Branch,
  RECOMMEND_FROM,
  type Recommend,
  type SendStep,
  type Step,
  type Value,
  type Wait,
} from '../engine/trigger.ts';
import {
  channelSchema,
  clockSchema,
  durationSchema,
  idSchema,
  offsetSchema,
  pathSchema,
  valueSchema,
} from './common-schema.ts';
import { conditionSchema } from './condition-schema.ts';
import { onSchema } from './on-schema.ts';
import { byKey, fields } from './schema-kit.ts';

const recommendSchema: z.ZodType<Recommend> = fields({
  from: z.enum(RECOMMEND_FROM),
  limit: z.int().min(1).max(MAX_LIMIT).exactOptional(),
});

const sendSchema: z.ZodType<SendStep> = fields({
  channels: z.array(channelSchema).min(1),
  mode: z.enum(['first_reachable', 'cheapest', 'all']).exactOptional(),
  surface: z.string().min(1).max(64).exactOptional(),
  template: idSchema,
  data: z.record(z.string().min(1).max(64), valueSchema).exactOptional(),
  recommend: recommendSchema.exactOptional(),
});

const branchSchema: z.ZodType<Branch> = fields({ if: conditionSchema.exactOptional(), goto: idSchema });

export const daysSchema = z.array(z.enum(WEEKDAYS)).min(1).max(7);

const waitSchema: z.ZodType<Wait> = z.union(
  [
    durationSchema,
    fields({ until: pathSchema, offset: offsetSchema.exactOptional() }),
    fields({ time: clockSchema, days: daysSchema.exactOptional() }),
  ],
  { error: refusalText({ code: 'bad_wait' }) },
);

export const stepSchema: z.ZodType<Step> = byKey<Step>(
  'step',
  () => ({
    send: fields({ id: idSchema, send: sendSchema }),
    wait: fields({ id: idSchema, wait: waitSchema }),
    waitFor: fields({
      id: idSchema,
      waitFor: onSchema,
      timeout: durationSchema,
      matchKey: z.boolean().exactOptional(),
      // biome-ignore lint/suspicious/noThenProperty: the contract's word; nothing awaits a schema.
      then: idSchema.exactOptional(),
      onTimeout: idSchema.exactOptional(),
    }),
    branch: fields({ id: idSchema, branch: z.array(branchSchema).min(1).max(20) }),
    split: fields({ id: idSchema, split: z.record(idSchema, idSchema) }),
    set: fields({
      id: idSchema,
      set: z.record(
        z.templateLiteral(['user.traits.', z.string().regex(/^[^.]{1,128}$/)]),
        valueSchema,
      ) as z.ZodType<Record<`user.traits.${string}`, Value>>,
    }),
    end: fields({ id: idSchema, end: z.literal(true) }),
  }),
  [],
);
