/** Runs as the state holds them: where each stands, what started it, and what it still hopes for. */

import type { Reason } from './reasons.ts';
import type { WorkspaceSide } from './reporting/report-facts.ts';
import type { Channel, ItemNews } from './trigger.ts';
import type { EventContext, ItemSnapshot, Json, JsonObject, Price } from './vocabulary.ts';

/** What started a run, as `entry.` paths see it. */
export interface RunEntry {
  event: {
    messageId: string;
    name: string;
    timestamp: number;
    properties: JsonObject;
    context: EventContext;
  };
  item: ItemSnapshot | null;
  /** What it was about the item that started the run, where that was it. */
  news?: ItemNews;
  referencePrice: Price | null;
  lookup: JsonObject | null;
}

export interface Run {
  id: string;
  trigger: string;
  version: number;
  /** JSON of the key's values; '' without a key. */
  key: string;
  keyValues: Json[];
  startedAt: number;
  entry: RunEntry;
  /** The experiment's arm; null without one. */
  variant: string | null;
  /** Entries that are collected into this run, the largest drop first; null where it doesn't collect. */
  group: GroupedItem[] | null;
  /**
   * Index of the step it stands at; −1 while it collects entries, null when the steps are through and only open messages
   * hold it.
   */
  step: number | null;
  /** When what it stands at ends by itself: a wait, a timeout, a hold, the collecting. */
  dueAt: number | null;
  /** Set while it stands at a send that may not go out yet. */
  held: Held | null;
  sends: number;
  /** Its messages that an exit would still cancel: in the outbox, or unseen in the inbox. */
  open: string[];
}

export interface GroupedItem extends ItemSnapshot {
  news?: ItemNews;
  /** When what is told of it happened. */
  changedAt?: number;
  referencePrice: number | null;
}

/** A send that was reached but may not go out yet. It uses no cap, budget or surface until it is released. */
export interface Held {
  reason: Reason;
  /** When the send step was reached: an authored expiry counts from here. */
  reachedAt: number;
  /** Since when it waits its turn on a surface: a default expiry counts from here; null where it stands still. */
  queuedAt: number | null;
  /** The messages announced as held, by channel. */
  messages: { [channel: string]: string };
}

export interface PendingGoal {
  trigger: string;
  version: number;
  variant: string | null;
  goal: string;
  runId: string;
  key: string;
  keyValues: Json[];
  heldOut: boolean;
  /** The message that opened it; one of an older build doesn't say. */
  messageId?: string;
  channel?: Channel;
  /** See `experimentOf`; absent where nothing is compared. */
  experiment?: string;
  workspace?: WorkspaceSide;
  /** What started the run, where the goal compares with it. */
  entry?: RunEntry;
  sentAt: number;
  until: number;
}
