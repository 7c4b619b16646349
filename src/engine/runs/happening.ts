/**
 * What one event, timer or settlement sets in motion, as `on` listens to it: the event itself, and what it derives
 * (session start first, then attributes, segments, messages). All of it competes in one round; derived happenings are not
 * history.
 */
import { HOUR_MS } from '../time/duration.ts';
import type { MessageOn, On } from '../trigger.ts';
import type { Event, Json, JsonObject } from '../vocabulary.ts';

export const SESSION_START = '$session_start';
export const ITEM_EVENT = '$item';
export const TOPIC_EVENT = '$topic';
const ATTRIBUTE = '$attribute';
const SEGMENT = '$segment';
const MESSAGE = '$message';
export const DATE = '$date';
export const INACTIVE = '$inactive';
/** Consents are to be confirmed: `renewals.ts`. */
export const CONSENT_RENEWAL = '$consent_renewal_due';
export const BROADCAST = '$broadcast';

export type Happening =
  /** `properties`: of one that is told without an event of its own. */
  | { kind: 'event'; name: string; properties?: JsonObject }
  | { kind: 'attribute'; path: string; from: Json[]; to: Json[] }
  | { kind: 'segment'; segment: string; change: 'entered' | 'left' }
  | { kind: 'message'; what: MessageOn['message']; trigger: string }
  /** A timer of one trigger's: of its date, of a silence, of its broadcast. */
  | { kind: 'timer'; name: string; trigger: string; properties?: JsonObject };

/** The name that triggers are indexed by. */
export function indexName(happening: Happening): string {
  switch (happening.kind) {
    case 'event':
    case 'timer':
      return happening.name;
    case 'attribute':
      return ATTRIBUTE;
    case 'segment':
      return SEGMENT;
    case 'message':
      return MESSAGE;
  }
}

/** The name that what it waits for is indexed by: an event's, or that of a kind of happening. */
export function indexNameOf(on: On): string {
  if ('event' in on && !('inactive' in on)) return on.event;
  if ('item' in on) return ITEM_EVENT;
  if ('topic' in on) return TOPIC_EVENT;
  if ('attribute' in on) return ATTRIBUTE;
  if ('date' in on) return DATE;
  if ('inactive' in on) return INACTIVE;
  if ('at' in on) return BROADCAST;
  return 'message' in on ? MESSAGE : SEGMENT;
}

/** An event later than this starts nothing; it still exits, cancels and counts. */
export const LATE_MS = HOUR_MS;

export function isLate({ timestamp }: Event, now: number): boolean {
  return now - timestamp > LATE_MS;
}
