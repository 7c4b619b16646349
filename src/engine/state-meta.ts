/** What a profile's state holds once: who it is, its clocks, and what it was last seen doing. */
import type { JsonObject } from './vocabulary.ts';

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
  /** Items that this profile was sampled for on a day (UTC), as hashes; absent while none was. */
  sampled?: { day: number; items: number[] };
  /** The facts of shadow versions count downwards: those of the live world are numbered as if there were none. */
  shadowSeq: number;
  /** The registry has been told of this profile, or will be: the fact is in the outbox. */
  registered: boolean;
  runSeq: number;
  /** The share of the workspace's hold-out that this profile was last counted under; 0 before. */
  exposedShare: number;
  /** Until when the day runs that was last told as active; 0 before the first. */
  activeUntil: number;
  /** Days since 1970-01-01 on the workspace's clock; null before the first. */
  firstActiveDay: number | null;
  /** Stages of the journey that were told, a bit each in their order. */
  journey: number;
  /** The first purchase's order id: told twice, it is no second one. */
  firstOrderId: string | null;
  /** Set while this anonymous profile is frozen for, or has been handed over to, another. */
  movedTo: { id: string; key: string; mergeId: string; released: boolean } | null;
  /** An earlier profile of this name was erased then: what happened before it is not taken any more. */
  erasedAt: number | null;
}

/** Degrees, and the timestamp of the event that told it. */
export interface KnownPlace {
  lat: number;
  lng: number;
  at: number;
}

/** Of the layout: see `upgrade-state.ts`. */
export const STATE_VERSION = 1;

export function emptyMeta(profile: Pick<Meta, 'kind' | 'id' | 'key'>, now: number): Meta {
  return {
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
    shadowSeq: 0,
    registered: false,
    runSeq: 0,
    exposedShare: 0,
    activeUntil: 0,
    firstActiveDay: null,
    journey: 0,
    firstOrderId: null,
    movedTo: null,
    erasedAt: null,
  };
}
