/**
 * What counting conditions mean, by looking at every event each time: no state, no index, no arithmetic of zones (days are
 * what `Intl` prints). Written from the contract (§6, §7.2–7.6, 7.25), sharing nothing with the engine but the documents'
 * types, to be compared with it.
 */
import type { Condition, Count, FieldCondition, SequenceItem, Window } from '../../src/engine/trigger.ts';
import type { Json, JsonObject } from '../../src/engine/vocabulary.ts';

export interface NaiveEvent {
  name: string;
  timestamp: number;
  properties: JsonObject;
}

export interface NaiveLife {
  now: number;
  /** All events so far, the one being decided among them. */
  events: NaiveEvent[];
  /** The one being decided. */
  asked: NaiveEvent;
  zones: { user: string; workspace: string };
  /** The time of the event that opened the session. */
  sessionAt: number;
}

const DURATIONS: Record<string, number> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
const spanOf = (text: string) => Number(text.slice(0, -1)) * (DURATIONS[text.slice(-1)] ?? Number.NaN);

/** Null where the contract leaves it open: a sequence of events of one and the same millisecond. */
export function naiveHolds(condition: Condition, life: NaiveLife): boolean | null {
  if ('did' in condition) {
    const events = life.events
      .filter((event) => event.name === condition.did)
      .filter(isIn(condition.window, life));
    const counted = events.filter((event) => whereHolds(condition.where, event, life));
    const { distinct, sum, count } = condition;
    if (sum) {
      const total = counted
        .flatMap((event) => valuesAt(sum.of, event))
        .filter((value) => typeof value === 'number');
      return (
        within(
          total.reduce((a, b) => a + b, 0),
          sum.is,
        ) &&
        (!count || within(counted.length, count))
      );
    }
    if (!distinct) return within(counted.length, count ?? { gte: 1 });
    const values = counted
      .flatMap((event) => valuesAt(distinct, event))
      .map((value) => JSON.stringify(value));
    return within(new Set(values).size, count ?? { gte: 1 });
  }
  if ('didNot' in condition) return !naiveHolds({ ...condition, did: condition.didNot } as Condition, life);
  if ('sequence' in condition) return sequenceHolds(condition, life);
  throw new Error(`nothing is known of ${JSON.stringify(condition)}`);
}

function within(n: number, { eq = n, gt = n - 1, gte = n, lt = n + 1, lte = n }: Count): boolean {
  return n === eq && n > gt && n >= gte && n < lt && n <= lte;
}

function isIn(window: Window | undefined, life: NaiveLife): (event: NaiveEvent) => boolean {
  if (!window) return () => true;
  if ('last' in window) {
    const span = spanOf(window.last);
    return ({ timestamp }) => timestamp > life.now - span && timestamp <= life.now;
  }
  if ('since' in window) {
    const from = window.since === 'session' ? life.sessionAt : life.asked.timestamp;
    return ({ timestamp }) => timestamp >= from;
  }
  const zone = life.zones[window.tz ?? 'user'];
  const unit = (at: number) => unitOf(window.calendar, dayIn(zone, at));
  const first = unit(life.now) - ((window.count ?? 1) - 1);
  return ({ timestamp }) => unit(timestamp) >= first;
}

interface Day {
  year: number;
  month: number;
  day: number;
}

/** Days, weeks or months since the beginning of time: consecutive ones differ by one. */
function unitOf(unit: 'day' | 'week' | 'month', { year, month, day }: Day): number {
  const days = Date.UTC(year, month - 1, day) / 86_400_000;
  if (unit === 'day') return days;
  // 1970-01-05 was a Monday.
  return unit === 'week' ? Math.floor((days - 4) / 7) : year * 12 + month;
}

const calendars = new Map<string, Intl.DateTimeFormat>();

function dayIn(zone: string, at: number): Day {
  let calendar = calendars.get(zone);
  if (!calendar) {
    const parts = { year: 'numeric', month: 'numeric', day: 'numeric' } as const;
    calendar = new Intl.DateTimeFormat('en-US', { timeZone: zone, ...parts });
    calendars.set(zone, calendar);
  }
  const [month = 0, day = 0, year = 0] = calendar.format(at).split('/').map(Number);
  return { year, month, day };
}

function whereHolds(where: Condition | undefined, event: NaiveEvent, life: NaiveLife): boolean {
  if (!where) return true;
  if ('all' in where) return where.all.every((one) => whereHolds(one, event, life));
  if ('any' in where) return where.any.some((one) => whereHolds(one, event, life));
  if ('not' in where) return !whereHolds(where.not, event, life);
  if ('field' in where) return fieldHolds(where, event, life);
  throw new Error(`nothing is known of ${JSON.stringify(where)}`);
}

function fieldHolds(
  { field, op, value, orMissing, match }: FieldCondition,
  event: NaiveEvent,
  life: NaiveLife,
) {
  const found = valuesAt(field, event);
  if (found.length === 0 && orMissing) return true;
  const fold = (one: Json) =>
    match === 'normalized' && typeof one === 'string' ? one.trim().toLowerCase() : one;
  const isRef = typeof value === 'object' && !Array.isArray(value);
  const wanted = isRef ? valuesAt(value.ref, life.asked) : [value as Json];
  return found.some((a) =>
    wanted.some((b) => {
      if (typeof a !== typeof b) return false;
      if (op === 'eq') return fold(a) === fold(b);
      if (op === 'ne') return fold(a) !== fold(b);
      return op === 'lt' ? (a as number) < (b as number) : (a as number) > (b as number);
    }),
  );
}

/** `…properties.name`: every value, lists taken apart; null is missing. */
function valuesAt(path: string, event: NaiveEvent): Json[] {
  const value = event.properties[path.slice(path.lastIndexOf('.') + 1)] ?? null;
  return (Array.isArray(value) ? value : [value]).filter((one) => one !== null);
}

type Sequence = Extract<Condition, { sequence: unknown }>;

function sequenceHolds({ sequence, within: span, same }: Sequence, life: NaiveLife): boolean | null {
  const names = sequence.map((item) => ('did' in item ? item.did : item.didNot));
  const events = life.events
    .filter(({ name, timestamp }) => names.includes(name) && timestamp > life.now - spanOf(span))
    .sort((a, b) => a.timestamp - b.timestamp);
  if (new Set(events.map(({ timestamp }) => timestamp)).size < events.length) return null;
  const is = (item: SequenceItem, event: NaiveEvent) =>
    event.name === ('did' in item ? item.did : item.didNot) && whereHolds(item.where, event, life);
  const search = (items: SequenceItem[], rest: NaiveEvent[]): boolean => {
    const [item, ...others] = items;
    if (!item) return true;
    const excluded = items.slice(0, items.findIndex((one) => 'did' in one) + 1 || undefined);
    const forbidden = excluded.filter((one) => 'didNot' in one);
    const next = items.length === forbidden.length ? null : items[forbidden.length];
    if (!next) return !rest.some((event) => forbidden.some((one) => is(one, event)));
    return rest.some(
      (event, i) =>
        is(next, event) &&
        !rest.slice(0, i).some((before) => forbidden.some((one) => is(one, before))) &&
        search(others.slice(forbidden.length), rest.slice(i + 1)),
    );
  };
  if (same === undefined) return search(sequence, events);
  const values = new Set(
    events.flatMap((event) => valuesAt(same, event)).map((value) => JSON.stringify(value)),
  );
  return [...values].some((value) =>
    search(
      sequence,
      events.filter((event) => valuesAt(same, event).some((one) => JSON.stringify(one) === value)),
    ),
  );
}
