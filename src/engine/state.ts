/**
 * A profile's state: sections of small immutable values under string keys, so that a change is data (`[section, key,
 * value]`) and costs what it touches. A value is replaced whole, never edited.
 *
 * Maps, not objects: keys come from users, and `__proto__` is a key like any other.
 */
import type { PendingGoal, Run } from './run-state.ts';
import type { Undelivered } from './runs/undelivered.ts';
import type { ShadowState } from './shadow/shadow-state.ts';
import { emptyMeta, type Meta } from './state-meta.ts';
import type { ConsentEntry, InboxMessage, Json, OutboxEntry, Price } from './vocabulary.ts';

export interface TraitEntry {
  value: Json;
  at: number;
}

export interface EventCount {
  n: number;
  firstAt: number;
  lastAt: number;
  /** Ordinal of the session it was counted in last, and how often there. */
  session: number;
  inSession: number;
}

/** One relation to one item; kept when it has ended, so that an older event can't revive it. */
export interface RelationEntry {
  on: boolean;
  /** Timestamp of the event that decided it last: the last writer wins. */
  at: number;
  /** When it began (while `on`). */
  since: number;
  /** The price at which it began: the catalog's once the watcher shard has told, until then the event's. */
  price: Price | null;
  /** The catalog has confirmed `price`. */
  confirmed?: true;
  quantity?: number;
}

export interface Tally {
  n: number;
  /** The newest occurrences, oldest first: instant, channel and, in the app, the surface of a send. */
  recent: [at: number, channel: string, surface?: string][];
  byChannel: { [channel: string]: number };
}

export type Received = 'sent' | 'shown' | 'clicked' | 'dismissed' | 'held_out';

/** What one trigger has done to this profile, over its life: in all (key '') and per key. */
export interface TriggerLog {
  entry?: Tally;
  sent?: Tally;
  shown?: Tally;
  clicked?: Tally;
  dismissed?: Tally;
  held_out?: Tally;
  /** The experiment that this profile was last counted in. */
  exposed?: string;
  /** What it did after a message: the instant of that message, so that saying it again tells nothing. */
  reacted?: { [reaction: string]: number };
  /** The lowest price this trigger has notified for this key, and when. */
  lowest?: { price: Price; at: number };
  /** Of the item that this key means: when the change happened that was told last, by the kind of news. */
  told?: { [news: string]: number };
}

/** A count over the profile's life (`n`), or the instants of a window, oldest first. */
export interface CounterEntry {
  n: number;
  recent?: number[];
}

/** A topic that is followed, or was: kept when it has ended, so that an older event can't revive it. */
export interface TopicEntry {
  on: boolean;
  /** Timestamp of the event that decided it last: the last writer wins. */
  at: number;
  /** When it began (while `on`). */
  since: number;
  /** As the user wrote it. */
  value: string;
}

/** A message that a cap `per` something counts. */
export interface CappedSend {
  at: number;
  trigger: string;
  channel: string;
  surface?: string;
}

export interface Device {
  type: string;
  address: Json;
  platform: string | null;
  locale: string | null;
  timezone: string | null;
  at: number;
  /** What its provider said when it refused the address, which is gone since. */
  refused?: { code: string; at: number };
}

export interface Membership {
  member: boolean;
  since: number;
  /** Version of the segment that was asked. */
  v?: number;
  /** The list of its members has this profile, or will: the fact is in the outbox. */
  listed?: true;
  /** When time alone may change it; never later than it does. */
  nextAt?: number;
}

export interface SectionValues {
  traits: TraitEntry;
  counts: EventCount;
  /** What counted conditions count: see `counters.ts`. */
  counters: CounterEntry;
  /** Event name → the counts of it that are kept, by their hash; `dropped`: not all of its values any more. */
  built: { [hash: string]: { dropped?: true } };
  relations: RelationEntry;
  /** Item id → the reference this profile's row in the watcher shard stands under. */
  watches: { registered: Price | null };
  /** By the topic's key: `category:rings`. */
  topics: TopicEntry;
  runs: Run;
  inbox: InboxMessage;
  outbox: OutboxEntry;
  log: TriggerLog;
  /** Paths and values, as JSON → the sends that caps count under them, oldest first. */
  capped: CappedSend[];
  /** `channel|purpose` → entries, newest first. */
  consents: ConsentEntry[];
  devices: Device;
  /** Object name of an anonymous profile → whether it became this one's. */
  links: { id: string; outcome: 'merged' | 'taken' };
  /** Segments that somebody needs: what is known of the membership. */
  segments: Membership;
  /** `trigger\nplace among its on` → the silence or date that it has fired for. */
  timers: { firedFor: number };
  /** Pending goals of runs that have sent: `trigger\nrun\ngoal`. */
  goals: PendingGoal;
  /** Trigger id → what it has spent on this profile on a day. */
  spending: { day: string; amount: number };
  /** Messages that have left the inbox or outbox, for late acknowledgements. */
  settled: {
    trigger: string;
    version: number;
    variant: string | null;
    channel: string;
    createdAt: number;
    key: string;
    at: number;
    /** What has been noted of it. */
    noted: Received[];
    /** Its provider has reported that it did not arrive. */
    failed?: true;
    test?: true;
  };
  /** Messages that were given up, until they expire: they may be replayed. */
  undelivered: Undelivered;
  /** Channel → why nothing is sent there any more. */
  suppressions: { code: string; at: number };
  /** Trigger id → what its shadow version, beside the live one, keeps. */
  shadows: ShadowState;
}
export type Section = keyof SectionValues;

export const SECTIONS: readonly Section[] = [
  'traits',
  'counts',
  'counters',
  'built',
  'relations',
  'watches',
  'topics',
  'runs',
  'inbox',
  'outbox',
  'log',
  'capped',
  'consents',
  'devices',
  'links',
  'segments',
  'timers',
  'goals',
  'spending',
  'settled',
  'undelivered',
  'suppressions',
  'shadows',
];

const SECTION_NAMES: ReadonlySet<string> = new Set(SECTIONS);

export type ProfileState = { meta: Meta } & { [S in Section]: Map<string, SectionValues[S]> } & {
  /** Sections that a newer build has written, by name: not ours to understand, nor to lose. */
  unknown: Map<string, Map<string, unknown>>;
};

export function emptyState(
  profile: { kind: Meta['kind']; id: string; key: string },
  now: number,
): ProfileState {
  return {
    meta: emptyMeta(profile, now),
    ...emptySections(),
    unknown: new Map(),
  };
}

/** The entries of a section, known or not. */
export function sectionOf(state: ProfileState, name: string): Map<string, unknown> {
  if (SECTION_NAMES.has(name)) return state[name as Section] as Map<string, unknown>;
  const known = state.unknown.get(name);
  const entries = known ?? new Map<string, unknown>();
  if (!known) state.unknown.set(name, entries);
  return entries;
}

function emptySections(): { [S in Section]: Map<string, SectionValues[S]> } {
  return {
    traits: new Map(),
    counts: new Map(),
    counters: new Map(),
    built: new Map(),
    relations: new Map(),
    watches: new Map(),
    topics: new Map(),
    runs: new Map(),
    inbox: new Map(),
    outbox: new Map(),
    log: new Map(),
    capped: new Map(),
    consents: new Map(),
    devices: new Map(),
    links: new Map(),
    segments: new Map(),
    timers: new Map(),
    goals: new Map(),
    spending: new Map(),
    settled: new Map(),
    undelivered: new Map(),
    suppressions: new Map(),
    shadows: new Map(),
  };
}

/** JSON text of a state; `parseState` reads it back, filling what an older build did not know. */
export function serializeState(state: ProfileState): string {
  const unknown = [...state.unknown].map(([name, entries]) => [name, [...entries]]);
  const sections = [...SECTIONS.map((name) => [name, [...state[name]]]), ...unknown];
  return JSON.stringify({ meta: state.meta, sections });
}

export function parseState(text: string): ProfileState {
  const stored = JSON.parse(text) as { meta: Meta; sections: [string, [string, unknown][]][] };
  const state: ProfileState = {
    ...emptyState(stored.meta, stored.meta.createdAt),
    meta: { ...emptyMeta(stored.meta, 0), ...stored.meta },
  };
  for (const [name, entries] of stored.sections) {
    const section = sectionOf(state, name);
    for (const [key, value] of entries) section.set(key, value);
  }
  return state;
}
