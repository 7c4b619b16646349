/** What a profile's owner asks of it: to be forgotten, and to be told everything. See `rpc.ts` for the manners. */
import type { TriggerTrace } from '../engine/reasons.ts';
import type { Device } from '../engine/state.ts';
import type { ConsentEntry, Json, JsonObject, Origin } from '../engine/vocabulary.ts';
import type { ProfileRef } from './rpc.ts';

export interface EraseRequest {
  /** The moment of the erasure: what happened up to then is never taken again. */
  at: number;
  /** The known profile that this anonymous one has become, and that is being erased: its part goes along. */
  of?: string;
  /** Keys of anonymous profiles that go along, whether or not the profile knows of them. */
  also?: string[];
  /** From the registry: this erasure was begun, and nobody has said that it is over. */
  resumed?: true;
}

export type EraseResult =
  /** Nothing is left of it anywhere. */
  | { kind: 'erased'; erasedAt: number }
  /** The profile is gone; what others hold of it goes under a durable promise. */
  | { kind: 'erasing'; erasedAt: number }
  /** There is nothing to erase. */
  | { kind: 'unknown' }
  | { kind: 'moved'; to: ProfileRef }
  | { kind: 'unavailable'; retryAfterSeconds: number };

/** What became of a profile that may be idle. `known` ones are never asked again. */
export type IdleResult = { kind: 'gone' } | { kind: 'known' } | { kind: 'seen'; seenAt: number };

/** A part of an export: lines of NDJSON, as objects; null on the last part. */
export type ExportPage =
  | { kind: 'page'; lines: JsonObject[]; cursor: string | null }
  | { kind: 'unknown' }
  | { kind: 'moved'; to: ProfileRef }
  | { kind: 'unavailable'; retryAfterSeconds: number };

/**
 * What a profile keeps of its life, for a replay: who it is, what is known of it now and since when, and its events in the
 * order in which it took them in. The first part has `who`, the last no cursor.
 */
export type RecordingPart =
  | { kind: 'part'; who: Recorded | null; events: RecordedEvent[]; cursor: number | null }
  | { kind: 'unknown' }
  | { kind: 'moved'; to: ProfileRef }
  | { kind: 'unavailable'; retryAfterSeconds: number };

export interface Recorded {
  profile: ProfileRef;
  firstId: string;
  createdAt: number;
  timezone: string | null;
  edgeTimezone: string | null;
  locale: string | null;
  traits: [name: string, value: Json, at: number][];
  /** `channel|purpose` and its ledger, newest first. */
  consents: [key: string, ledger: ConsentEntry[]][];
  devices: [id: string, device: Device][];
}

export interface RecordedEvent {
  messageId: string;
  name: string;
  timestamp: number;
  /** The profile's clock. */
  takenAt: number;
  origin: Origin;
  imported?: true;
  properties: JsonObject;
  context: JsonObject;
  /** What it, or the timer that it stands for, really sent. */
  sent: { trigger: string; messageId: string }[];
  /** What each trigger that was tried answered; only where everything was asked for. */
  trace?: TriggerTrace[];
}

export interface ProfileDataRpc {
  /** Changes nothing. Begin with null, go on with the cursor of the part before. */
  /** `isWhole`: with the system's own events, and with every answer of every trigger. */
  recording(cursor: number | null, isWhole?: boolean): Promise<RecordingPart>;
  erase(request: EraseRequest): Promise<EraseResult>;
  /** An anonymous profile that nobody has seen since `before` lets itself be deleted. */
  expireIdle(before: number): Promise<IdleResult>;
  /** Begin with null, go on with the cursor of the page before. */
  exportPage(cursor: string | null): Promise<ExportPage>;
}
