import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { eventTimes, parseInstant } from './event-time.ts';

const RECEIVED = Date.UTC(2026, 10, 24, 12);
const iso = (at: number) => new Date(at).toISOString();
const MINUTE = 60_000;

describe('eventTimes', () => {
  test('a right clock is left alone, whatever the way took', () => {
    const times = eventTimes(
      { originalTimestamp: iso(RECEIVED - 5_000), sentAt: iso(RECEIVED - 100) },
      RECEIVED,
    );
    expect(times).toEqual({ timestamp: RECEIVED - 4_900, originalAt: RECEIVED - 5_000 });
  });

  test.each([-3 * 365, -1, 1, 150 * 365])('a clock wrong by %i days is corrected', (days) => {
    const wrong = RECEIVED + days * 24 * 60 * MINUTE;
    const times = eventTimes({ originalTimestamp: iso(wrong - 10 * MINUTE), sentAt: iso(wrong) }, RECEIVED);
    expect(times).toEqual({ timestamp: RECEIVED - 10 * MINUTE, originalAt: wrong - 10 * MINUTE });
  });

  test('`timestamp` stands in for a missing or unreadable `originalTimestamp`', () => {
    const timestamp = iso(RECEIVED - MINUTE);
    const sentAt = iso(RECEIVED);
    const expected = { timestamp: RECEIVED - MINUTE, originalAt: RECEIVED - MINUTE };
    expect(eventTimes({ timestamp, sentAt }, RECEIVED)).toEqual(expected);
    expect(eventTimes({ originalTimestamp: 'yesterday', timestamp, sentAt }, RECEIVED)).toEqual(expected);
  });

  test('`originalTimestamp` goes before `timestamp`', () => {
    const both = { originalTimestamp: iso(RECEIVED - MINUTE), timestamp: iso(RECEIVED - 9 * MINUTE) };
    expect(eventTimes({ ...both, sentAt: iso(RECEIVED) }, RECEIVED).timestamp).toBe(RECEIVED - MINUTE);
  });

  test('without `sentAt` the client’s time is taken as it is', () => {
    const past = Date.UTC(2019, 0, 1);
    expect(eventTimes({ timestamp: iso(past) }, RECEIVED)).toEqual({ timestamp: past, originalAt: past });
  });

  test('nothing happens later than it arrives', () => {
    const ahead = { originalTimestamp: iso(RECEIVED + MINUTE) };
    expect(eventTimes(ahead, RECEIVED).timestamp).toBe(RECEIVED);
    expect(eventTimes({ ...ahead, sentAt: iso(RECEIVED) }, RECEIVED).timestamp).toBe(RECEIVED);
  });

  test.each([undefined, null, '', 'now', {}, [], true, Number.NaN, 1e300, '-999999-01-01'])(
    'an event that says %j happens when it arrives',
    (originalTimestamp) => {
      const times = eventTimes({ originalTimestamp, sentAt: iso(RECEIVED) }, RECEIVED);
      expect(times).toEqual({ timestamp: RECEIVED, originalAt: RECEIVED });
    },
  );

  test('an unreadable `sentAt` is as good as none', () => {
    const originalTimestamp = iso(RECEIVED - MINUTE);
    expect(eventTimes({ originalTimestamp, sentAt: 'soon' }, RECEIVED).timestamp).toBe(RECEIVED - MINUTE);
  });

  test('whatever a client sends, the time is a whole millisecond between 1970 and the arrival', () => {
    const anyTime = fc.oneof(
      fc.anything(),
      fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
      fc.double(),
      fc.string(),
    );
    fc.assert(
      fc.property(anyTime, anyTime, anyTime, (originalTimestamp, timestamp, sentAt) => {
        const times = eventTimes({ originalTimestamp, timestamp, sentAt }, RECEIVED);
        expect(Number.isInteger(times.timestamp)).toBe(true);
        expect(Number.isInteger(times.originalAt)).toBe(true);
        expect(times.timestamp).toBeGreaterThanOrEqual(0);
        expect(times.timestamp).toBeLessThanOrEqual(RECEIVED);
      }),
    );
  });

  test('the correction depends on the client’s clock only by its difference', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e12 }), fc.integer({ min: -1e12, max: 1e12 }), (lag, shift) => {
        const sent = RECEIVED + shift;
        const times = eventTimes({ originalTimestamp: sent - lag, sentAt: sent }, RECEIVED);
        expect(times.timestamp).toBe(RECEIVED - lag);
      }),
    );
  });
});

test('parseInstant reads ISO 8601 with and without a zone, and milliseconds', () => {
  expect(parseInstant('2026-11-24T21:00:00+09:00')).toBe(RECEIVED);
  expect(parseInstant('2026-11-24T12:00:00.000Z')).toBe(RECEIVED);
  expect(parseInstant(RECEIVED + 0.7)).toBe(RECEIVED);
});
