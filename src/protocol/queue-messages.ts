/** What travels by queue. Every message carries its version: a consumer of another build may take it. */
import type { Fact, ItemChange, Price } from '../engine/vocabulary.ts';

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

/** Queue `export`: what of D1 has changed. Names alone: the lines are read when they are told. */
export type ExportMessage = ExportedMessage | ExportedDecisions;

interface ExportedMessage {
  v: 1;
  kind: 'export';
  /** Message ids. */
  deliveries: string[];
  /** Profile keys and numbers of facts. */
  conversions: [profile: string, seq: number][];
}

/** Of a version of its own: a build that knows no decisions leaves it for one that does. */
interface ExportedDecisions {
  v: 2;
  kind: 'export';
  /** Profile keys, numbers of facts, and how many lines each has. */
  decisions: [profile: string, seq: number, lines: number][];
}

/** Queue `fanout`: pages of profiles that are to hear of something. */
export type FanoutMessage = WatcherPage | TopicPage | BroadcastPage;

/** One page of an item's watchers. Settled in the shard once every profile has it. */
export interface WatcherPage {
  v: 1;
  kind: 'page';
  shard: string;
  page: number;
  change: ItemChange;
  watchers: { profile: string; reference: Price | null }[];
}

/** One page of a topic's followers. Settled in the shard once every profile has it. */
export interface TopicPage {
  v: 1;
  kind: 'topic';
  shard: string;
  /** Which walk through the shard it is of. */
  walk: string;
  page: number;
  change: ItemChange;
  /** Keys. */
  profiles: string[];
}

/** One page of everybody. Settled in the scheduler once every profile has it. */
export interface BroadcastPage {
  v: 1;
  kind: 'broadcast';
  /** `$segments`: a back-fill of segments, which is everybody's. */
  trigger: string;
  /** The instant of the broadcast. */
  instantAt: number;
  page: number;
  /** Keys. */
  profiles: string[];
}
