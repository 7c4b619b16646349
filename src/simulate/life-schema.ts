/** A scripted life: what is called when, and what must and must not happen after every step. */
import * as z from 'zod';
import { fields } from '../protocol/schema-kit.ts';

const MAX_STEPS = 5_000;
const MAX_DOCUMENTS = 1_000;

const instant = z
  .string()
  .regex(
    /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/,
    'expected an instant in ISO 8601 with its zone, such as `2026-12-01T10:00:00+09:00`',
  )
  .refine((text) => !Number.isNaN(Date.parse(text)), 'expected a day that exists');

const text = z.string().min(1);
const texts = z.array(text);

/** What a message's content says. A list inside `contains`: any of them. */
const content = {
  contains: z.array(z.union([text, texts.min(1)])).exactOptional(),
  lacks: texts.exactOptional(),
  /** Texts that stand exactly once. */
  once: texts.exactOptional(),
  /** Field of the content → how it starts, or ends. */
  starts: z.record(z.string(), text).exactOptional(),
  ends: z.record(z.string(), text).exactOptional(),
};

const message = fields({
  trigger: text.exactOptional(),
  /** The very message that was kept under this name. */
  same: text.exactOptional(),
  channel: text.exactOptional(),
  surface: text.exactOptional(),
  layout: text.exactOptional(),
  variant: text.exactOptional(),
  ...content,
});

const person = { userId: text.exactOptional(), anonymousId: text.exactOptional() };

const delivery = fields({
  trigger: text.exactOptional(),
  ...person,
  channel: text.exactOptional(),
  variant: text.exactOptional(),
  /** To the second. */
  at: instant.exactOptional(),
  optional: z.boolean().exactOptional(),
  ...content,
});

const total = fields({
  trigger: text,
  ...person,
  count: z.int().min(0).exactOptional(),
  max: z.int().min(0).exactOptional(),
});

const decision = fields({ trigger: text, ...person, reason: z.union([text, texts.min(1)]) });

const conversion = fields({
  trigger: text,
  goal: text,
  ...person,
  value: z.number().nullable().exactOptional(),
  heldOut: z.boolean().exactOptional(),
});

const expectation = fields({
  /** HTTP status; any 2xx when absent. */
  status: z.int().exactOptional(),
  /** All messages in the answer, as a set. */
  messages: z.array(message).exactOptional(),
  /** All deliveries that left since the last step. */
  sent: z.array(delivery).exactOptional(),
  /** Deliveries that are allowed but not demanded. */
  may: z.array(delivery).exactOptional(),
  totals: z.array(total).exactOptional(),
  sameVariant: z.array(fields({ trigger: text, ...person })).exactOptional(),
  /** The people that were sent to since the last step, in this order: user ids. */
  order: texts.exactOptional(),
  decisions: z.array(decision).exactOptional(),
  /** All goals that were met since the last step; not asked when absent. */
  converted: z.array(conversion).exactOptional(),
  /** Path in the answer's body → what stands there. */
  body: z.record(z.string(), z.unknown()).exactOptional(),
  /** Name → the trigger whose message in this answer is kept under it. */
  keep: z.record(z.string(), text).exactOptional(),
});

const call = fields({
  method: z.enum(['GET', 'POST', 'PUT', 'DELETE']),
  path: z.string().regex(/^\/v1\//, 'expected a path under /v1'),
  body: z.unknown().optional(),
  auth: z.enum(['write', 'server']).exactOptional(),
});

const step = fields({
  at: instant,
  note: z.string().exactOptional(),
  realtime: z.boolean().exactOptional(),
  /** null: only time passes. */
  call: call.nullable().default(null),
  expect: expectation.exactOptional(),
});

const documents = z.array(z.record(z.string(), z.unknown())).max(MAX_DOCUMENTS).exactOptional();

export const simulationSchema = z
  .looseObject({
    documents: z.looseObject({
      policies: documents,
      lookups: documents,
      segments: documents,
      templates: documents,
      triggers: documents,
    }),
    life: z.array(step).max(MAX_STEPS, `may have at most ${MAX_STEPS} steps`),
    startAt: instant.exactOptional(),
  })
  .superRefine(({ life, startAt }, context) => {
    let before = startAt;
    life.forEach(({ at }, i) => {
      if (before !== undefined && Date.parse(at) < Date.parse(before)) {
        const message = `is before ${before}; time only passes`;
        context.addIssue({ code: 'custom', path: ['life', i, 'at'], message });
      }
      before = at;
    });
  });

export type LifeStep = z.infer<typeof step>;
/** As it is written: what may be left out is absent. */
export type LifeStepInput = z.input<typeof step>;
export type Expectation = z.infer<typeof expectation>;
export type Call = z.infer<typeof call>;
export type ContentExpectation = Pick<
  z.infer<typeof delivery>,
  'contains' | 'lacks' | 'once' | 'starts' | 'ends'
>;
export type MessageExpectation = z.infer<typeof message>;
export type ConversionExpectation = z.infer<typeof conversion>;
export type DeliveryExpectation = z.infer<typeof delivery>;
export type PersonExpectation = { userId?: string; anonymousId?: string };
