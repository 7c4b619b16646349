/** What only reports and exports are told of: see `note-reports.ts`, `reactions.ts`, `tell-decisions.ts` and `runs/experiment.ts`. */
import type { Reason } from '../reasons.ts';
import type { Channel } from '../trigger.ts';

/** A side of the workspace's hold-out, and the share that was drawn by. */
export interface WorkspaceSide {
  share: number;
  heldOut: boolean;
}

export const REACTIONS = ['opted_out', 'push_disabled', 'uninstalled'] as const;
/** What people do who have had enough. */
export type ReactionKind = (typeof REACTIONS)[number];

/** It came within a day after a message, the last one that it can be laid at the door of; see `reporting/reactions.ts`. */
export interface Reaction {
  kind: ReactionKind;
  trigger: string;
  variant: string | null;
  channel: Channel;
  /** The message was held out: what people do without it. */
  heldOut: boolean;
  sentAt: number;
}

/** A day on which the profile's own client was heard of. */
export interface Activity {
  /** Days since 1970-01-01 on the workspace's clock. */
  day: number;
  /** The first such day of its life. */
  firstDay: number;
}

export const JOURNEY_STAGES = [
  'entered',
  'browsed',
  'signed_up',
  'acted',
  'purchased',
  'returned',
  'repurchased',
] as const;
/** Stages of a customer's journey, in their order. */
export type JourneyStage = (typeof JOURNEY_STAGES)[number];

/** What triggers answered to one event, or to a time that had come. */
export interface Decided {
  /** See `eventKeyOf`. */
  eventKey: string;
  /** The event's, or the beginning of a very long one. */
  name: string;
  answers: Answer[];
}

export interface Answer {
  trigger: string;
  version: number;
  reason: Reason;
  /** The message that it made. */
  messageId?: string;
}
