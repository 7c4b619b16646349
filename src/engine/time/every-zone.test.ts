/** Quiet hours and send windows in every zone, around every switch of its clocks in two years, against a scan. */
import { describe, expect, test } from 'vitest';
import { AROUND_MINUTES, type Switch, switchesOfAllZones } from '../../../tests/support/zone-switches.ts';
import { aConfig, aTrigger, send } from '../testing/builders.ts';
import { VirtualProfile } from '../testing/virtual-profile.ts';
import { type DailyWindow, isInside, nextInside, nextOutside } from './daily-window.ts';
import { DAY_MS, MINUTE_MS } from './duration.ts';
import { WEEKDAYS } from './zone-time.ts';

const switches = switchesOfAllZones();
const DAY_MINUTES = 24 * 60;
const QUARTER = 15;
const LENGTH = (3 * AROUND_MINUTES) / QUARTER;
/** From the switch. */
const minutesOf = (i: number) => i * QUARTER - AROUND_MINUTES;

const WINDOWS: Omit<DailyWindow, 'zone'>[] = [
  { from: '21:00', to: '08:00' },
  // In and around the hours at which clocks are switched.
  { from: '01:30', to: '03:15' },
  { from: '23:45', to: '00:30' },
  { from: '09:00', to: '18:00', days: ['mon', 'tue', 'wed', 'thu', 'fri'] },
  { from: '22:00', to: '02:30', days: ['sat', 'sun'] },
];

const minuteOf = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
/** 1970-01-01 was a Thursday. */
const startsOn = ({ days }: Omit<DailyWindow, 'zone'>, day: number) =>
  days === undefined || days.includes(WEEKDAYS[(day + 3) % 7] as (typeof WEEKDAYS)[number]);

function reads(window: Omit<DailyWindow, 'zone'>, minute: number): boolean {
  const [day, time] = [Math.floor(minute / DAY_MINUTES), minute % DAY_MINUTES];
  const [from, to] = [minuteOf(window.from), minuteOf(window.to)];
  if (from < to) return from <= time && time < to && startsOn(window, day);
  return (from <= time && startsOn(window, day)) || (time < to && startsOn(window, day - 1));
}

/**
 * For each quarter of an hour around the switch: whether it is inside, and the first one after it that isn't so. Windows
 * begin and end on quarters, and clocks are switched on them: nothing lies between.
 */
function scan(window: Omit<DailyWindow, 'zone'>, { minuteAt }: Switch) {
  const inside = Array.from({ length: LENGTH }, (_, i) => reads(window, minuteAt(minutesOf(i))));
  const changes = new Array<number>(LENGTH).fill(LENGTH);
  for (let i = LENGTH - 2; i >= 0; i--)
    changes[i] = inside[i] === inside[i + 1] ? (changes[i + 1] ?? LENGTH) : i + 1;
  return { inside, changes };
}

/** What is wrong at one quarter; null where all is as the scan says. */
function faultAt(
  asked: DailyWindow,
  atOf: (i: number) => number,
  { inside, changes }: ReturnType<typeof scan>,
  i: number,
): string | null {
  const at = atOf(i);
  const isIn = inside[i] === true;
  if (isInside(asked, at) !== isIn) return `inside should be ${isIn}`;
  const change = changes[i] ?? LENGTH;
  if (change === LENGTH) return null;
  const [now, next] = isIn ? [nextInside, nextOutside] : [nextOutside, nextInside];
  if (now(asked, at) !== at) return 'is what it asks for already';
  if (next(asked, at) !== atOf(change)) return `should change at ${new Date(atOf(change)).toISOString()}`;
  return isInside(asked, atOf(change) - 1) === isIn ? null : 'changes a millisecond too early';
}

test('there are hundreds of zones, and of switches', () => {
  expect(new Set(switches.map(({ zone }) => zone)).size).toBe(Intl.supportedValuesOf('timeZone').length);
  expect(switches.length).toBeGreaterThan(700);
  expect(switches.filter(({ at }) => at % (QUARTER * MINUTE_MS) !== 0)).toEqual([]);
});

test.each(WINDOWS)(
  'inside and outside from $from to $to, and the next of each, in every zone',
  (window) => {
    for (const one of switches) {
      const scanned = scan(window, one);
      const atOf = (i: number) => one.at + minutesOf(i) * MINUTE_MS;
      for (let i = 0; i < LENGTH / 2; i += Math.abs(minutesOf(i)) < 4 * 60 ? 1 : 3) {
        const fault = faultAt({ ...window, zone: one.zone }, atOf, scanned, i);
        if (fault !== null) expect.fail(`${one.zone} ${new Date(atOf(i)).toISOString()}: ${fault}`);
      }
    }
  },
  30_000,
);

test('a daily window opens once on each day: none is missed, none comes twice', () => {
  for (const { zone, at, minuteAt } of switches) {
    const window = { from: '09:00', to: '10:00', zone };
    const opened: number[] = [];
    for (let from = at - AROUND_MINUTES * MINUTE_MS; opened.length < 4; ) {
      const opens = nextInside(window, from) ?? Number.NaN;
      opened.push(Math.floor(minuteAt((opens - at) / MINUTE_MS) / DAY_MINUTES));
      from = nextOutside(window, opens) ?? Number.NaN;
    }
    const [first = Number.NaN] = opened;
    expect(opened, zone).toEqual([first, first + 1, first + 2, first + 3]);
  }
});

describe('a push that keeps to quiet hours on the user’s own clock', () => {
  const quiet = { from: '21:00', to: '08:00' };
  const trigger = aTrigger({
    category: 'transactional',
    transactionalReason: 'test',
    delivery: { quietHours: { action: 'hold' }, expireAfter: '7d' },
    steps: [send({ channels: ['push'] })],
  });
  const policies = {
    quietHours: { id: 'quiet_hours' as const, ...quiet, tz: 'user', action: 'hold' as const },
  };
  const config = aConfig({ triggers: [trigger], policies });

  test('leaves at the first minute that isn’t quiet, in every zone and around every switch', () => {
    for (const one of switches) {
      const { inside, changes } = scan(quiet, one);
      for (const minutes of [-1_200, -600, -15, 0, 60, 600]) {
        const i = (minutes + AROUND_MINUTES) / QUARTER;
        const leavesAt = one.at + minutesOf(inside[i] ? (changes[i] ?? 0) : i) * MINUTE_MS;
        const profile = new VirtualProfile({ config, at: one.at - 40 * DAY_MS });
        profile.advanceTo(one.at + minutes * MINUTE_MS);
        profile.track('Hello', {}, { context: { timezone: one.zone } });
        profile.advanceTo(leavesAt);
        expect(
          profile.offers.map(({ at }) => at),
          `${one.zone} ${minutes} minutes from ${new Date(one.at).toISOString()}`,
        ).toEqual([leavesAt]);
      }
    }
  });
});
