/**
 * The lines of `GET /v1/profiles/:userId/export`: one JSON object each, told apart by `type`. First `profile`, last
 * `end` with the number of lines before it; an export without it was cut off. `more` and `bookkeeping` carry what the
 * engine notes for itself: it is the user's, but its form may change.
 */
import * as z from 'zod';
import { JOURNEY_STAGES, REACTIONS } from '../engine/reporting/report-facts.ts';
import { CHANNELS, TOPIC_TYPES } from '../engine/trigger.ts';

const at = z.string();
// Not `z.json()`, which refers to itself by a name that the API description does not know.
const anyJson = z.unknown();
const anyObject = z.record(z.string(), anyJson);
const price = z.object({ amount: z.number(), currency: z.string() }).nullable();

/** Of a trigger's version. */
const by = { trigger: z.string(), version: z.number(), variant: z.string().nullable() };

export const exportLineSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('profile'),
    userId: z.string().nullable(),
    anonymousId: z.string().nullable(),
    firstId: z.string(),
    createdAt: at,
    firstSeenAt: at.nullable(),
    lastSeenAt: at.nullable(),
    more: anyObject,
  }),
  z.object({ type: z.literal('identity'), anonymousId: z.string(), outcome: z.enum(['merged', 'taken']) }),
  z.object({ type: z.literal('trait'), name: z.string(), value: anyJson, at }),
  z.object({
    type: z.literal('consent'),
    channel: z.string(),
    purpose: z.string(),
    granted: z.boolean(),
    at,
    source: z.string().nullable(),
    textVersion: z.string().nullable(),
    evidence: z.string().nullable(),
    /** Asked to be confirmed: it stands until then. */
    confirmedUntil: at.nullable(),
  }),
  z.object({
    type: z.literal('device'),
    id: z.string(),
    kind: z.string(),
    address: anyJson,
    platform: z.string().nullable(),
    locale: z.string().nullable(),
    timezone: z.string().nullable(),
    at,
    /** Its provider refused the address, which was forgotten. */
    refused: z.object({ code: z.string(), at }).optional(),
  }),
  z.object({
    type: z.literal('relation'),
    relation: z.string(),
    itemId: z.string(),
    active: z.boolean(),
    since: at,
    at,
    price,
    quantity: z.number().optional(),
  }),
  /** What is followed, or was. */
  z.object({
    type: z.literal('topic'),
    topic: z.enum(TOPIC_TYPES),
    value: z.string(),
    active: z.boolean(),
    since: at,
    at,
  }),
  z.object({ type: z.literal('segment'), id: z.string(), member: z.boolean(), since: at }),
  z.object({ type: z.literal('event_count'), event: z.string(), count: z.number(), firstAt: at, lastAt: at }),
  z.object({
    type: z.literal('run'),
    id: z.string(),
    trigger: z.string(),
    version: z.number(),
    key: z.string(),
    startedAt: at,
    variant: z.string().nullable(),
    step: z.number().nullable(),
    dueAt: at.nullable(),
    sends: z.number(),
    more: anyObject,
  }),
  z.object({
    type: z.literal('message'),
    id: z.string(),
    state: z.enum(['in_app', 'leaving', 'settled', 'undelivered']),
    ...by,
    channel: z.string(),
    createdAt: at,
    /** As rendered. */
    content: anyObject.optional(),
    /** What it is rendered from. */
    values: anyObject.optional(),
    more: anyObject,
  }),
  z.object({
    type: z.literal('event'),
    messageId: z.string(),
    name: z.string(),
    timestamp: at,
    properties: anyObject,
    context: anyObject,
    bySystem: z.boolean(),
    /** What each trigger that listened answered, and why. */
    decisions: z.array(anyObject),
  }),
  /** Nothing is sent on this channel any more: its address was refused for good. */
  z.object({ type: z.literal('suppression'), channel: z.string(), code: z.string(), at }),
  z.object({ type: z.literal('bookkeeping'), section: z.string(), key: z.string(), value: anyJson }),
  z.object({
    type: z.literal('delivery_report'),
    messageId: z.string(),
    kind: z.string(),
    provider: z.string(),
    code: z.string(),
    at,
  }),
  z.object({
    type: z.literal('delivery'),
    id: z.string(),
    ...by,
    channel: z.enum(CHANNELS),
    status: z.string(),
    reason: z.string(),
    attempts: z.number(),
    createdAt: at,
    sentAt: at.nullable(),
    /** As rendered, where the provider kept it. */
    content: anyObject.nullable(),
  }),
  z.object({
    type: z.literal('conversion'),
    ...by,
    goal: z.string(),
    heldOut: z.boolean(),
    value: z.number().nullable(),
    currency: z.string().nullable(),
    /** The channel of the message that converted, where that was told. */
    channel: z.string().nullable(),
    /** No other trigger's later message has the credit. */
    credited: z.boolean(),
    sentAt: at,
    convertedAt: at,
  }),
  z.object({ type: z.literal('holdout'), id: z.string(), ...by, channel: z.string(), heldOutAt: at }),
  /** It takes part in a comparison, on this side. */
  z.object({
    type: z.literal('exposure'),
    trigger: z.string(),
    experiment: z.string(),
    variant: z.string().nullable(),
    heldOut: z.boolean(),
    at,
  }),
  /** It left within a day after a message. */
  z.object({
    type: z.literal('reaction'),
    kind: z.enum(REACTIONS),
    trigger: z.string(),
    variant: z.string().nullable(),
    channel: z.string(),
    heldOut: z.boolean(),
    sentAt: at,
    at,
  }),
  z.object({ type: z.literal('active_day'), day: z.string() }),
  z.object({ type: z.literal('journey_stage'), stage: z.enum(JOURNEY_STAGES), at }),
  z.object({
    type: z.literal('shadow_send'),
    ...by,
    channel: z.string(),
    heldOut: z.boolean(),
    decidedAt: at,
  }),
  /** What the workspace's export of decisions tells of an event, by this profile's key. */
  z.object({
    type: z.literal('exported_decisions'),
    /** A hash of the event's id. */
    eventKey: z.string(),
    name: z.string(),
    at,
    answers: z.array(anyObject),
  }),
  z.object({ type: z.literal('segment_member'), segment: z.string(), member: z.boolean(), at }),
  z.object({
    type: z.literal('dead_letter'),
    id: z.string(),
    source: z.string(),
    messageId: z.string().nullable(),
    code: z.string(),
    attempts: z.number(),
    createdAt: at,
    body: anyJson,
  }),
  z.object({ type: z.literal('end'), lines: z.number() }),
]);

export type ExportLine = z.infer<typeof exportLineSchema>;

/** `DELETE /v1/profiles/:userId`: 200 where it is `erased`; 202 where the profile is gone and others are still told. */
export const erasureSchema = z.object({ status: z.enum(['erased', 'erasing']), erasedAt: at });
