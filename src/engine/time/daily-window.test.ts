import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type DailyWindow, isInside, nextAllowedAt, nextInside, nextOutside } from './daily-window.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from './duration.ts';
import { WEEKDAYS } from './zone-time.ts';

const at = (text: string) => Date.parse(text);
const NIGHT: DailyWindow = { from: '21:00', to: '08:00', zone: 'Asia/Seoul' };

describe('the night from 21:00 to 08:00', () => {
  test.each([
    ['20:59:59.999', false],
    ['21:00:00', true],
    ['23:59:59', true],
    ['00:00:00', true],
    ['07:59:59.999', true],
    ['08:00:00', false],
  ])('at %s: inside is %s', (time, inside) => {
    expect(isInside(NIGHT, at(`2026-11-25T${time}+09:00`))).toBe(inside);
  });

  test('ends at 08:00:00, to the second', () => {
    expect(nextOutside(NIGHT, at('2026-11-25T21:00:00+09:00'))).toBe(at('2026-11-26T08:00:00+09:00'));
    expect(nextOutside(NIGHT, at('2026-11-26T07:59:59+09:00'))).toBe(at('2026-11-26T08:00:00+09:00'));
    expect(nextOutside(NIGHT, at('2026-11-26T12:00:00+09:00'))).toBe(at('2026-11-26T12:00:00+09:00'));
    expect(nextInside(NIGHT, at('2026-11-26T12:00:00+09:00'))).toBe(at('2026-11-26T21:00:00+09:00'));
  });

  test('belongs to the day on which it starts', () => {
    const friday: DailyWindow = { ...NIGHT, days: ['fri'] };
    expect(isInside(friday, at('2026-11-27T22:00:00+09:00'))).toBe(true);
    expect(isInside(friday, at('2026-11-28T07:00:00+09:00'))).toBe(true);
    expect(isInside(friday, at('2026-11-28T22:00:00+09:00'))).toBe(false);
    expect(isInside(friday, at('2026-11-27T07:00:00+09:00'))).toBe(false);
    expect(nextInside(friday, at('2026-11-28T08:00:00+09:00'))).toBe(at('2026-12-04T21:00:00+09:00'));
  });
});

test('seconds may be named, and a window may end at midnight', () => {
  const window: DailyWindow = { from: '18:30:15', to: '00:00', zone: 'UTC' };
  expect(isInside(window, at('2026-11-25T18:30:14Z'))).toBe(false);
  expect(isInside(window, at('2026-11-25T18:30:15Z'))).toBe(true);
  expect(isInside(window, at('2026-11-26T00:00:00Z'))).toBe(false);
});

test('in summer time nights are an hour shorter or longer, and end when the clock says so', () => {
  const night = { ...NIGHT, zone: 'America/New_York' };
  expect(nextOutside(night, at('2026-03-07T21:00:00-05:00'))).toBe(at('2026-03-08T08:00:00-04:00'));
  expect(nextOutside(night, at('2026-10-31T21:00:00-04:00'))).toBe(at('2026-11-01T08:00:00-05:00'));
});

test('a window that lies in a gap does not come that day; one that ends in a gap ends with its beginning', () => {
  const inGap: DailyWindow = { from: '02:10', to: '02:50', zone: 'America/New_York' };
  expect(nextInside(inGap, at('2026-03-08T00:00:00-05:00'))).toBe(at('2026-03-09T02:10:00-04:00'));
  const endsInGap: DailyWindow = { from: '01:00', to: '02:30', zone: 'America/New_York' };
  expect(nextOutside(endsInGap, at('2026-03-08T01:00:00-05:00'))).toBe(at('2026-03-08T03:00:00-04:00'));
});

test('hours that come twice are inside twice', () => {
  const window: DailyWindow = { from: '01:00', to: '01:30', zone: 'America/New_York' };
  const first = at('2026-11-01T01:00:00-04:00');
  expect(nextOutside(window, first)).toBe(first + 30 * MINUTE_MS);
  expect(nextInside(window, first + 30 * MINUTE_MS)).toBe(first + HOUR_MS);
});

describe('the next allowed instant', () => {
  const noon = at('2026-11-25T12:00:00+09:00');

  test('is this one where nothing forbids it', () => {
    expect(nextAllowedAt({ closed: [NIGHT], open: [] }, noon)).toBe(noon);
    expect(nextAllowedAt({ closed: [], open: [] }, noon)).toBe(noon);
  });

  test('lies outside all closed windows, each on its own clock', () => {
    const closed = [NIGHT, { ...NIGHT, zone: 'America/New_York' }];
    // Seoul's day is New York's night: both are awake only from 08:00 in Seoul, when it is 18:00 in New York.
    expect(nextAllowedAt({ closed, open: [] }, noon)).toBe(at('2026-11-26T08:00:00+09:00'));
  });

  test('lies inside all open windows, which may ask for a day', () => {
    const lunch: DailyWindow = { from: '12:00', to: '13:00', zone: 'Asia/Seoul', days: ['mon'] };
    expect(nextAllowedAt({ closed: [NIGHT], open: [lunch] }, noon)).toBe(at('2026-11-30T12:00:00+09:00'));
  });

  test('does not exist where the windows leave none', () => {
    const lateShow: DailyWindow = { from: '22:00', to: '23:00', zone: 'Asia/Seoul' };
    expect(nextAllowedAt({ closed: [NIGHT], open: [lateShow] }, noon)).toBeNull();
    expect(
      nextAllowedAt({ closed: [{ from: '00:00', to: '00:00', zone: 'UTC' }], open: [] }, noon),
    ).toBeNull();
    expect(nextAllowedAt({ closed: [], open: [{ ...NIGHT, days: [] }] }, noon)).toBeNull();
  });
});

/** Times on the quarter hour, so that looking minute by minute can miss nothing. */
const timeOfDay = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom('00', '15', '30', '45'))
  .map(([hour, minute]) => `${String(hour).padStart(2, '0')}:${minute}`);
const zone = fc.constantFrom(
  'Asia/Seoul',
  'America/New_York',
  'Europe/Dublin',
  'Australia/Lord_Howe',
  'Africa/Cairo',
  'America/Havana',
  'Africa/Casablanca',
  'Asia/Kathmandu',
  'America/Santiago',
  'UTC',
);
const dailyWindow = fc.record(
  {
    from: timeOfDay,
    to: timeOfDay,
    zone,
    days: fc.uniqueArray(fc.constantFrom(...WEEKDAYS), { minLength: 1 }),
  },
  { requiredKeys: ['from', 'to', 'zone'] },
) as fc.Arbitrary<DailyWindow>;
/** Days of switches in some of these zones, among others. */
const day = fc.constantFrom(
  '2026-03-08',
  '2026-03-22',
  '2026-03-29',
  '2026-04-05',
  '2026-04-24',
  '2026-10-25',
  '2026-11-01',
  '2026-09-06',
  '2026-10-30',
  '2026-07-01',
);
const instant = fc
  .tuple(day, fc.integer({ min: -36 * 60, max: 36 * 60 }))
  .map(([date, minutes]) => at(`${date}T00:00:00Z`) + minutes * MINUTE_MS);

test('the next allowed instant is the first minute that all windows allow, found by looking at every one', () => {
  const allows = (closed: DailyWindow[], open: DailyWindow[], when: number) =>
    closed.every((window) => !isInside(window, when)) && open.every((window) => isInside(window, when));
  fc.assert(
    fc.property(
      fc.array(dailyWindow, { maxLength: 3 }),
      fc.array(dailyWindow, { maxLength: 2 }),
      instant,
      (closed, open, from) => {
        const found = nextAllowedAt({ closed, open }, from);
        const until = Math.min(found ?? Number.POSITIVE_INFINITY, from + 8 * DAY_MS);
        if (found !== null) expect(allows(closed, open, found)).toBe(true);
        for (let when = from; when < until; when += MINUTE_MS) {
          if (allows(closed, open, when))
            expect.fail(`${new Date(when).toISOString()} would have been allowed`);
        }
      },
    ),
    { numRuns: 300 },
  );
}, 30_000);

test('outside and inside are each other’s complement from any instant on', () => {
  fc.assert(
    fc.property(dailyWindow, instant, (window, from) => {
      const inside = nextInside(window, from);
      const outside = nextOutside(window, from);
      expect(inside === from).toBe(isInside(window, from));
      expect(outside === from).toBe(!isInside(window, from));
      if (inside !== null && inside > from) expect(isInside(window, inside - 1)).toBe(false);
      if (outside !== null && outside > from) expect(isInside(window, outside - 1)).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});
