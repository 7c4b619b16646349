/**
 * A profile's state: sections of small immutable values under string keys, so that a change is data (`[section, key,
 * value]`) and costs what it touches. A value is replaced whole, never edited.
 *
 * Maps, not objects: keys come from users, and `__proto__` is a key like any other.
 */
import type {
  ConsentEntry,
  EventContext,
  InboxMessage,
  ItemSnapshot,
  Json,
  JsonObject,
  OutboxEntry,
  Price,
} from './vocabulary.ts';

export interface Meta {
  /** Layout version of the state. */
  v: number;
  /** Commits so far; also what cursors count. */
  seq: number;
  kind: 'user' | 'anonymous';
  /** The userId or anonymousId. */
  id: string;
  /** The object's name: an HMAC of the id. */
  key: string;
  /** The id this person was first known by; experiment arms hang on it and survive a merge. */
  firstId: string;
  createdAt: number;
  firstSeenAt: number;
  lastSeenAt: number;
  /** Time never runs backwards for a profile. */
  lastNow: number;
  sessionCount: number;
  /** Object clock; sends and re-eligibility are told by it. */
  sessionStartedAt: number;
  /** Timestamp of the event that opened it; windows over history are told by it. */
  sessionOpenedBy: number;
  sessionLastAt: number;
  /** Between the beginnings of sessions: how many intervals, and how long they were together. */
  sessionIntervals: { n: number; sumMs: number };
  /** The page of the session, as the last `$page` told it. */
  page: JsonObject | null;
  timezone: string | null;
  /** Where the edge last saw the user's own request come from. */
  edgeTimezone: string | null;
  /** The last place that the user's own events told, while there is consent to the use of places. */
  place: KnownPlace | null;
  locale: string | null;
  orderCount: number;
  orderValue: number;
  orderLastAt: number;
  lastViewed: JsonObject | null;
  factSeq: number;
  /** The registry has been told of this profile, or will be: the fact is in the outbox. */
  registered: boolean;
  runSeq: number;
  /** Set while this anonymous profile is frozen for, or has been handed over to, another. */
  movedTo: { id: string; key: string; mergeId: string; released: boolean } | null;
}

/** Degrees, and the timestamp of the event that told it. */
export interface KnownPlace {
  lat: number;
  lng: number;
  at: number;
}

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
  /** The lowest price this trigger has notified for this key, and when. */
  lowest?: { price: Price; at: number };
}

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
  /** Index of the step it stands at; null when the steps are through and only open messages hold it. */
  step: number | null;
  /** When the wait it stands at ends. */
  dueAt: number | null;
  sends: number;
  /** Its messages that an exit would still cancel: in the outbox, or unseen in the inbox. */
  open: string[];
}

/** A count over the profile's life (`n`), or the instants of a window, oldest first. */
export interface CounterEntry {
  n: number;
  recent?: number[];
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
  };
}
export type Section = keyof SectionValues;

export const SECTIONS: readonly Section[] = [
  'traits',
  'counts',
  'counters',
  'built',
  'relations',
  'watches',
  'runs',
  'inbox',
  'outbox',
  'log',
  'capped',
  'consents',
  'devices',
  'links',
  'settled',
];

export type ProfileState = { meta: Meta } & { [S in Section]: Map<string, SectionValues[S]> };

const STATE_VERSION = 1;

export function emptyState(
  profile: { kind: Meta['kind']; id: string; key: string },
  now: number,
): ProfileState {
  return {
    meta: {
      v: STATE_VERSION,
      seq: 0,
      kind: profile.kind,
      id: profile.id,
      key: profile.key,
      firstId: profile.id,
      createdAt: now,
      firstSeenAt: 0,
      lastSeenAt: 0,
      lastNow: now,
      sessionCount: 0,
      sessionStartedAt: 0,
      sessionOpenedBy: 0,
      sessionLastAt: 0,
      sessionIntervals: { n: 0, sumMs: 0 },
      page: null,
      timezone: null,
      edgeTimezone: null,
      place: null,
      locale: null,
      orderCount: 0,
      orderValue: 0,
      orderLastAt: 0,
      lastViewed: null,
      factSeq: 0,
      registered: false,
      runSeq: 0,
      movedTo: null,
    },
    ...emptySections(),
  };
}

function emptySections(): { [S in Section]: Map<string, SectionValues[S]> } {
  return {
    traits: new Map(),
    counts: new Map(),
    counters: new Map(),
    built: new Map(),
    relations: new Map(),
    watches: new Map(),
    runs: new Map(),
    inbox: new Map(),
    outbox: new Map(),
    log: new Map(),
    capped: new Map(),
    consents: new Map(),
    devices: new Map(),
    links: new Map(),
    settled: new Map(),
  };
}

/** JSON text of a state; `parseState` reads it back, filling what an older build did not know. */
export function serializeState(state: ProfileState): string {
  const sections = SECTIONS.map((name) => [name, [...state[name]]]);
  return JSON.stringify({ meta: state.meta, sections });
}

export function parseState(text: string): ProfileState {
  const stored = JSON.parse(text) as { meta: Meta; sections: [Section, [string, never][]][] };
  const state: ProfileState = {
    ...emptyState(stored.meta, stored.meta.createdAt),
    meta: { ...emptyState(stored.meta, 0).meta, ...stored.meta },
  };
  for (const [name, entries] of stored.sections) {
    for (const [key, value] of entries) (state[name] as Map<string, unknown> | undefined)?.set(key, value);
  }
  return state;
}
