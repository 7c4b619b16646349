/**
 * The hour of the day in which a user is most active: the one with most of the user's own events of the last 30 days. With
 * fewer than ten active hours nothing is known of a habit. Read from history when a trigger asks, so that the event path
 * keeps no count.
 */

import type { Round } from '../round.ts';
import { type DailyWindow, isInside, nextAllowedAt, nextInside } from './daily-window.ts';
import { DAY_MS, HOUR_MS, SECOND_MS } from './duration.ts';
import { localParts, parseTimeOfDayMs } from './zone-time.ts';

const SPAN_MS = 30 * DAY_MS;
const ACTIVE_HOURS_NEEDED = 10;
const EVENT_LIMIT = 2_000;

/**
 * The hour as a window; null where no habit is known. Where all of it is closed, the last second before what closes it
 * stands in for it.
 */
export function usualWindow(round: Round, zone: string, closed: readonly DailyWindow[]): DailyWindow | null {
  const hour = usualHour(round, zone);
  if (hour === null) return null;
  let window: DailyWindow = { from: clock(hour * HOUR_MS), to: clock((hour + 1) * HOUR_MS), zone };
  // Each step goes back to before one of the closed windows; going round them all, it comes out or nothing is open.
  for (let steps = 0; steps <= closed.length; steps++) {
    if (nextAllowedAt({ closed, open: [window] }, round.now) !== null) return window;
    const begins = nextInside(window, round.now);
    const shut = closed.find((one) => begins !== null && isInside(one, begins));
    if (!shut) return window;
    const shutMs = parseTimeOfDayMs(shut.from) ?? 0;
    window = { from: clock(shutMs - SECOND_MS), to: clock(shutMs), zone: shut.zone };
  }
  return window;
}

/** A time of day; of milliseconds before or after the day, that of the day before or after. */
function clock(inDayMs: number): string {
  return new Date((inDayMs + DAY_MS) % DAY_MS).toISOString().slice(11, 19);
}

/** 0–23; null where no habit is known. Of equally busy hours the earlier. */
function usualHour({ history, now }: Round, zone: string): number | null {
  const instants = history.ownInstants(now - SPAN_MS, EVENT_LIMIT);
  const active = new Set(instants.map((at) => Math.floor(at / HOUR_MS)));
  if (active.size < ACTIVE_HOURS_NEEDED) return null;
  const counts = new Array<number>(24).fill(0);
  for (const at of instants) {
    const { hour } = localParts(zone, at);
    counts[hour] = (counts[hour] ?? 0) + 1;
  }
  return counts.indexOf(Math.max(...counts));
}
