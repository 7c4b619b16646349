/**
 * The lines of `/admin/api/export/*`, of the stream and of the daily files, and the ids that join them: `profile` is the same
 * in all; a delivery's `id` is the `messageId` of the decision that made it; a decision's `event` is an event's `messageId`,
 * and its `eventKey` that event's; a conversion's `sentAt` is its delivery's `createdAt`.
 */
import * as z from 'zod';
import { REASONS } from '../engine/reasons.ts';

const at = z.iso.datetime();
const anyObject = z.record(z.string(), z.unknown());
const by = { profile: z.string(), trigger: z.string(), version: z.number(), variant: z.string().nullable() };
const whose = { profile: z.string(), userId: z.string().nullable(), anonymousId: z.string().nullable() };

const deliverySchema = z.object({
  type: z.literal('delivery'),
  /** The message's. */
  id: z.string(),
  ...by,
  channel: z.string(),
  status: z.string(),
  reason: z.string(),
  attempts: z.number(),
  createdAt: at,
  sentAt: at.nullable(),
});

const conversionSchema = z.object({
  type: z.literal('conversion'),
  id: z.string(),
  ...by,
  goal: z.string(),
  heldOut: z.boolean(),
  value: z.number().nullable(),
  sentAt: at,
  convertedAt: at,
});

/** What one trigger answered to one event. */
const decided = {
  /** A hash of the event's id: the id itself is the client's own text. */
  eventKey: z.string(),
  name: z.string(),
  at,
  trigger: z.string(),
  version: z.number(),
  reason: z.enum(REASONS),
  /** The message that it made. */
  messageId: z.string().optional(),
};

/** As it is streamed and written each day: by keys alone, and without the values that decided. */
const storedDecisionSchema = z.object({
  type: z.literal('decision'),
  /** The same whenever this line is told. */
  id: z.string(),
  profile: z.string(),
  ...decided,
});

/** A line of the stream, and of the daily files. */
export const storedLineSchema = z.union([deliverySchema, conversionSchema, storedDecisionSchema]);
export type StoredLine = z.infer<typeof storedLineSchema>;

/** One call of the stream of exports. */
export const exportCallSchema = z.object({
  type: z.literal('reflex.export'),
  lines: z.array(storedLineSchema),
});

/** A line of what is asked for. */
export const workspaceLineSchema = z.union([
  deliverySchema,
  conversionSchema,
  z.object({
    type: z.literal('event'),
    ...whose,
    messageId: z.string(),
    /** See `decision`. */
    eventKey: z.string(),
    name: z.string(),
    timestamp: at,
    properties: anyObject,
    context: anyObject,
    origin: z.enum(['client', 'server', 'system']),
  }),
  z.object({
    type: z.literal('decision'),
    ...whose,
    /** The event's `messageId`; of a timer `$timer:…`. */
    event: z.string(),
    ...decided,
    path: z.string().optional(),
    values: anyObject.optional(),
  }),
  /** The last line: where the next request goes on; null where nothing is left. */
  z.object({ type: z.literal('end'), lines: z.number(), cursor: z.string().nullable() }),
]);
export type WorkspaceLine = z.infer<typeof workspaceLineSchema>;
