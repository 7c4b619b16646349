/** Why each trigger answered as it did, as it is kept with the event. */
import type { Json, JsonObject } from './vocabulary.ts';

/** Why a trigger did or didn't send: a closed list. */
export const REASONS = [
  'sent',
  'shown',
  'queued',
  'entered',
  'waiting',
  'not_matched',
  'not_in_audience',
  'held_out',
  'not_eligible',
  'already_running',
  'outranked',
  'frequency_capped',
  'surface_busy',
  'no_consent',
  'no_night_consent',
  'legal_hold',
  'quiet_hold',
  'quiet_drop',
  'no_channel',
  'suppressed',
  'budget',
  'expired',
  'exited',
  'recheck_failed',
  'render_error',
  'duplicate_event',
  'late_event',
  'paused',
  'shadow',
  'unknown_outcome',
  'provider_error',
] as const;
export type Reason = (typeof REASONS)[number];

/** A message was made. */
export const FIRED: readonly Reason[] = ['sent', 'shown', 'queued'];

/** Why one trigger answered one event as it did. Stored with the event. */
export interface TriggerTrace {
  id: string;
  version: number;
  reason: Reason;
  /** Where in the trigger document the deciding condition stands: `entry.if.all.1`. */
  path?: string;
  /** The values that decided. */
  values?: JsonObject;
  messageId?: string;
}

/**
 * What the index of a name's listeners found under one of its keys, and looked up. Kept with the event where triggers
 * were ruled out, so that each of them can be explained when somebody asks.
 */
export interface LookedUp {
  name: string;
  /** See `EqualityKey`. */
  by: string;
  values: Json[];
}

/** Where the index ruled triggers out. */
export interface RuledOut {
  /** Of the configuration that decided. */
  head: number;
  looked: LookedUp[];
  /** What all of them would have answered, whatever they found. */
  reason?: Extract<Reason, 'late_event' | 'paused'>;
}
