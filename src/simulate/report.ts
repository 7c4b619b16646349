import type { Reason } from '../engine/reasons.ts';
import type { Channel } from '../engine/trigger.ts';
import type { JsonObject } from '../engine/vocabulary.ts';
import type { DeliveryStatus } from '../store/delivery-status.ts';

/** What became of a scripted life. Instants are ISO 8601 in UTC. */
export interface SimulationReport {
  /** Where the life did not go as expected; empty: everything happened, and nothing else did. */
  failures: Failure[];
  /** In-app messages and cards as the answers carried them, each once, in the order in which they first came. */
  messages: ShownMessage[];
  /** Every message that was made, on any channel, with what became of it; in the order in which they were made. */
  deliveries: Delivery[];
  /** Why each trigger that listened answered as it did, in the order of events. */
  decisions: Decision[];
  /** Goals that were met, the held-out's too. */
  conversions: GoalMet[];
}

export interface Failure {
  /** Index in `life`. */
  step: number;
  at: string;
  note?: string;
  /** What was expected, and what came. */
  text: string;
}

/** Whose it is; an anonymous visitor's messages keep the anonymous id after a merge. */
export interface Person {
  userId: string | null;
  anonymousId: string | null;
}

export interface ShownMessage {
  /** Index in `life` of the step that was answered. */
  step: number;
  /** As `/v1/messages/next` has it. */
  message: JsonObject;
}

export interface Delivery extends Person {
  id: string;
  trigger: string;
  version: number;
  variant: string | null;
  channel: Channel;
  status: DeliveryStatus;
  reason: Reason;
  /** As rendered and labelled; null where it was never rendered, or taken back in the moment it was made. */
  content: JsonObject | null;
  createdAt: string;
  sentAt: string | null;
}

export interface GoalMet extends Person {
  at: string;
  trigger: string;
  version: number;
  variant: string | null;
  goal: string;
  heldOut: boolean;
  value: number | null;
}

export interface Decision extends Person {
  /** Index in `life` of the step that it came with, or was due before. */
  step: number;
  at: string;
  /** Its name; null where a timer, or a message's being sent, set it off. */
  event: string | null;
  trigger: string;
  version: number;
  reason: Reason;
  /** Where in the trigger the deciding condition stands. */
  path?: string;
  /** The values that decided. */
  values?: JsonObject;
  messageId?: string;
}
