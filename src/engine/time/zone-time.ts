/**
 * Wall clocks: what an instant reads in a time zone, and at which instant a clock there reads something.
 *
 * A clock runs on evenly but for its switches: in a gap (summer begins) readings are skipped, in an overlap (summer ends)
 * they come twice. A reading is taken for the first instant at which the clock stands there or further: in an overlap
 * the first of the two, in a gap the end of the gap. So nothing ever falls into a gap, and nothing comes too early.
 *
 * Zones are given by name; one that doesn't exist counts as UTC (`firstZone` picks a better one).
 */
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from './duration.ts';
import { offsetSpan } from './zone-offset.ts';

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

export interface LocalParts {
  year: number;
  /** 1–12. */
  month: number;
  day: number;
  weekday: Weekday;
  hour: number;
  minute: number;
  second: number;
}

export type CalendarUnit = 'day' | 'week' | 'month';

/** What the clock reads, as milliseconds since 1970-01-01 00:00 on that clock. */
export function localTimeOf(zone: string, at: number): number {
  return at + offsetSpan(zone, at).offsetMs;
}

/** Whole days since 1970-01-01 on a clock. */
export function dayOf(local: number): number {
  return Math.floor(local / DAY_MS);
}

/** 1970-01-01 was a Thursday. */
export function weekdayOf(day: number): Weekday {
  return WEEKDAYS[(((day + 3) % 7) + 7) % 7] as Weekday;
}

export function localParts(zone: string, at: number): LocalParts {
  const local = localTimeOf(zone, at);
  const date = new Date(local);
  const inDay = local - dayOf(local) * DAY_MS;
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    weekday: weekdayOf(dayOf(local)),
    hour: Math.floor(inDay / HOUR_MS),
    minute: Math.floor(inDay / MINUTE_MS) % 60,
    second: Math.floor(inDay / SECOND_MS) % 60,
  };
}

/** The first instant at which the clock reads `local` or later. */
export function instantReading(zone: string, local: number): number {
  // No clock is further from UTC than this: the answer lies in this span or a later one.
  let span = offsetSpan(zone, local - DAY_MS);
  for (;;) {
    const at = Math.max(span.fromAt, local - span.offsetMs);
    if (at < span.untilAt) return at;
    span = offsetSpan(zone, span.untilAt);
  }
}

/**
 * Where the day, ISO week (it begins on Monday) or month of an instant began; with `count` the earlier ones too:
 * `week`, 2 is this week and the previous one.
 */
export function startOf(unit: CalendarUnit, zone: string, at: number, count = 1): number {
  const day = dayOf(localTimeOf(zone, at));
  return instantReading(zone, firstDayOf(unit, day, count) * DAY_MS);
}

function firstDayOf(unit: CalendarUnit, day: number, count: number): number {
  if (unit === 'day') return day - (count - 1);
  if (unit === 'week') return day - WEEKDAYS.indexOf(weekdayOf(day)) - 7 * (count - 1);
  const date = new Date(day * DAY_MS);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - (count - 1), 1) / DAY_MS;
}

/** Where the day, ISO week or month after that of an instant begins. */
export function nextStartOf(unit: CalendarUnit, zone: string, at: number): number {
  const day = dayOf(localTimeOf(zone, at));
  const first = firstDayOf(unit, day, 1);
  const next = unit === 'month' ? firstDayOf(unit, first + 31, 1) : first + (unit === 'week' ? 7 : 1);
  return instantReading(zone, next * DAY_MS);
}

/** The same reading so many days later, or (negative) earlier. */
export function addDays(zone: string, at: number, days: number): number {
  return days === 0 ? at : instantReading(zone, localTimeOf(zone, at) + days * DAY_MS);
}

/**
 * The first instant from `at` on at which the clock reaches `timeOfDayMs` (since midnight) on one of the days; it does so
 * once a day. Null where no day is allowed.
 */
export function nextTimeOfDay(
  zone: string,
  at: number,
  timeOfDayMs: number,
  days: readonly Weekday[] = WEEKDAYS,
): number | null {
  const today = dayOf(localTimeOf(zone, at));
  // A week and a day, and one more for a day that a zone skipped.
  for (let day = today; day <= today + 9; day++) {
    if (!days.includes(weekdayOf(day))) continue;
    const comes = instantReading(zone, day * DAY_MS + timeOfDayMs);
    if (comes >= at && dayOf(localTimeOf(zone, comes)) === day) return comes;
  }
  return null;
}

const TIME_OF_DAY = /^([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/;

/** `21:00`, `21:00:30` → milliseconds since midnight; null for anything else. */
export function parseTimeOfDayMs(text: string): number | null {
  const parts = TIME_OF_DAY.exec(text);
  if (!parts) return null;
  return Number(parts[1]) * HOUR_MS + Number(parts[2]) * MINUTE_MS + Number(parts[3] ?? 0) * SECOND_MS;
}
