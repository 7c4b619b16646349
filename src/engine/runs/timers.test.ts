/** Silences and dates: times of a profile's own that a trigger waits for. */
import { describe, expect, test } from 'vitest';
import { aConfig, aTrigger, send } from '../testing/builders.ts';
import { reasonOf, VirtualProfile } from '../testing/virtual-profile.ts';
import type { DateOn, InactiveOn, On } from '../trigger.ts';

const cards = [send({ channels: ['card'] })];
const listening = (...on: On[]) => aTrigger({ entry: { on }, steps: cards });
const aLife = (...on: On[]) => new VirtualProfile({ config: aConfig({ triggers: [listening(...on)] }) });
const sentAt = (profile: VirtualProfile) =>
  profile.state.log.get('hello\n')?.sent?.recent.map(([at]) => at) ?? [];
const DAY = 86_400_000;

describe('a silence', () => {
  const silent = (changes: Partial<InactiveOn> = {}) => aLife({ inactive: '7d', ...changes });

  test('is told once, to the millisecond, and begins anew with the next event', () => {
    const profile = silent();
    profile.track('Other');
    const first = profile.now;
    profile.advance('40d');
    expect(sentAt(profile)).toEqual([first + 7 * DAY]);
    profile.track('Other');
    const second = profile.now;
    profile.advance('40d');
    expect(sentAt(profile)).toEqual([first + 7 * DAY, second + 7 * DAY]);
  });

  test('is broken by coming back', () => {
    const profile = silent();
    for (let i = 0; i < 10; i++) {
      profile.track('Other');
      profile.advance('6d');
    }
    expect(profile.sends()).toBe(0);
  });

  test('of one event isn’t broken by others', () => {
    const profile = silent({ event: 'Order Completed' });
    profile.track('Other');
    profile.advance('30d');
    expect(profile.sends()).toBe(0);
    profile.track('Order Completed');
    const ordered = profile.now;
    for (let i = 0; i < 5; i++) {
      profile.advance('2d');
      profile.track('Other');
    }
    expect(sentAt(profile)).toEqual([ordered + 7 * DAY]);
  });

  test('of an imported event is counted from when that happened', () => {
    const profile = silent({ event: 'Order Completed' });
    profile.track('Order Completed', {}, { timestamp: profile.now - 5 * DAY, imported: true });
    const imported = profile.now;
    profile.advance('30d');
    expect(sentAt(profile)).toEqual([imported + 2 * DAY]);
  });

  test('is the longer of the duration and the user’s own cycle, once three intervals are known', () => {
    const visits = (n: number, apart: string, on: Partial<InactiveOn> = {}) => {
      const profile = silent({ cycleFactor: 2, ...on });
      for (let i = 0; i < n; i++) {
        if (i > 0) profile.advance(apart);
        profile.track(on.event ?? 'Other');
      }
      const last = profile.now;
      profile.advance('60d');
      return sentAt(profile).map((at) => (at - last) / DAY);
    };
    for (const on of [{}, { event: 'Order Completed' }]) {
      expect(visits(3, '5d', on)).toEqual([7]);
      expect(visits(4, '5d', on)).toEqual([10]);
      expect(visits(4, '2d', on)).toEqual([7]);
    }
  });

  test('of several lengths in one trigger is told at each of them', () => {
    const profile = aLife({ inactive: '7d' }, { inactive: '14d' });
    profile.track('Other');
    const last = profile.now;
    profile.advance('60d');
    expect(sentAt(profile).map((at) => (at - last) / DAY)).toEqual([7, 14]);
  });

  test('that was long over when a trigger began to listen is no news', () => {
    const profile = new VirtualProfile({ config: aConfig() });
    profile.track('Other');
    profile.advance('30d');
    profile.config = aConfig({ triggers: [listening({ inactive: '7d' })] });
    profile.advance('30d');
    expect(profile.sends()).toBe(0);
  });

  test('is nobody’s who was never seen', () => {
    const profile = silent();
    profile.advance('30d');
    expect(profile.sends()).toBe(0);
  });

  test('leaves alone who doesn’t match `if`, and runs its steps for who does', () => {
    const condition = { field: 'user.orders.count', op: 'gte', value: 1 } as const;
    const trigger = aTrigger({
      entry: { on: [{ inactive: '7d' }], if: condition },
      steps: [{ id: 'wait', wait: '1d' }, ...cards],
    });
    const profile = new VirtualProfile({ config: aConfig({ triggers: [trigger] }) });
    profile.track('Other');
    profile.advance('8d');
    expect(reasonOf(profile)).toBe('not_matched');
    profile.track('Order Completed');
    const last = profile.now;
    profile.advance('9d');
    expect(sentAt(profile)).toEqual([last + 8 * DAY]);
  });
});

describe('a date', () => {
  const dated = (changes: Partial<DateOn> = {}) => aLife({ date: 'user.traits.day', ...changes });
  const iso = (profile: VirtualProfile) => sentAt(profile).map((at) => new Date(at).toISOString());

  test('is told once', () => {
    const profile = dated();
    profile.identify({ day: '2026-12-24' });
    profile.advance('400d');
    expect(iso(profile)).toEqual(['2026-12-24T00:00:00.000Z']);
  });

  test('is told every year, moved by the offset, at a time of day in the user’s zone', () => {
    const profile = dated({ every: 'year', offset: '-3d', time: '10:00' });
    profile.identify({ day: '1990-12-24', timezone: 'America/New_York' });
    profile.advance('800d');
    expect(iso(profile)).toEqual([
      '2026-12-21T15:00:00.000Z',
      '2027-12-21T15:00:00.000Z',
      '2028-12-21T15:00:00.000Z',
    ]);
  });

  test('is told every month', () => {
    const profile = dated({ every: 'month' });
    profile.identify({ day: '2026-10-31' });
    profile.advance('100d');
    expect(iso(profile)).toEqual([
      '2026-12-31T00:00:00.000Z',
      '2027-01-31T00:00:00.000Z',
      '2027-02-28T00:00:00.000Z',
    ]);
  });

  test('moves with its trait', () => {
    const profile = dated();
    profile.identify({ day: '2026-12-24' });
    profile.advance('10d');
    profile.identify({ day: '2026-12-28' });
    profile.advance('30d');
    expect(iso(profile)).toEqual(['2026-12-28T00:00:00.000Z']);
    profile.identify({ day: '2027-02-01' });
    profile.advance('60d');
    expect(iso(profile)).toEqual(['2026-12-28T00:00:00.000Z', '2027-02-01T00:00:00.000Z']);
  });

  test('goes with its trait', () => {
    const profile = dated();
    profile.identify({ day: '2026-12-24' });
    profile.identify({ day: null });
    profile.advance('60d');
    expect(profile.sends()).toBe(0);
  });

  test('that is over by more than a day is no news', () => {
    const profile = dated();
    profile.identify({ day: '2026-11-24' });
    profile.advance('60d');
    expect(profile.sends()).toBe(0);
  });

  test('of several in one trigger is told for each, and silences beside them', () => {
    const profile = aLife({ date: 'user.traits.a' }, { date: 'user.traits.b' }, { inactive: '30d' });
    profile.identify({ a: '2026-12-10', b: '2026-12-05' });
    const last = profile.now;
    profile.advance('90d');
    expect(iso(profile)).toEqual([
      '2026-12-05T00:00:00.000Z',
      '2026-12-10T00:00:00.000Z',
      new Date(last + 30 * DAY).toISOString(),
    ]);
  });
});
