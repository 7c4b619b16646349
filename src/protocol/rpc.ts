/**
 * What the objects say to each other. Every method returns its outcome and never throws for an expected one: a
 * rejection across RPC breaks the stub. Callers may run an older or newer build: unknown fields are kept, unknown
 * kinds are answered with `unavailable`.
 */
import type { Preview } from '../engine/explain/preview.ts';
import type { Address } from '../engine/send/addresses.ts';
import type { TestRefusal } from '../engine/send/test-message.ts';
import type { Channel, Trigger } from '../engine/trigger.ts';
import type {
  ConsentEntry,
  Event,
  Fact,
  InboxMessage,
  ItemChange,
  ItemSnapshot,
  JsonObject,
  MessageInput,
  Price,
  Reason,
  TriggerTrace,
  WatchOrder,
} from '../engine/vocabulary.ts';

/** Which profile, by its own id and by the object's name (`key`, an HMAC of the id: see `profile-key.ts`). */
export interface ProfileRef {
  kind: 'user' | 'anonymous';
  id: string;
  key: string;
}

export interface IngestRequest {
  profile: ProfileRef;
  events: Event[];
  /** Anonymous profiles that these events show to be this user's. Only for `profile.kind: 'user'`. */
  links?: ProfileRef[];
  /** Answer with the in-app messages that are due after these events. */
  read?: MessageQuery;
  /** These events were sent under an anonymous id that has become this profile's. */
  forwarded?: true;
}

export interface MessageQuery {
  surface?: string;
  /** Of all messages. */
  limit?: number;
  /** Of in-app messages, which are one per surface at most. */
  inAppLimit?: number;
}

export interface DueMessages {
  cursor: string;
  messages: InboxMessage[];
  /** Seconds until the client should ask again. */
  next: number;
}

export type IngestResult =
  | { kind: 'done'; due?: DueMessages }
  /** The anonymous profile has become this one's; send the events there. Its userId goes along, for the caller alone. */
  | { kind: 'moved'; to: ProfileRef }
  | { kind: 'unavailable'; retryAfterSeconds: number };

export type NextResult =
  | { kind: 'done'; due: DueMessages }
  | { kind: 'moved'; to: ProfileRef }
  | { kind: 'unavailable'; retryAfterSeconds: number };

export type ClaimResult =
  /** `to`: where it goes; an older build doesn't say. */
  | { kind: 'claimed'; attempt: number; message: MessageInput; to?: Address[] }
  /** Nothing to send: settled before, unknown, or cancelled by this very claim (`reason`). */
  | { kind: 'gone'; reason: Reason | 'settled' }
  /** Someone else's lease is running. */
  | { kind: 'leased'; untilAt: number }
  | { kind: 'moved'; to: ProfileRef };

/** What became of a claimed message. `retry` gives the lease back; the message stays in the outbox. */
export type Settlement =
  | { kind: 'sent'; at: number }
  | { kind: 'failed'; reason: Reason; at: number }
  | { kind: 'retry'; afterMs: number; at: number };

export interface FreezeRequest {
  /** The anonymous profile itself: it may never have been written. */
  profile: ProfileRef;
  mergeId: string;
  to: ProfileRef;
}

export type FreezeResult =
  /** `handover` is the whole anonymous profile; null where it had never been written. */
  | { kind: 'frozen'; handover: Handover | null }
  /** It belongs to another user since before: nothing is handed over. */
  | { kind: 'taken' }
  | { kind: 'unavailable'; retryAfterSeconds: number };

/** An anonymous profile as it is handed over: its state as the engine serialises it, and its history, oldest first. */
export interface Handover {
  state: string;
  history: string[];
}

export interface ProfileView {
  userId: string | null;
  anonymousIds: string[];
  key: string;
  traits: JsonObject;
  firstSeenAt: number;
  lastSeenAt: number;
  sessions: { count: number; lastAt: number | null };
  consents: ({ channel: string; purpose: string } & ConsentEntry)[];
  relations: { relation: string; itemId: string; since: number; reference: Price | null }[];
  timeline: { messageId: string; name: string; timestamp: number; properties: JsonObject }[];
  inbox: InboxMessage[];
}

export interface ExplainedEvent {
  event: { messageId: string; name: string; timestamp: number };
  triggers: TriggerTrace[];
}

export interface PreviewRequest {
  /** It need not exist: then it is previewed as a new one, and isn't made. */
  profile: ProfileRef;
  trigger: { document: Trigger; version: number };
  /** Null: the least that the trigger listens to. */
  event: Event | null;
  now: number;
}

export type PreviewResult =
  | ({ kind: 'done' } & Preview)
  | { kind: 'moved'; to: ProfileRef }
  | { kind: 'unavailable'; retryAfterSeconds: number };

export interface ProfileRpc {
  ingest(request: IngestRequest): Promise<IngestResult>;
  next(query: MessageQuery): Promise<NextResult>;
  claim(messageId: string): Promise<ClaimResult>;
  settle(messageId: string, outcome: Settlement): Promise<void>;
  settleFacts(seqs: number[]): Promise<void>;
  freeze(request: FreezeRequest): Promise<FreezeResult>;
  /** The handover has been folded in: what was frozen can go. */
  releaseFrozen(mergeId: string): Promise<void>;
  describe(): Promise<ProfileView | null>;
  /** Newest first. */
  decisions(limit: number): Promise<ExplainedEvent[]>;
}

export interface TestRequest {
  profile: ProfileRef;
  trigger: { document: Trigger; version: number };
  channel: Channel | null;
  /** Null: the least that the trigger listens to. */
  event: Event | null;
  nonce: string;
}

export type TestResult =
  | { kind: 'put'; messageId: string; channel: Channel }
  | TestRefusal
  | { kind: 'moved'; to: ProfileRef };

/** What the admin API alone asks of a profile. */
export interface AdminProfileRpc extends ProfileRpc {
  /** What a trigger would answer; nothing is stored or sent. */
  preview(request: PreviewRequest): Promise<PreviewResult>;
  /** One real message to a user who is marked for tests, outside caps and numbers. */
  sendTest(request: TestRequest): Promise<TestResult>;
}

export type PutItemResult =
  | { kind: 'done'; item: ItemSnapshot; version: number; changed: boolean }
  /** `updatedAt` is older than what is known. */
  | { kind: 'ignored'; item: ItemSnapshot | null; version: number }
  /** Together with what the item has, the patch breaks a limit. Nothing is changed. */
  | { kind: 'refused'; path: string; message: string }
  | { kind: 'unavailable'; retryAfterSeconds: number };

/** A merge patch: null removes a field. */
export type ItemPatch = { [K in keyof Omit<ItemSnapshot, 'id'>]?: ItemSnapshot[K] | null };

export interface CatalogRpc {
  /** `defaultCurrency` is taken where the item then has a price and no currency. */
  put(
    itemId: string,
    patch: ItemPatch,
    updatedAt: number | null,
    defaultCurrency?: string,
  ): Promise<PutItemResult>;
  read(itemId: string): Promise<{ item: ItemSnapshot; version: number } | null>;
  remove(itemId: string): Promise<boolean>;
  /** A watcher shard was made: from now on it is told of the item's changes. Answers with what it has missed. */
  subscribe(itemId: string, shard: string): Promise<ItemStanding>;
}

/** Where an item stands, with enough of its price history to answer "what did it cost when they liked it?". */
export interface ItemStanding {
  item: ItemSnapshot | null;
  version: number;
  changedAt: number;
  /** Newest first, at most 16: the price from `at` on; price null where there was none. */
  prices: { at: number; price: Price | null }[];
}

export type WatchResult =
  | {
      kind: 'watching';
      /** The catalog's price when the relation began, else the event's; null where neither is known. */
      reference: Price | null;
      item: ItemSnapshot | null;
      version: number;
      changedAt: number;
    }
  | { kind: 'removed' }
  /** The item has been split: ask this shard instead. */
  | { kind: 'moved'; shard: string }
  | { kind: 'unavailable'; retryAfterSeconds: number };

export interface WatcherRpc {
  /** Registers, re-registers, or (no relations) removes. Repeating it changes nothing. */
  watch(profile: string, order: WatchOrder): Promise<WatchResult>;
  /**
   * From the catalog: the item changed. Returns once the change is durable here; the fan-out goes on by itself.
   * `prices` is the item's history, so that nothing is missing after changes that were told as one.
   */
  itemChanged(change: ItemChange, prices: ItemStanding['prices']): Promise<void>;
  /** From the consumer: everyone on this page has heard of it. */
  settlePage(version: number, page: number): Promise<void>;
}

export interface RegistryRpc {
  add(profiles: { key: string; createdAt: number }[]): Promise<void>;
  page(cursor: string | null, limit: number): Promise<{ keys: string[]; cursor: string | null }>;
}

export type SyncResult = { kind: 'done' } | { kind: 'unavailable'; retryAfterSeconds: number };

export interface SchedulerRpc {
  /** Triggers have changed at `changedAt`: it looks which broadcasts are live. Where it can't, it tries again by itself. */
  sync(changedAt: number): Promise<SyncResult>;
  /** From the consumer: everyone on this page has heard of the broadcast. */
  settlePage(trigger: string, instantAt: number, page: number): Promise<void>;
}

/** Queue `dispatch`: a hint that a profile has a message to send. The truth is the profile's outbox. */
export interface DispatchMessage {
  v: 1;
  kind: 'message';
  profile: string;
  messageId: string;
}

/** Queue `facts`: what D1 must learn; settled in the profile once D1 has it. */
export interface FactsMessage {
  v: 1;
  kind: 'facts';
  profile: string;
  facts: Fact[];
}

/** Queue `fanout`: pages of profiles that are to hear of something. */
export type FanoutMessage = WatcherPage | BroadcastPage;

/** One page of an item's watchers. Settled in the shard once every profile has it. */
export interface WatcherPage {
  v: 1;
  kind: 'page';
  shard: string;
  page: number;
  change: ItemChange;
  watchers: { profile: string; reference: Price | null }[];
}

/** One page of everybody. Settled in the scheduler once every profile has it. */
export interface BroadcastPage {
  v: 1;
  kind: 'broadcast';
  trigger: string;
  /** The instant of the broadcast. */
  instantAt: number;
  page: number;
  /** Keys. */
  profiles: string[];
}
