/**
 * Every zone of the world around every switch of its clocks in 2026 and 2027, found and read through `Intl` alone: what quiet hours and send windows are compared with.
 */

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const FROM_AT = Date.parse('2026-01-01T00:00:00Z');
const UNTIL_AT = Date.parse('2028-01-01T00:00:00Z');
/** Looked at before and after a switch. */
export const AROUND_MINUTES = 36 * 60;

export interface Switch {
  zone: string;
  /** Of a zone that keeps its clocks, some day. */
  at: number;
  /** What the clock reads at `at` + so many minutes: minutes since 1970 on that clock. */
  minuteAt(minutes: number): number;
}

export function switchesOfAllZones(): Switch[] {
  return Intl.supportedValuesOf('timeZone').flatMap((zone) => {
    const offset = offsetReader(zone);
    const found = switchInstants(offset);
    return (found.length === 0 ? [Date.parse('2026-07-01T12:00:00Z')] : found).map((at) => {
      const [before, after] = [offset(at - MINUTE_MS), offset(at)];
      // No other switch is near: on each side the clock runs on evenly.
      for (const hours of [12, 24, 36]) {
        if (offset(at - hours * 60 * MINUTE_MS) !== before)
          throw new Error(`${zone} has two switches near ${at}`);
        if (offset(at + 2 * hours * 60 * MINUTE_MS) !== after)
          throw new Error(`${zone} has two switches near ${at}`);
      }
      const minuteAt = (minutes: number) =>
        at / MINUTE_MS + minutes + (minutes < 0 ? before : after) / MINUTE_MS;
      return { zone, at, minuteAt };
    });
  });
}

function offsetReader(zone: string): (at: number) => number {
  const parts = {
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  } as const;
  const clock = new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', ...parts });
  return (at) => {
    const [month = 0, day = 0, year = 0, hour = 0, minute = 0] = (clock.format(at).match(/\d+/g) ?? []).map(
      Number,
    );
    return Date.UTC(year, month - 1, day, hour, minute) - at;
  };
}

/** To the minute; two within four days would be missed, and are looked for by whoever uses them. */
function switchInstants(offset: (at: number) => number): number[] {
  const found: number[] = [];
  for (let from = FROM_AT; from < UNTIL_AT; from += 4 * DAY_MS) {
    let [low, high] = [from, from + 4 * DAY_MS];
    if (offset(low) === offset(high)) continue;
    while (high - low > MINUTE_MS) {
      const middle = Math.floor((low + high) / 2 / MINUTE_MS) * MINUTE_MS;
      if (offset(middle) === offset(low)) low = middle;
      else high = middle;
    }
    found.push(high);
  }
  return found;
}
