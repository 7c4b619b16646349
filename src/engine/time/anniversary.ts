/**
 * Dates that traits name, and when they come round: a birthday each year, a subscription each month, a delivery once. A day
 * that a month doesn't have is its last one (29 February is the 28th in other years).
 */
import { instantOf } from '../language/operators.ts';
import { instantReading, localParts, parseTimeOfDayMs } from './zone-time.ts';

interface Dated {
  /** `1990-05-01`, an ISO 8601 instant, or milliseconds. */
  value: string | number;
  every: 'year' | 'month' | null;
  /** Time of day in the zone; else the value's own, and for a bare date nine in the morning. */
  time: string | null;
}

interface Day {
  year: number;
  /** 1–12. */
  month: number;
  day: number;
  inDayMs: number;
}

const BARE_DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const NINE_MS = 9 * 3_600_000;

/** The first occurrence at or after `from`; null where there is none, or the value is no date. */
export function nextOccurrence(dated: Dated, from: number, zone: string): number | null {
  const first = dayNamed(dated.value, zone);
  if (!first) return null;
  const time = dated.time === null ? null : parseTimeOfDayMs(dated.time);
  const day = { ...first, inDayMs: time ?? first.inDayMs };
  if (dated.every === null) {
    const at = instantOn(day, zone);
    return at >= from ? at : null;
  }
  // It doesn't come round before it came first.
  const earliest = Math.max(from, instantOn(day, zone));
  const start = localParts(zone, earliest);
  // Two rounds: the one that `from` is in, and should that be over, the next.
  for (let round = 0; round <= 1; round++) {
    const monthIndex = dated.every === 'month' ? start.month - 1 + round : day.month - 1;
    const year = dated.every === 'month' ? start.year : start.year + round;
    const at = instantOn(
      { ...day, year: year + Math.floor(monthIndex / 12), month: (monthIndex % 12) + 1 },
      zone,
    );
    if (at >= earliest) return at;
  }
  return null;
}

function dayNamed(value: string | number, zone: string): Day | null {
  const at = instantOf(value);
  if (at === null) return null;
  const bare = typeof value === 'string' ? BARE_DATE.exec(value) : null;
  if (bare) {
    return { year: Number(bare[1]), month: Number(bare[2]), day: Number(bare[3]), inDayMs: NINE_MS };
  }
  const { year, month, day, hour, minute, second } = localParts(zone, at);
  return { year, month, day, inDayMs: ((hour * 60 + minute) * 60 + second) * 1000 };
}

function instantOn({ year, month, day, inDayMs }: Day, zone: string): number {
  const lastDay = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return instantReading(zone, Date.UTC(year, month - 1, Math.min(day, lastDay)) + inDayMs);
}
