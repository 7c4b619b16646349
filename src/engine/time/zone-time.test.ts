import { describe, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS } from './duration.ts';
import { firstZone, isZone } from './zone-offset.ts';
import {
  addDays,
  dayOf,
  instantReading,
  localParts,
  localTimeOf,
  nextTimeOfDay,
  parseTimeOfDayMs,
  startOf,
  weekdayOf,
} from './zone-time.ts';

const at = (text: string) => Date.parse(text);
const NEW_YORK = 'America/New_York';

test('an instant reads what the clock on the wall shows', () => {
  expect(localParts('Asia/Seoul', at('2026-12-31T15:00:07.900Z'))).toEqual({
    year: 2027,
    month: 1,
    day: 1,
    weekday: 'fri',
    hour: 0,
    minute: 0,
    second: 7,
  });
  expect(localParts('+05:45', at('1969-12-31T23:00:00Z'))).toMatchObject({ year: 1970, hour: 4, minute: 45 });
});

describe('what a calendar unit begins with', () => {
  const evening = at('2026-11-25T23:30:00+09:00');
  test.each([
    ['day', 1, '2026-11-25T00:00:00+09:00'],
    ['day', 3, '2026-11-23T00:00:00+09:00'],
    ['week', 1, '2026-11-23T00:00:00+09:00'],
    ['week', 2, '2026-11-16T00:00:00+09:00'],
    ['month', 1, '2026-11-01T00:00:00+09:00'],
    ['month', 11, '2026-01-01T00:00:00+09:00'],
    ['month', 12, '2025-12-01T00:00:00+09:00'],
  ] as const)('%s × %i began at %s', (unit, count, began) => {
    expect(startOf(unit, 'Asia/Seoul', evening, count)).toBe(at(began));
  });

  test('a week begins on Monday, on Sunday evening too', () => {
    const sunday = at('2026-11-29T23:59:59-05:00');
    expect(startOf('week', NEW_YORK, sunday)).toBe(at('2026-11-23T00:00:00-05:00'));
    expect(startOf('week', NEW_YORK, sunday + 1_000)).toBe(at('2026-11-30T00:00:00-05:00'));
  });

  test('a day whose midnight is skipped begins after the gap', () => {
    // Cairo, 24 April 2026: 00:00 → 01:00.
    expect(startOf('day', 'Africa/Cairo', at('2026-04-24T12:00:00+03:00'))).toBe(
      at('2026-04-24T01:00:00+03:00'),
    );
  });

  test('a day whose midnight comes twice begins with the first', () => {
    // Havana, 1 November 2026: 01:00 → 00:00.
    expect(startOf('day', 'America/Havana', at('2026-11-01T00:30:00-05:00'))).toBe(
      at('2026-11-01T00:00:00-04:00'),
    );
  });
});

describe('a time of day', () => {
  test('comes today where it is still to come, at this very instant too, else tomorrow', () => {
    const eight = parseTimeOfDayMs('08:00') as number;
    const morning = at('2026-11-25T08:00:00+09:00');
    expect(nextTimeOfDay('Asia/Seoul', morning - 1, eight)).toBe(morning);
    expect(nextTimeOfDay('Asia/Seoul', morning, eight)).toBe(morning);
    expect(nextTimeOfDay('Asia/Seoul', morning + 1, eight)).toBe(morning + DAY_MS);
  });

  test('waits for an allowed day, a week if need be', () => {
    const wednesday = at('2026-11-25T09:00:00+09:00');
    const eight = parseTimeOfDayMs('08:00') as number;
    expect(nextTimeOfDay('Asia/Seoul', wednesday, eight, ['wed'])).toBe(at('2026-12-02T08:00:00+09:00'));
    expect(nextTimeOfDay('Asia/Seoul', wednesday, eight, ['sat', 'sun'])).toBe(
      at('2026-11-28T08:00:00+09:00'),
    );
    expect(nextTimeOfDay('Asia/Seoul', wednesday, eight, [])).toBeNull();
  });

  test('that is skipped comes at the end of the gap; one that comes twice counts the first time', () => {
    const half = parseTimeOfDayMs('02:30') as number;
    expect(nextTimeOfDay(NEW_YORK, at('2026-03-08T00:00:00-05:00'), half)).toBe(
      at('2026-03-08T03:00:00-04:00'),
    );
    const early = parseTimeOfDayMs('01:30') as number;
    const first = at('2026-11-01T01:30:00-04:00');
    expect(nextTimeOfDay(NEW_YORK, first - HOUR_MS, early)).toBe(first);
    expect(nextTimeOfDay(NEW_YORK, first + MINUTE_MS, early)).toBe(at('2026-11-02T01:30:00-05:00'));
  });

  test('is written HH:MM or HH:MM:SS', () => {
    expect(parseTimeOfDayMs('21:00')).toBe(21 * HOUR_MS);
    expect(parseTimeOfDayMs('00:00:59')).toBe(59_000);
    for (const wrong of ['24:00', '9:00', '21.00', '21:60', '21:00:60', ' 21:00', '']) {
      expect(parseTimeOfDayMs(wrong)).toBeNull();
    }
  });
});

test('a day later the clock reads the same, though 23 or 25 hours have passed', () => {
  expect(addDays(NEW_YORK, at('2026-03-07T09:00:00-05:00'), 1)).toBe(at('2026-03-08T09:00:00-04:00'));
  expect(addDays(NEW_YORK, at('2026-11-01T09:00:00-05:00'), -1)).toBe(at('2026-10-31T09:00:00-04:00'));
  expect(addDays(NEW_YORK, at('2026-03-07T02:30:00-05:00'), 1)).toBe(at('2026-03-08T03:00:00-04:00'));
});

test('a name that is no zone never throws: it is passed over, and counts as UTC', () => {
  expect(isZone('Mars/Olympus')).toBe(false);
  expect(isZone('x'.repeat(10_000))).toBe(false);
  expect(firstZone(null, '', 'Mars/Olympus', 'Asia/Seoul', 'UTC')).toBe('Asia/Seoul');
  expect(firstZone(undefined)).toBe('UTC');
  expect(localParts('Mars/Olympus', 0)).toEqual(localParts('UTC', 0));
  expect(startOf('day', '', HOUR_MS)).toBe(0);
  expect(localTimeOf('Asia/Seoul', Number.NaN)).toBeNaN();
});

/** `Intl` alone says what the clock shows: slow, and independent of what is tested. */
function oracle(zone: string): (at: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return (instant) => {
    const read = new Map(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
    const part = (type: Intl.DateTimeFormatPartTypes) => read.get(type) ?? 0;
    return Date.UTC(
      part('year'),
      part('month') - 1,
      part('day'),
      part('hour'),
      part('minute'),
      part('second'),
    );
  };
}

/** The weeks of 2026 and 2027 in which the zone's offset changes. */
function switchesOf(read: (at: number) => number): number[] {
  const found: number[] = [];
  const offset = (instant: number) => read(instant) - instant;
  for (let from = at('2026-01-01T00:00:00Z'); from < at('2028-01-01T00:00:00Z'); from += 7 * DAY_MS) {
    let [low, high] = [from, from + 7 * DAY_MS];
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

describe('every zone of the world, around every switch of 2026 and 2027, in steps of 15 minutes', () => {
  const STEP_MS = 15 * MINUTE_MS;
  const zones = Intl.supportedValuesOf('timeZone').map((zone) => ({ zone, read: oracle(zone) }));
  const switched = zones.flatMap(({ zone, read }) =>
    switchesOf(read).map((switchAt) => ({
      zone,
      read,
      steps: Array.from({ length: 33 }, (_, i) => switchAt + (i - 16) * STEP_MS),
    })),
  );

  test('there are hundreds of them', () => {
    expect(zones.length).toBeGreaterThan(400);
    expect(switched.length).toBeGreaterThan(300);
  });

  test('the clock reads what Intl says', () => {
    for (const { zone, read, steps } of switched) {
      for (const step of steps) expect(localTimeOf(zone, step), `${zone} ${step}`).toBe(read(step));
    }
  });

  test('a reading is taken for the first instant that shows it or more, never one within a gap', () => {
    for (const { zone, steps } of switched) {
      let before = Number.NEGATIVE_INFINITY;
      for (
        let local = localTimeOf(zone, steps[0] as number);
        before < (steps[32] as number);
        local += STEP_MS
      ) {
        const instant = instantReading(zone, local);
        expect(localTimeOf(zone, instant), zone).toBeGreaterThanOrEqual(local);
        expect(localTimeOf(zone, instant - 1), zone).toBeLessThan(local);
        expect(instant, zone).toBeGreaterThanOrEqual(before);
        before = instant;
      }
    }
  });

  test('a day begins at or before its instants, on the same date, and never earlier than the day before', () => {
    for (const { zone, steps } of switched) {
      let before = Number.NEGATIVE_INFINITY;
      for (const step of steps) {
        const began = startOf('day', zone, step);
        expect(began, zone).toBeLessThanOrEqual(step);
        expect(began, zone).toBeGreaterThanOrEqual(before);
        expect(dayOf(localTimeOf(zone, began)), zone).toBe(dayOf(localTimeOf(zone, step)));
        expect(dayOf(localTimeOf(zone, began - 1)), zone).toBe(dayOf(localTimeOf(zone, step)) - 1);
        before = began;
      }
    }
  });

  test('the next time of day is the first, and comes no sooner for a later instant', () => {
    for (const { zone, steps } of switched) {
      for (const time of ['00:00', '02:30', '08:00', '21:00']) {
        const timeMs = parseTimeOfDayMs(time) as number;
        let before = Number.NEGATIVE_INFINITY;
        for (const step of steps) {
          const comes = nextTimeOfDay(zone, step, timeMs) ?? Number.NaN;
          expect(comes, zone).toBeGreaterThanOrEqual(Math.max(step, before));
          expect(comes - step, zone).toBeLessThanOrEqual(49 * HOUR_MS);
          const local = localTimeOf(zone, comes);
          expect(local - dayOf(local) * DAY_MS, zone).toBeGreaterThanOrEqual(timeMs);
          before = comes;
        }
      }
    }
  });
});

test('weekdays go on for ever, backwards too', () => {
  expect([-4, -3, 0, 3, 4].map(weekdayOf)).toEqual(['sun', 'mon', 'thu', 'sun', 'mon']);
});
