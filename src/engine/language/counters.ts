/**
 * What counted conditions have counted in one profile.
 *
 * A count is *built* when a condition first asks for it: from history, once. From then on each event of its name is
 * added as it comes (`countEvent`), so that asking costs nothing. What stands here is trusted only because no event of
 * that name passed it by: an event that finds a built count which no condition in force describes any more drops it, and
 * whoever asks again builds it anew.
 *
 * Keyed counts are many; beyond 1,000 of a profile the least recently changed go. Their condition is marked then: a
 * value without a count is no longer one that never came, and is looked for in history each time.
 */

import type { Draft } from '../delta.ts';
import { hashId } from '../hash.ts';
import type { Scope, TestedEvent } from '../scope.ts';
import type { CounterEntry } from '../state.ts';
import type { Json } from '../vocabulary.ts';
import type { Check } from './conditions/check.ts';
import { keptView } from './conditions/events-of.ts';
import { elements } from './operators.ts';
import type { PathReader } from './path.ts';

/** A counted condition's form, compiled. */
export interface Counter {
  hash: string;
  name: string;
  counts: Check | null;
  keyed: { read: PathReader; text: (value: string) => string } | null;
  lastMs: number | null;
  keep: number;
}

export const KEYED_LIMIT = 1_000;
/** Counts of one event name; a condition beyond them is scanned. */
const BUILT_LIMIT = 200;

/** `hash`, or of a keyed count `hash:hash of the value`. */
export function counterKey(counter: Pick<Counter, 'hash'>, value: Json | null): string {
  return value === null ? counter.hash : `${counter.hash}:${valueHash(value)}`;
}

/** Of the value that was asked for last: all conditions of a round ask for the same few, and each asks twice. */
let hashed: { value: Json; hash: string } | undefined;

function valueHash(value: Json): string {
  if (hashed?.value !== value) hashed = { value, hash: hashId(JSON.stringify(value)) };
  return hashed.hash;
}

/** The values under which an event counts: one `null` where the counter isn't keyed. */
function countedValues({ keyed }: Counter, scope: Scope): (Json | null)[] {
  if (!keyed) return [null];
  return comparable(keyed.read(scope), keyed.text);
}

/** Distinct texts, numbers and booleans: what an equality can hold for. */
export function comparable(found: Json[], text: (value: string) => string): Json[] {
  const values = elements(found)
    .filter((value) => typeof value !== 'object')
    .map((value) => (typeof value === 'string' ? text(value) : value));
  return [...new Set(values)];
}

/** Adds the event being decided, as history will keep it, to every built count that it belongs to. */
export function countEvent(scope: Scope): void {
  const { draft, config, current } = scope;
  const built = current && draft.get('built', current.name);
  if (!built) return;
  const event = keptView(current);
  for (const hash of Object.keys(built)) {
    const counter = config.counters.get(hash);
    if (counter) addEvent({ ...scope, event }, event, counter, built[hash]?.dropped ?? false);
    else forget(draft, event.name, hash);
  }
}

function addEvent(scope: Scope, { timestamp }: TestedEvent, counter: Counter, dropped: boolean): void {
  if (counter.lastMs !== null && timestamp <= scope.now - counter.lastMs) return;
  if (counter.counts?.(scope)) return;
  for (const value of countedValues(counter, scope)) {
    const key = counterKey(counter, value);
    const before = scope.draft.get('counters', key);
    if (!before && dropped) continue;
    scope.draft.put('counters', key, added(before, timestamp, counter, scope.now));
    if (!before && value !== null) keepWithinLimit(scope.draft);
  }
}

function added(
  before: CounterEntry | undefined,
  at: number,
  { lastMs, keep }: Counter,
  now: number,
): CounterEntry {
  if (lastMs === null) return { n: (before?.n ?? 0) + 1 };
  const recent = before?.recent ?? [];
  const newestAt = recent.at(-1);
  if (newestAt !== undefined && at < newestAt) {
    return { n: 0, recent: newest([...recent, at], now - lastMs, keep) };
  }
  const from = Math.max(firstAfter(recent, now - lastMs), recent.length + 1 - keep);
  return { n: 0, recent: recent.slice(from).concat(at) };
}

/** Oldest first. */
function newest(instants: number[], afterAt: number, keep: number): number[] {
  return instants
    .filter((instant) => instant > afterAt)
    .sort((a, b) => a - b)
    .slice(-keep);
}

/** How many of the instants, oldest first, lie after one. */
export function countAfter(recent: number[], afterAt: number): number {
  return recent.length - firstAfter(recent, afterAt);
}

/** By halves: asked for every window at every event. */
function firstAfter(recent: number[], afterAt: number): number {
  let low = 0;
  let high = recent.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((recent[middle] as number) > afterAt) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Whether one more count of this name may be built. */
export function hasRoom(draft: Draft, name: string): boolean {
  return Object.keys(draft.get('built', name) ?? {}).length < BUILT_LIMIT;
}

/** Fills a counter from events, and marks it built. */
export function build(draft: Draft, counter: Counter, events: Iterable<TestedEvent>, scope: Scope): void {
  const built = draft.get('built', counter.name) ?? {};
  draft.put('built', counter.name, { ...built, [counter.hash]: {} });
  const totals = new Map<Json | null, number[]>();
  for (const event of events) {
    const under = { ...scope, event };
    if (counter.counts?.(under)) continue;
    for (const value of countedValues(counter, under)) {
      const instants = totals.get(value);
      if (instants) instants.push(event.timestamp);
      else totals.set(value, [event.timestamp]);
    }
  }
  for (const [value, instants] of totals) {
    const { lastMs, keep } = counter;
    draft.put(
      'counters',
      counterKey(counter, value),
      lastMs === null ? { n: instants.length } : { n: 0, recent: newest(instants, scope.now - lastMs, keep) },
    );
  }
  if (counter.keyed) keepWithinLimit(draft);
}

/** Whoever asks again builds it anew. */
export function forget(draft: Draft, name: string, hash: string): void {
  const { [hash]: _, ...rest } = draft.get('built', name) ?? {};
  if (Object.keys(rest).length === 0) draft.remove('built', name);
  else draft.put('built', name, rest);
  for (const [key] of [...draft.entries('counters')]) if (hashOf(key) === hash) draft.remove('counters', key);
}

export function hashOf(key: string): string {
  const cut = key.indexOf(':');
  return cut < 0 ? key : key.slice(0, cut);
}

/** Drops the keyed counts that changed longest ago: sections are ordered by last change. */
export function keepWithinLimit(draft: Draft): void {
  const keyed = [...draft.entries('counters')].flatMap(([key]) => (key.includes(':') ? [key] : []));
  const surplus = keyed.slice(0, Math.max(0, keyed.length - KEYED_LIMIT));
  if (surplus.length === 0) return;
  for (const key of surplus) draft.remove('counters', key);
  const hashes = new Set(surplus.map(hashOf));
  for (const [name, built] of [...draft.entries('built')]) {
    const touched = Object.keys(built).filter((hash) => hashes.has(hash) && !built[hash]?.dropped);
    if (touched.length === 0) continue;
    draft.put('built', name, {
      ...built,
      ...Object.fromEntries(touched.map((hash) => [hash, { dropped: true as const }])),
    });
  }
}
