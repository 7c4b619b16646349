import type { Config } from './config.ts';
import type { Draft } from './delta.ts';
import type { RunEntry } from './run-state.ts';
import type { ItemSnapshot, JsonObject } from './vocabulary.ts';

/** An event as conditions see it: what history keeps of one. */
export interface TestedEvent {
  messageId: string;
  name: string;
  timestamp: number;
  /** At most 2 KB. */
  properties: JsonObject;
  /** Of a kept event: the page's path and url only. */
  context: JsonObject;
}

/**
 * Synchronous, read-only view of the events before the one being decided: SQLite in the object, an array in tests.
 */
export interface History {
  /** Whether an event of this id was taken in before. `originalAt` tells where to look for an old one. */
  has(messageId: string, originalAt: number): boolean;
  /** Events of this name with a timestamp after `afterAt`, newest first, at most `limit`. */
  recent(name: string, afterAt: number, limit: number): TestedEvent[];
  /** Timestamps of the user's own events of any name after `afterAt`, at most `limit` of the newest. */
  ownInstants(afterAt: number, limit: number): number[];
}

/** Everything that a condition may look at. */
export interface Scope {
  draft: Draft;
  history: History;
  config: Config;
  now: number;
  /** `event.`: the event under test; inside a `where`, the one that is being counted. */
  event: TestedEvent | null;
  /** The event being decided: not in history yet, and counts itself. Null for timers and claims. */
  current: TestedEvent | null;
  /** `item.`: the item of the event being decided, or the one that started the run. */
  item: (ItemSnapshot & { previousPrice?: number }) | null;
  /** `entry.`: what started the run; at entry, the event being decided. */
  entry: RunEntry | null;
  lookup: JsonObject | null;
  /** For `received` with `trigger: 'self'` and `sameKey`. */
  self: { trigger: string; key: string } | null;
}
