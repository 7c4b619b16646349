/** Folds one event into the profile's state, before anything is decided on it. */
import type { Draft } from '../delta.ts';
import type { Policies } from '../documents.ts';
import { liftSuppressions } from '../gates/suppression.ts';
import { numberOf, productsOf } from '../items/products.ts';
import type { Meta } from '../state-meta.ts';
import type { Event, JsonObject } from '../vocabulary.ts';
import { CONSENT_EVENT, foldConsent } from './consents.ts';
import { foldDevice } from './devices.ts';
import { foldFollows } from './follows.ts';
import { foldPlace } from './place.ts';
import { foldRelations, splitRelationKey } from './relations.ts';
import { foldSession } from './session.ts';
import { foldTraits } from './traits.ts';

export interface Folded {
  sessionStarted: boolean;
  /** Items whose watched relations changed: their watcher shards must hear of it. */
  touchedItems: Set<string>;
  /** Topics that are followed from here on, or not any more: the same. */
  touchedTopics: string[];
}

export function applyEvent(draft: Draft, event: Event, policies: Policies, now: number): Folded {
  if (event.origin === 'system') return { sessionStarted: false, touchedItems: new Set(), touchedTopics: [] };
  if (event.name === CONSENT_EVENT) foldConsent(draft, event);
  else if (event.name === '$device' || event.name === '$device_removed') foldDevice(draft, event);
  const sessionStarted = foldSession(draft, event, policies, now);
  liftSuppressions(draft, event);
  foldTraits(draft, event);
  foldMeta(draft, event, policies);
  foldPlace(draft, event);
  foldCount(draft, event, now);
  return {
    sessionStarted,
    touchedItems: foldRelations(draft, event, policies.workspace.currency),
    touchedTopics: foldFollows(draft, event),
  };
}

function foldMeta(draft: Draft, event: Event, policies: Policies): void {
  const { meta } = draft;
  const changes: Partial<Meta> = {};
  if (meta.firstSeenAt === 0 || event.timestamp < meta.firstSeenAt) changes.firstSeenAt = event.timestamp;
  if (event.timestamp >= meta.lastSeenAt) {
    if (!isRecord(event)) changes.lastSeenAt = event.timestamp;
    Object.assign(changes, settingsOf(event));
  }
  if (event.name === '$page') changes.page = pageOf(event);
  if (event.name === 'Product Viewed' && !viewedSince(draft, event.timestamp)) {
    const viewed = productsOf(event, policies.workspace.currency)[0];
    // Looking at the same thing again is no change, and no bytes in the log.
    if (viewed && !isSame(viewed.snapshot, meta.lastViewed))
      changes.lastViewed = { ...viewed.snapshot } as JsonObject;
  }
  if (event.name === 'Order Completed') {
    changes.orderCount = meta.orderCount + 1;
    changes.orderValue = meta.orderValue + (numberOf(event.properties.revenue) ?? 0);
    changes.orderLastAt = Math.max(meta.orderLastAt, event.timestamp);
  }
  draft.setMeta(changes);
}

/** Names of what a backend writes down about a user who need not be there: a nightly job sees nobody. */
const RECORDS = new Set(['$identify', '$group', '$alias', CONSENT_EVENT, '$device', '$device_removed']);

function isRecord({ origin, name }: Event): boolean {
  return origin === 'server' && RECORDS.has(name);
}

/** What the client, and the edge that it came through, say of where the user is. */
function settingsOf({ context: { timezone, locale, edge } }: Event): Partial<Meta> {
  const settings: Partial<Meta> = {};
  if (timezone !== undefined) settings.timezone = timezone;
  if (locale !== undefined) settings.locale = locale;
  if (typeof edge === 'object' && edge !== null && 'timezone' in edge && typeof edge.timezone === 'string') {
    settings.edgeTimezone = edge.timezone;
  }
  return settings;
}

/** A view that arrives late isn't the last one. */
function viewedSince(draft: Draft, timestamp: number): boolean {
  if (timestamp >= draft.meta.lastSeenAt) return false;
  for (const [key, { at }] of draft.entries('relations')) {
    if (at > timestamp && splitRelationKey(key).relation === 'viewed') return true;
  }
  return false;
}

function isSame(snapshot: object, known: JsonObject | null): boolean {
  const fields = Object.entries(snapshot);
  return (
    known !== null &&
    fields.length === Object.keys(known).length &&
    fields.every(([name, value]) => known[name] === value)
  );
}

function pageOf(event: Event): JsonObject {
  const page: JsonObject = {};
  for (const source of [event.context.page ?? {}, event.properties]) {
    for (const field of ['name', 'path', 'url', 'title', 'referrer', 'search'] as const) {
      const value = (source as JsonObject)[field];
      if (typeof value === 'string') page[field] = value;
    }
  }
  return page;
}

/** By the profile's own clock; what is imported happened when it says. */
function foldCount(draft: Draft, event: Event, now: number): void {
  const { sessionCount } = draft.meta;
  const before = draft.get('counts', event.name);
  const at = event.imported ? event.timestamp : now;
  draft.put('counts', event.name, {
    n: (before?.n ?? 0) + 1,
    firstAt: Math.min(before?.firstAt ?? at, at),
    lastAt: Math.max(before?.lastAt ?? at, at),
    session: sessionCount,
    inSession: before?.session === sessionCount ? before.inSession + 1 : 1,
  });
}
