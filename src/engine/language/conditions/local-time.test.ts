import { describe, expect, test } from 'vitest';
import { checkConditions } from '../../checks/check-condition.ts';
import { within } from '../../checks/walk-conditions.ts';
import { aConfig, aTriggerIf } from '../../testing/builders.ts';
import { type EventOptions, reasonOf, traceOf, VirtualProfile } from '../../testing/virtual-profile.ts';
import type { LocalTimeCondition } from '../../trigger.ts';

function at(condition: LocalTimeCondition, instant: string, options: EventOptions = {}) {
  const config = aConfig({ triggers: [aTriggerIf(condition)] });
  return new VirtualProfile({ config, at: Date.parse(instant) }).track('Hello', {}, options);
}

const OFFICE: LocalTimeCondition = { localTime: ['09:00', '18:00'] };
const NIGHT: LocalTimeCondition = { localTime: ['22:00', '02:00'], days: ['fri'] };

describe('hours on the user’s clock', () => {
  test.each([
    ['08:59:59', 'not_matched'],
    ['09:00:00', 'sent'],
    ['17:59:59', 'sent'],
    ['18:00:00', 'not_matched'],
  ])('09:00 to 18:00 at %s: %s', (time, reason) => {
    expect(reasonOf(at(OFFICE, `2026-11-25T${time}+09:00`))).toBe(reason);
  });

  test.each([
    ['2026-11-27T22:00:00+09:00', 'sent'],
    ['2026-11-28T01:59:59+09:00', 'sent'],
    ['2026-11-28T02:00:00+09:00', 'not_matched'],
    ['2026-11-28T22:00:00+09:00', 'not_matched'],
    ['2026-11-27T01:00:00+09:00', 'not_matched'],
  ])('Friday’s night goes on into Saturday: at %s %s', (instant, reason) => {
    expect(reasonOf(at(NIGHT, instant))).toBe(reason);
  });

  test('what the clock showed, and where it hangs, is told', () => {
    expect(traceOf(at(OFFICE, '2026-11-25T08:05:00+09:00'))).toMatchObject({
      path: 'entry.if',
      values: { localTime: 'wed 08:05', timezone: 'Asia/Seoul' },
    });
  });
});

describe('whose clock it is', () => {
  /** Noon in Seoul, 22:00 of the day before in New York, 04:00 in Paris. */
  const NOON = '2026-11-25T12:00:00+09:00';
  const zoneAt = (options: EventOptions) =>
    traceOf(at({ localTime: ['05:55', '05:56'] }, NOON, options))?.values?.timezone;

  test.each([
    ['the trait `timezone` before all', { traits: { timezone: 'Europe/Paris' } }, 'Europe/Paris'],
    [
      'the client’s, where the trait is no zone',
      { traits: { timezone: 'Mars/Olympus' } },
      'America/New_York',
    ],
    ['the client’s before the edge’s', {}, 'America/New_York'],
  ] as [string, EventOptions, string][])('%s', (_, options, zone) => {
    const context = { timezone: 'America/New_York', edge: { timezone: 'Asia/Tokyo' } };
    expect(zoneAt({ context, ...options })).toBe(zone);
  });

  test('the edge’s where the client names none, else the workspace’s', () => {
    expect(zoneAt({ context: { edge: { timezone: 'Asia/Tokyo' } } })).toBe('Asia/Tokyo');
    expect(zoneAt({})).toBe('Asia/Seoul');
  });
});

test('equal times are refused: nobody means an empty day, and a whole one needs no condition', () => {
  expect(checkConditions(within({ localTime: ['09:00', '09:00'] }, 'if'))).toEqual([
    { path: 'if.localTime', message: expect.stringContaining('two different times') },
  ]);
  expect(checkConditions(within(NIGHT, 'if'))).toEqual([]);
});
