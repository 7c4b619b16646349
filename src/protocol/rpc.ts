/**
 * What the objects say to each other. Every method returns its outcome and never throws for an expected one: a
 * rejection across RPC breaks the stub. Callers may run an older or newer build: unknown fields are kept, unknown
 * kinds are answered with `unavailable`.
 */
import type { Preview } from '../engine/explain/preview.ts';
import type { UserNews } from '../engine/gates/suppression.ts';
import type { SpendRequest, SpendResult } from '../engine/limits/budget-ledger.ts';
import type { LeaseRequest, LeaseResult } from '../engine/limits/lease.ts';
import type { Minted, Turn } from '../engine/limits/mint.ts';
import type { Reason, RuledOut, TriggerTrace } from '../engine/reasons.ts';
import type { Replay } from '../engine/replay.ts';
import type { Address } from '../engine/send/addresses.ts';
import type { TestRefusal } from '../engine/send/test-message.ts';
import type { Channel, Trigger } from '../engine/trigger.ts';
import type {
  ConsentEntry,
  Event,
  InboxMessage,
  JsonObject,
  MessageInput,
  Price,
} from '../engine/vocabulary.ts';

/** Which profile, by its own id and by the object's name (`key`, an HMAC of the id: see `profile-key.ts`). */
export interface ProfileRef {
  kind: 'user' | 'anonymous';
  id: string;
  key: string;
}

export interface IngestRequest {
  /** Absent: 1. A profile that doesn't know the version answers `unavailable`. */
  v?: number;
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
  /** Sent on to a profile that was erased since: the sender's idea of where events go is out of date. */
  | { kind: 'stale' }
  | { kind: 'unavailable'; retryAfterSeconds: number };

export type NextResult =
  | { kind: 'done'; due: DueMessages }
  | { kind: 'moved'; to: ProfileRef }
  | { kind: 'unavailable'; retryAfterSeconds: number };

export type ClaimResult =
  /**
   * `to`: where it goes; an older build doesn't say. `replayOf`: it had been given up after so many attempts, and was
   * replayed. `consentedAt`: when the user agreed to advertising by its channel, where that is their last word.
   */
  | {
      kind: 'claimed';
      attempt: number;
      message: MessageInput;
      to?: Address[];
      replayOf?: number;
      consentedAt?: number;
      paid?: true;
    }
  /** Nothing to send: settled before, unknown, or cancelled by this very claim (`reason`). */
  | { kind: 'gone'; reason: Reason | 'settled' }
  /** Someone else's lease is running. */
  | { kind: 'leased'; untilAt: number }
  | { kind: 'moved'; to: ProfileRef };

/**
 * What became of a claimed message. `retry` gives the lease back; the message stays in the outbox. `mayBeSent`: the
 * provider may have taken it all the same.
 */
export type Settlement = UserNews &
  (
    | { kind: 'sent'; at: number }
    /** `attempts`: after how many, where D1 knew before this claim. */
    | { kind: 'failed'; reason: Reason; at: number; attempts?: number; paid?: true }
    /** Somebody has refused what comes to its address: it was not sent. An older build takes it for settled. */
    | { kind: 'refused'; reason: Reason; at: number }
    /** Its trigger's budget is used up. */
    | { kind: 'unpaid'; limit: 'perDay' | 'total'; at: number }
    /** `untried`: no attempt was made of it. */
    | { kind: 'retry'; afterMs: number; at: number; untried?: true; mayBeSent?: true; paid?: true }
  );

export interface FreezeRequest {
  /** The anonymous profile itself: it may never have been written. */
  profile: ProfileRef;
  mergeId: string;
  to: ProfileRef;
  /** The known profile was erased then: what had been frozen for it by then is erased with it. */
  erasedAt?: number;
  /** Only a merge that was begun is to go on; else `not_begun`. */
  begunOnly?: true;
}

export type FreezeResult =
  /** `handover` is the whole anonymous profile; null where it had never been written. */
  | { kind: 'frozen'; handover: Handover | null }
  /** It belongs to another user since before: nothing is handed over. */
  | { kind: 'taken' }
  | { kind: 'not_begun' }
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

/** `unknown`: never written, or erased. Nothing is made by asking. */
export type ConsentsResult =
  | { kind: 'known'; consents: ProfileView['consents'] }
  | { kind: 'unknown' }
  | { kind: 'moved'; to: ProfileRef };

export interface ExplainedEvent {
  event: { messageId: string; name: string; timestamp: number };
  triggers: TriggerTrace[];
  /** Where very many listened: what explains those that are not among `triggers`. */
  ruledOut?: RuledOut;
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
  consents(): Promise<ConsentsResult>;
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
  /** Takes a message back that was given up after so many attempts. Repeating it changes nothing. */
  replay(messageId: string, attempts: number): Promise<ReplayResult>;
}

export type ReplayResult = Replay | { kind: 'moved'; to: ProfileRef };

export interface RegistryRpc {
  add(profiles: { key: string; createdAt: number }[]): Promise<void>;
  /** The profile goes from the index. With `erasedAt` for good, and `erase` is called again until `settleErasure`. */
  remove(key: string, erasedAt: number | null): Promise<void>;
  settleErasure(key: string): Promise<void>;
  page(cursor: string | null, limit: number): Promise<{ keys: string[]; cursor: string | null }>;
}

export type SyncResult = { kind: 'done' } | { kind: 'unavailable'; retryAfterSeconds: number };

export interface SchedulerRpc {
  /** Triggers have changed at `changedAt`: it looks which broadcasts are live. Where it can't, it tries again by itself. */
  sync(changedAt: number): Promise<SyncResult>;
  /** From the consumer: whether the page has still to be told. Settled, or of a broadcast that was stopped, it hasn't. */
  owesPage(trigger: string, instantAt: number, page: number): Promise<boolean>;
  /** From the consumer: everyone on this page has heard of the broadcast. */
  settlePage(trigger: string, instantAt: number, page: number): Promise<void>;
  /** How far the back-fill of a segment has come; null where nothing keeps the segment. */
  fillProgress(segment: string): Promise<FillProgress | null>;
}

export interface FillProgress {
  /** Of the segment. */
  version: number;
  state: 'waiting' | 'walking' | 'done';
  /** 0–1, of the registry: who was told, or is on a page that is under way. */
  share: number;
  doneAt: number | null;
}

/** How a provider's endpoint is, for people. */
export interface EndpointHealth {
  state: 'closed' | 'half_open' | 'open';
  /** Why it is open: it fails, it refused the account, or it asked to wait. */
  cause: 'failing' | 'refused' | 'parked' | null;
  /** What the provider said last. */
  code: string | null;
  since: number | null;
  /** When a message will be let through to see. */
  probeAt: number | null;
}

/** One endpoint of one provider, or one of its tokens: an object each, so that none is on everybody's way. */
export interface LimiterRpc {
  lease(request: LeaseRequest): Promise<LeaseResult>;
  /** Money of a trigger's budget, for messages that are about to be sent. */
  spend(request: SpendRequest): Promise<SpendResult>;
  health(): Promise<EndpointHealth>;
  /** Whose turn it is to mint the token. */
  askToken(): Promise<Turn>;
  keepToken(token: Minted): Promise<void>;
  forgetToken(value: string): Promise<void>;
}
