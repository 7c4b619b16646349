/**
 * What marketers have published, compiled for deciding: an index from event name to the triggers that listen, and the
 * documents that they name. Built once per isolate and configuration head; immutable; shared by every profile.
 */
import type { CompiledTrigger } from './compile/compile-trigger.ts';
import type { Listeners } from './compile/listeners.ts';
import type { WatchedAttributes } from './compile/watched.ts';
import type { ChannelSettings, Lookup, Policies, Segment, Template } from './documents.ts';
import type { Check } from './language/conditions/check.ts';
import type { Counter } from './language/counters.ts';
import type { CompiledLookup } from './language/lookup-index.ts';
import type { Sampling } from './recommend/item-sample.ts';
import type { NextChange } from './segments/next-change.ts';
import type { Reads } from './segments/reads.ts';
import type { Shadow } from './shadow/compile-shadow.ts';
import type { Channel, ItemOn, TopicOn, Trigger } from './trigger.ts';

/** The documents in force, as the store reads them. */
export interface LiveDocuments {
  /** Grows with every published change. */
  head: number;
  triggers: LiveTrigger[];
  templates: Versioned<Template>[];
  segments: Versioned<Segment>[];
  lookups: Versioned<Lookup>[];
  channels: ChannelSettings[];
  policies: Partial<Policies>;
  /** Versions that decide in shadow; `activatedAt` is when they were set up. */
  shadows?: LiveTrigger[];
  /** `stop-all` is in force: nothing is decided, released or sent. */
  stopped: boolean;
  /** Every trigger that listens is tried and explains itself, however many there are: for whoever looks closely. */
  triesAll?: boolean;
  /** In development a channel without settings is logged, so that every channel can be sent on. */
  logsByDefault?: boolean;
  /** Where the deployment knows itself to be reached, unless the workspace says otherwise. */
  publicUrl?: string;
  /** How many views and orders one sample stands for, where a live trigger recommends items. */
  sampling?: Sampling;
}

export interface Versioned<T> {
  document: T;
  version: number;
}

export interface LiveTrigger extends Versioned<Trigger> {
  state: 'live' | 'paused';
  activatedAt: number;
}

export interface KeptSegment {
  id: string;
  version: number;
  check: Check;
  next: NextChange | null;
  /** Null: it is asked each time. */
  reads: Reads | null;
  isListed: boolean;
}

export interface Config {
  head: number;
  stopped: boolean;
  policies: Policies;
  /** Where links in messages lead back to, without a slash at its end; null: nobody has said. */
  publicUrl: string | null;
  /** Triggers, paused ones too, by the name of the event that they listen to. */
  byEvent: Map<string, Listeners>;
  /** The version in force of each trigger, live or paused, by id. */
  triggers: Map<string, CompiledTrigger>;
  /** Older versions that runs under way are pinned to: `id@version`. */
  pinned: Map<string, CompiledTrigger>;
  /** Attributes that some live trigger listens to. */
  attributes: WatchedAttributes;
  /** Segments whose membership every profile keeps: a live trigger listens to them, or their members are listed. */
  keptSegments: ReadonlyMap<string, KeptSegment>;
  /** When time alone may change who is in them; of those that it can change. */
  segmentChanges: ReadonlyMap<string, NextChange>;
  /** What live triggers want to hear of items, and whether of viewed ones too. */
  itemListeners: readonly ItemOn[];
  watchesViewed: boolean;
  /** Null where no live trigger recommends items: nobody needs to know what goes together. */
  sampling: Sampling | null;
  /** What live triggers want to hear of topics. */
  topicListeners: readonly TopicOn[];
  /** Live triggers that wait for a time of each profile's own. */
  timed: CompiledTrigger[];
  triggersByTag: Map<string, string[]>;
  /** `triggerMark`s of the live triggers. */
  readonly liveMarks: ReadonlySet<string>;
  segments: Map<string, Check>;
  lookups: Map<string, CompiledLookup>;
  /** What the counted conditions in force count, by its hash; paused triggers' too. Made when it is first asked for. */
  readonly counters: Map<string, Counter>;
  templates: Map<string, Versioned<Template>>;
  channels: Map<Channel, ChannelSettings>;
  /** Channels that somebody sends on. */
  sendable: ReadonlySet<Channel>;
  /** Versions that decide beside the live ones, and send nothing. */
  shadows: readonly Shadow[];
}

/** Where links in messages lead back to: the workspace's own word goes before the deployment's. */
export function publicUrlOf({
  policies,
  publicUrl,
}: Pick<LiveDocuments, 'policies' | 'publicUrl'>): string | null {
  return policies.workspace?.publicUrl ?? publicUrl ?? null;
}

/** The version that a run is pinned to. */
export function triggerOf(config: Config, id: string, version: number): CompiledTrigger | undefined {
  const current = config.triggers.get(id);
  return current?.version === version ? current : config.pinned.get(`${id}@${version}`);
}

/** Whether the trigger may decide and send now: not paused, archived or stopped with all others. */
export function isLive(config: Config, id: string): boolean {
  return !config.stopped && config.triggers.get(id)?.state === 'live';
}
