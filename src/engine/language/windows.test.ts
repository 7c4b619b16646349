import { describe, expect, test } from 'vitest';
import { aConfig, aTriggerIf } from '../testing/builders.ts';
import { reasonOf, VirtualProfile } from '../testing/virtual-profile.ts';
import type { Window } from '../trigger.ts';
import type { JsonObject } from '../vocabulary.ts';

/** Whether an event at `then` counts in the window at `now`. */
function counts(window: Window, then: string, now: string, traits: JsonObject = {}): boolean {
  const config = aConfig({ triggers: [aTriggerIf({ did: 'X', window })] });
  const profile = new VirtualProfile({ config, at: Date.parse(then) });
  profile.identify(traits);
  profile.track('X');
  profile.advanceTo(Date.parse(now));
  return reasonOf(profile.track('Hello')) === 'sent';
}

describe('a window of the calendar', () => {
  // 25 November 2026 is a Wednesday.
  test.each([
    [{ calendar: 'day' }, '2026-11-25T00:00:00+09:00', true],
    [{ calendar: 'day' }, '2026-11-24T23:59:59+09:00', false],
    [{ calendar: 'day', count: 2 }, '2026-11-24T00:00:00+09:00', true],
    [{ calendar: 'day', count: 2 }, '2026-11-23T23:59:59+09:00', false],
    [{ calendar: 'week' }, '2026-11-23T00:00:00+09:00', true],
    [{ calendar: 'week' }, '2026-11-22T23:59:59+09:00', false],
    [{ calendar: 'week', count: 2 }, '2026-11-16T00:00:00+09:00', true],
    [{ calendar: 'month' }, '2026-11-01T00:00:00+09:00', true],
    [{ calendar: 'month' }, '2026-10-31T23:59:59+09:00', false],
    [{ calendar: 'month', count: 3 }, '2026-09-01T00:00:00+09:00', true],
  ] as [Window, string, boolean][])('%j holds what happened at %s: %s', (window, then, expected) => {
    expect(counts(window, then, '2026-11-25T09:00:00+09:00')).toBe(expected);
  });

  test('is the user’s own, unless it names the workspace’s', () => {
    const [then, now] = ['2026-11-24T14:00:00Z', '2026-11-24T16:00:00Z'];
    const inParis = { timezone: 'Europe/Paris' };
    expect(counts({ calendar: 'day' }, then, now, inParis)).toBe(true);
    expect(counts({ calendar: 'day', tz: 'user' }, then, now, inParis)).toBe(true);
    expect(counts({ calendar: 'day', tz: 'workspace' }, then, now, inParis)).toBe(false);
  });

  test('begins where the clock says, when summer time has moved it', () => {
    const inNewYork = { timezone: 'America/New_York' };
    const now = '2026-03-08T12:00:00-04:00';
    expect(counts({ calendar: 'day' }, '2026-03-08T00:00:00-05:00', now, inNewYork)).toBe(true);
    expect(counts({ calendar: 'day' }, '2026-03-07T23:59:59-05:00', now, inNewYork)).toBe(false);
  });
});

test('a rolling window rolls to the millisecond, and leaves out its own beginning', () => {
  expect(counts({ last: '1d' }, '2026-11-24T09:00:00.001Z', '2026-11-25T09:00:00Z')).toBe(true);
  expect(counts({ last: '1d' }, '2026-11-24T09:00:00Z', '2026-11-25T09:00:00Z')).toBe(false);
});
