/**
 * Terminology. The same words stand in the code, the API, the SQL, the UI and the docs.
 *
 * - profile: what is known about one user, anonymous or known; owned by one Durable Object.
 * - event: something that happened to a profile; whatever reaches a profile is one (a click, a price drop, a consent).
 * - trigger: a marketer's document: which events start a run, for whom, and what is sent.
 * - run: one passage of a profile through a trigger's steps. Its key tells runs of one trigger apart.
 * - message: what a send step produced; lives in the inbox (in-app) or leaves through the outbox.
 * - outbox: what must leave the profile, committed with the decision and kept until it is settled.
 * - claim / settle: the dispatcher takes a message under a lease, and reports what became of it.
 * - fact: something D1 must learn of (a profile was created, a message was shown).
 * - watcher: a profile that wants to hear of an item's changes.
 *
 * Instants are milliseconds since 1970 and end in `At`; durations carry their unit.
 */
import type { Reason } from './reasons.ts';
import type { Activity, Decided, JourneyStage, Reaction, WorkspaceSide } from './reporting/report-facts.ts';
import type { Address } from './send/addresses.ts';
import type { Channel, Relation } from './trigger.ts';

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** A price as a shop writes it. Compared as an integer (× 10⁴) and only within one currency. */
export interface Price {
  amount: number;
  currency: string;
}

/** The catalog's record of an item, as events carry it. */
export interface ItemSnapshot {
  id: string;
  title?: string;
  url?: string;
  imageUrl?: string;
  category?: string;
  brand?: string;
  price?: number;
  currency?: string;
  stock?: number;
  attributes?: JsonObject;
}

/** An item as it was before a change, as far as anybody measures the change against it. */
export interface PreviousItem {
  price?: number;
  currency?: string;
  stock?: number;
  /** Since when it was so. */
  at?: number;
  /** The paths (`item.title`, `item.attributes.size`) under which the change made a difference, and when it did last. */
  differs?: { [path: string]: number };
}

/** A change of an item as one watcher hears of it. */
export interface ItemChange {
  item: ItemSnapshot;
  /** Grows by one with every change of the item. */
  version: number;
  /** The item before the change; absent where the notice answers a late registration. */
  previous?: PreviousItem;
  /** The item's first write, and no import. */
  isNew?: true;
  /** The notice answers a late registration, and since the relation began the item has come back in stock. */
  restocked?: true;
  changedAt: number;
  /** The price this watcher measures a drop against, where the watcher shard knows it. */
  reference?: Price;
}

/** Who vouches for an event: the app in the user's hands, the app's backend, or Reflex itself. */
export type Origin = 'client' | 'server' | 'system';

/**
 * A canonical event. Names that begin with `$` are the system's: `$page`, `$screen`, `$identify`, `$item` (an item
 * changed), `$topic` (the same, told to followers of
 * its topics), `$consent`, `$device`.
 */
export interface Event {
  messageId: string;
  name: string;
  /** The client's time corrected for its clock, never later than `receivedAt`. Orders history. */
  timestamp: number;
  receivedAt: number;
  /** The client's own, uncorrected time; where an old id is looked for. */
  originalAt: number;
  origin: Origin;
  properties: JsonObject;
  /** Traits to set on the profile; null removes one. */
  traits?: JsonObject;
  context: EventContext;
  /** The event as the client named it, where it was mapped onto the e-commerce spec. */
  original?: { name: string; properties: JsonObject };
  item?: ItemChange;
  /** From `/v1/import`: builds state and history and fires nothing. */
  imported?: true;
}

export interface EventContext {
  locale?: string;
  timezone?: string;
  page?: { path?: string; url?: string; title?: string; referrer?: string; search?: string };
  [key: string]: Json | undefined | EventContext['page'];
}

/** Consent for one channel and purpose; the newest entry by `at` wins, older ones are kept as the ledger. */
export interface ConsentEntry {
  granted: boolean;
  at: number;
  source?: string;
  textVersion?: string;
  /** What it rests on where nobody of ours took it down: the provider and its code, `twilio 21610`. */
  evidence?: string;
  /** The user has been asked to confirm it, and so it stands until then. */
  confirmedUntil?: number;
}

/** A message as the app shows it (`content` as rendered). */
export interface InboxMessage {
  id: string;
  trigger: string;
  version: number;
  variant: string | null;
  channel: 'in_app' | 'card';
  surface: string;
  layout: string;
  priority: number;
  createdAt: number;
  expiresAt: number;
  content: JsonObject;
  runId: string;
  /** The run's key, for the trigger's log. */
  key: string;
  /** When the app said that it was on screen; from then on it isn't handed out again. */
  shownAt?: number;
  /** When it was clicked first; a card stays after that. */
  clickedAt?: number;
  /** See `MessageInput`. */
  test?: true;
}

/** What the dispatcher needs to render and send; the same on every attempt. */
export interface MessageInput {
  messageId: string;
  trigger: string;
  version: number;
  variant: string | null;
  channel: Channel;
  category: 'marketing' | 'transactional';
  template: { id: string; version: number };
  locale: string;
  /** What the template sees: at most 8 KB. */
  values: JsonObject;
  /** For money and dates, as they were at the decision; absent: the workspace's of now. */
  format?: { currency: string; timeZone: string };
  createdAt: number;
  expiresAt: number;
  priority: number;
  /** Its links say that they are its own. Frozen like the values: a policy that changes changes no attempt's bytes. */
  tagLinks?: true;
  /** Sent to a marked test user by hand: of no run, and counted nowhere. */
  test?: true;
}

export type FactKind =
  | 'profile_created'
  | 'message_held'
  | 'message_queued'
  | 'message_shown'
  | 'message_clicked'
  | 'message_dismissed'
  | 'message_failed'
  | 'message_expired'
  | 'message_cancelled'
  | 'converted'
  | 'held_out'
  | 'segment_entered'
  | 'segment_left'
  | 'exposed'
  | 'reacted'
  | 'active'
  | 'reached_stage'
  | 'profile_merged'
  | 'decided'
  | 'shadow';

/** What D1 must learn; its key is (profile, `seq`), so that writing it twice is writing it once. */
export interface Fact {
  seq: number;
  kind: FactKind;
  at: number;
  message?: {
    id: string;
    trigger: string;
    version: number;
    variant: string | null;
    channel: Channel;
    reason: Reason;
    createdAt: number;
    test?: true;
  };
  conversion?: Conversion;
  segment?: SegmentMove;
  /** With a message that was decided or held out: its profile's first under this experiment. */
  exposure?: string;
  /** With one that was the profile's first marketing message, or ghost, under this share. */
  workspaceExposure?: WorkspaceSide;
  reaction?: Reaction;
  activity?: Activity;
  stage?: JourneyStage;
  decided?: Decided;
  /** The key of the anonymous profile that has become this one. */
  merged?: string;
  /** Its key before a merge brought it here: D1 may have it under that already. */
  first?: { profile: string; seq: number };
}

/** Which list gains or loses this profile. */
export interface SegmentMove {
  id: string;
  /** It is an anonymous profile that leaves, with this as its last word: it has become this one. */
  of?: { profile: string; seq: number };
}

/** A goal that was met within its time after a trigger's first message to this profile, sent or held out. */
export interface Conversion {
  trigger: string;
  version: number;
  variant: string | null;
  goal: string;
  heldOut: boolean;
  /** What the goal's `value` path says; null without one. */
  value: number | null;
  /** Of the value: what stands beside it under `currency`, else the workspace's. */
  currency?: string;
  sentAt: number;
  /** The message that converted; one of an older build doesn't say. */
  messageId?: string;
  channel?: Channel;
  /** See `experimentOf`; absent where nothing is compared. */
  experiment?: string;
  /** Of a marketing message while the workspace had a hold-out. */
  workspace?: WorkspaceSide;
  /** No other trigger sent a later message whose goal the event met too. Absent: an older build's, which is taken for yes. */
  credited?: boolean;
}

/** What must leave the profile. Kept until settled; offered again when `retryAt` has come. */
export type OutboxEntry = Offered &
  (
    | LeavingMessage
    | { kind: 'fact'; id: string; fact: Fact; retryAt: number }
    | { kind: 'watch'; id: string; watch: WatchOrder; retryAt: number; followed?: true }
    | { kind: 'follow'; id: string; follow: FollowOrder; retryAt: number }
    | { kind: 'merged'; id: string; from: string; mergeId: string; retryAt: number }
  );

interface Offered {
  /** How often it has been offered again. */
  offered?: number;
}

interface LeavingMessage {
  kind: 'message';
  id: string;
  runId: string;
  /** The run's key, for the trigger's log. */
  key: string;
  input: MessageInput;
  /** Where it goes, as it was at the first claim: every attempt calls with the same bytes. */
  to?: Address[];
  /** How often a provider was asked to take it. */
  attempts: number;
  /** Claimed by a dispatcher until then. */
  leaseUntil?: number;
  /** An attempt ended with an outcome that nobody knows: the provider may have it. */
  mayBeSent?: true;
  /** Its trigger's budget has paid for it, and it isn't paid for again. */
  paid?: true;
  retryAt: number;
  /** It had been given up after so many attempts, and was replayed. */
  replayOf?: number;
}

export type MessageEntry = Offered & LeavingMessage;

/** Register this profile as a follower of a topic, or remove it. */
export interface FollowOrder {
  /** Its key: `category:rings`. */
  topic: string;
  on: boolean;
  /** Tells orders apart: when the event happened that decided it. */
  at: number;
  /** Whose row, where it isn't this profile's own: an anonymous one that has been merged into it. */
  profile?: string;
}

/** Register, or with no relations left remove, this profile as a watcher of an item. */
export interface WatchOrder {
  itemId: string;
  /** Whose row, where it isn't this profile's own: an anonymous one that has been merged into it. */
  profile?: string;
  relations: Relation[];
  /** When it was given: of two orders for one row, the later one stands. Of a profile, each later than the one before. */
  orderedAt?: number;
  /** It was offered before, and nobody answered: that call may still arrive. */
  again?: true;
  /** When the newest of the relations began: the catalog's price of that moment is the reference. */
  since: number;
  /** Where it asked to be told of the item's return: since when it waits. */
  subscribedSince?: number;
  /** The price that the event itself named, where the catalog knows none. */
  eventPrice?: Price;
  /** The reference that the shard's row stands under now; tells it where its row is. */
  registered?: Price | null;
  /** What one of the relations is measured against, where it is more than that: a merge has brought it along. */
  reference?: Price;
}
