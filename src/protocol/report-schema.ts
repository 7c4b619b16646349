/** What reports answer: of a trigger, of all messages, of people, and of a version in shadow. */
import * as z from 'zod';
import { REASONS } from '../engine/reasons.ts';
import { JOURNEY_STAGES, REACTIONS } from '../engine/reporting/report-facts.ts';
import { channelSchema } from './common-schema.ts';
import { fields } from './schema-kit.ts';

const count = z.int().min(0);
/** Null: of nothing. */
const rate = z.number().min(0).nullable();
const instant = z.iso.datetime();
const day = z.iso.date();

const reactionsSchema = z.record(z.enum(REACTIONS), count);
const STATUSES = [
  ...(['queued', 'held', 'cancelled', 'unknown', 'sent'] as const),
  ...(['failed', 'dead', 'delivered', 'shown', 'clicked'] as const),
] as const;

/** See `TriggerNumbers`: what each of them counts. */
const numbers = {
  statuses: z.record(z.enum(STATUSES), count),
  sent: count,
  offered: count,
  waiting: count,
  delivered: count,
  shown: count,
  clicked: count,
  dismissed: count,
  clickToOpen: rate,
  conversionRate: rate,
  openRate72h: rate,
  reactions: reactionsSchema,
  heldOutReactions: reactionsSchema,
  converted: count,
  value: z.number(),
  otherValues: z.record(z.string(), z.number()),
  heldOut: count,
  heldOutConverted: count,
  heldOutValue: z.number(),
};
const sections = z.record(z.string(), fields(numbers));

const messageReport = {
  from: instant,
  to: instant,
  ...numbers,
  currency: z.string(),
  entered: count,
  skipped: z.record(z.string(), count),
  perVariant: sections,
  perChannel: sections,
  perGoal: z.record(
    z.string(),
    fields({ converted: count, value: z.number(), heldOutConverted: count, heldOutValue: z.number() }),
  ),
};

const counted = { decisions: count, people: count };

const interval = z.tuple([z.number(), z.number()]);
const comparison = fields({
  verdict: z.enum(['not_enough_data', 'no_difference', 'higher', 'lower']),
  difference: z.number().nullable(),
  interval: interval.nullable(),
  lift: z.number().nullable(),
  liftInterval: interval.nullable(),
  pValue: z.number().nullable(),
});
const side = fields({ people: count, converted: count, value: z.number() });
const compared = { one: side, other: side, conversion: comparison, value: comparison.nullable() };
const incrementalValue = fields({ amount: z.number(), interval }).nullable();
const drawn = {
  arms: z.array(fields({ variant: z.string().nullable(), heldOut: z.boolean(), people: count })),
  sampleRatio: fields({ pValue: z.number().nullable(), isMismatch: z.boolean() }),
};

/** Of `triggers/:id/report`. */
export const triggerReportSchema = fields({
  trigger: z.string(),
  ...messageReport,
  /** Why people got it, and why not; see `DecisionReport`. */
  decisions: fields({
    /** Whether the workspace keeps them now: `exportDecisions` in its policy. */
    isKept: z.boolean(),
    /** From when on they are counted; null where none of the span is kept. */
    since: instant.nullable(),
    decided: fields(counted),
    fired: fields(counted),
    reasons: z.array(fields({ reason: z.enum(REASONS), ...counted })),
  }),
  /** Null where nothing is compared. */
  experiment: fields({
    ...drawn,
    againstHoldout: z.array(fields({ goal: z.string(), ...compared, incrementalValue })),
    variants: z.array(fields({ variant: z.string(), against: z.string(), goal: z.string(), ...compared })),
  }).nullable(),
  /** Null where the trigger has none and wasn't paused by one. */
  guardrail: fields({
    threshold: z.number().exactOptional(),
    sinceAt: instant.exactOptional(),
    messages: count.exactOptional(),
    reactions: count.exactOptional(),
    pausedAt: instant.exactOptional(),
    why: z.string().exactOptional(),
  }).nullable(),
});
export type TriggerReportAnswer = z.infer<typeof triggerReportSchema>;

/** Of `reports/messages`. */
export const messageReportSchema = fields({
  ...messageReport,
  perTrigger: sections,
  /** Null where the workspace has no hold-out. */
  holdout: fields({ ...drawn, ...compared, incrementalValue }).nullable(),
});
export type MessageReportAnswer = z.infer<typeof messageReportSchema>;

/** Of `reports/audience`. */
export const audienceReportSchema = fields({
  from: day,
  to: day,
  told: fields({ journey: z.boolean(), activity: z.boolean() }),
  days: z.array(fields({ day, active: count })),
  cohorts: z.array(fields({ week: day, people: count, activeAfter: z.array(count) })),
  isLastWeekOpen: z.boolean(),
  journey: z.array(fields({ stage: z.enum(JOURNEY_STAGES), reached: count, ofPrevious: count.nullable() })),
});
export type AudienceReportAnswer = z.infer<typeof audienceReportSchema>;

const made = { messages: count, people: count };
const only = fields({
  ...made,
  examples: z.array(
    fields({
      userId: z.string().nullable(),
      anonymousId: z.string().nullable(),
      channel: channelSchema,
      at: instant,
    }),
  ),
});

/** Of `triggers/:id/shadow-report`. */
export const shadowReportSchema = fields({
  trigger: z.string(),
  version: count,
  since: instant,
  live: fields(made),
  shadow: fields({ ...made, heldOut: count }),
  both: fields(made),
  onlyLive: only,
  onlyShadow: only,
});
