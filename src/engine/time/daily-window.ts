/**
 * Hours of the day on a clock: quiet hours, send windows, night rules, `localTime`.
 *
 * Closed-open: 21:00:00 is inside 21:00–08:00, 08:00:00 isn't. A window whose end isn't after its start crosses midnight
 * and belongs to the day on which it starts. What is inside is told by what the clock reads, so hours that a switch
 * repeats are inside twice, and hours that it skips never.
 */
import { DAY_MS } from './duration.ts';
import { offsetSpan } from './zone-offset.ts';
import { dayOf, localTimeOf, parseTimeOfDayMs, type Weekday, weekdayOf } from './zone-time.ts';

export interface DailyWindow {
  /** `HH:MM` or `HH:MM:SS`. */
  from: string;
  to: string;
  /** A name that is no zone counts as UTC. */
  zone: string;
  /** Days on which it starts; every day unless given. */
  days?: readonly Weekday[];
}

/** How far a next instant is looked for: every day of the week comes, whatever a zone skips. */
const HORIZON_MS = 8 * DAY_MS;

export function isInside(window: DailyWindow, at: number): boolean {
  return holds(clockOf(window), localTimeOf(window.zone, at));
}

/** The first instant from `at` on that is outside; null where there is none within 8 days. */
export function nextOutside(window: DailyWindow, at: number): number | null {
  return nextWhere(window, at, false);
}

/** The first instant from `at` on that is inside; null where there is none within 8 days. */
export function nextInside(window: DailyWindow, at: number): number | null {
  return nextWhere(window, at, true);
}

/** The first instant from `at` on that is outside all `closed` and inside all `open`; null where none comes in 8 days. */
export function nextAllowedAt(
  { closed, open }: { closed: readonly DailyWindow[]; open: readonly DailyWindow[] },
  at: number,
): number | null {
  const asked = [
    ...closed.map((window) => ({ window, inside: false })),
    ...open.map((window) => ({ window, inside: true })),
  ];
  let allowedAt = at;
  // Each window only ever moves the instant to the first that suits it: where all agree, it is the first that suits all.
  for (let agreed = 0, i = 0; agreed < asked.length; i = (i + 1) % asked.length) {
    const { window, inside } = asked[i] as (typeof asked)[number];
    const next = nextWhere(window, allowedAt, inside);
    if (next === null || next > at + HORIZON_MS) return null;
    agreed = next === allowedAt ? agreed + 1 : 1;
    allowedAt = next;
  }
  return allowedAt;
}

interface Clock {
  fromMs: number;
  toMs: number;
  days: readonly Weekday[] | undefined;
}

function clockOf({ from, to, days }: DailyWindow): Clock {
  const fromMs = parseTimeOfDayMs(from);
  const toMs = parseTimeOfDayMs(to);
  // Documents are checked before they are published.
  if (fromMs === null || toMs === null) throw new Error(`not times of day: ${from}, ${to}`);
  return { fromMs, toMs, days };
}

function holds({ fromMs, toMs, days }: Clock, local: number): boolean {
  const day = dayOf(local);
  const time = local - day * DAY_MS;
  const starts = (on: number) => days === undefined || days.includes(weekdayOf(on));
  if (fromMs < toMs) return time >= fromMs && time < toMs && starts(day);
  return (time >= fromMs && starts(day)) || (time < toMs && starts(day - 1));
}

function nextWhere(window: DailyWindow, at: number, inside: boolean): number | null {
  const clock = clockOf(window);
  let next = at;
  while (next <= at + HORIZON_MS) {
    const { offsetMs, untilAt } = offsetSpan(window.zone, next);
    const local = next + offsetMs;
    if (holds(clock, local) === inside) return next;
    // Nothing changes before the clock reaches one of the two times, or is switched.
    next = Math.min(nextReading(clock, local) - offsetMs, untilAt);
  }
  return null;
}

/** The next reading at which the window begins or ends. */
function nextReading({ fromMs, toMs }: Clock, local: number): number {
  const midnight = dayOf(local) * DAY_MS;
  const readings = [fromMs, toMs, fromMs + DAY_MS, toMs + DAY_MS].map((time) => midnight + time);
  return Math.min(...readings.filter((reading) => reading > local));
}
