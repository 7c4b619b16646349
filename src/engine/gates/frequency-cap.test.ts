import { describe, expect, test } from 'vitest';
import type { CapRule } from '../documents.ts';
import { aConfig, aTrigger, products, send } from '../testing/builders.ts';
import { reasonOf, traceOf, VirtualProfile } from '../testing/virtual-profile.ts';

function aLife(rule: CapRule, at: string, surfaces = ['default']): VirtualProfile {
  const triggers = surfaces.map((surface) =>
    aTrigger({ id: surface, entry: { on: [{ event: surface }] }, steps: [send({ surface })] }),
  );
  const policies = { caps: { id: 'caps' as const, rules: [rule] } };
  return new VirtualProfile({ config: aConfig({ triggers, policies }), at: Date.parse(at) });
}

const say = (profile: VirtualProfile, surface = 'default') => reasonOf(profile.track(surface), surface);

describe('a cap on calendar days', () => {
  const daily: CapRule = { count: 1, window: { calendar: 'day' } };

  test('starts anew at midnight, though only minutes have passed', () => {
    const profile = aLife(daily, '2026-11-25T23:50:00+09:00');
    expect([say(profile), say(profile)]).toEqual(['sent', 'frequency_capped']);
    profile.advanceTo(Date.parse('2026-11-25T23:59:59+09:00'));
    expect(say(profile)).toBe('frequency_capped');
    profile.advanceTo(Date.parse('2026-11-26T00:00:00+09:00'));
    expect(say(profile)).toBe('sent');
  });

  test('counts the user’s days unless it names the workspace’s', () => {
    // Midnight in Seoul is four in the afternoon in Paris.
    const [before, after] = ['2026-11-25T23:50:00+09:00', '2026-11-26T00:10:00+09:00'];
    const reasonAfter = (rule: CapRule) => {
      const profile = aLife(rule, before);
      profile.identify({ timezone: 'Europe/Paris' });
      expect(say(profile)).toBe('sent');
      profile.advanceTo(Date.parse(after));
      return say(profile);
    };
    expect(reasonAfter(daily)).toBe('frequency_capped');
    expect(reasonAfter({ count: 1, window: { calendar: 'day', tz: 'workspace' } })).toBe('sent');
  });

  test('may take in weeks and months before this one', () => {
    const profile = aLife({ count: 1, window: { calendar: 'month', count: 2 } }, '2026-11-01T00:00:00+09:00');
    expect(say(profile)).toBe('sent');
    profile.advanceTo(Date.parse('2026-12-31T23:59:59+09:00'));
    expect(say(profile)).toBe('frequency_capped');
    profile.advanceTo(Date.parse('2027-01-01T00:00:00+09:00'));
    expect(say(profile)).toBe('sent');
  });
});

test('a cap on a surface counts what was shown there, and nothing else', () => {
  const rule: CapRule = { count: 1, window: { last: '1d' }, surface: 'banner' };
  const profile = aLife(rule, '2026-11-25T12:00:00+09:00', ['default', 'banner']);
  expect([say(profile, 'default'), say(profile, 'default')]).toEqual(['sent', 'sent']);
  expect([say(profile, 'banner'), say(profile, 'banner')]).toEqual(['sent', 'frequency_capped']);
  expect(say(profile, 'default')).toBe('sent');
});

describe('a cap per item', () => {
  const rule: CapRule = { count: 1, window: { last: '1d' }, per: ['item.id'] };
  const view = (profile: VirtualProfile, id: string, trigger = 'a') =>
    reasonOf(profile.track(trigger, products(id)), trigger);

  test('counts each item by itself, over all triggers', () => {
    const profile = aLife(rule, '2026-11-25T12:00:00+09:00', ['a', 'b']);
    expect([view(profile, 'ring'), view(profile, 'ring'), view(profile, 'chain')]).toEqual([
      'sent',
      'frequency_capped',
      'sent',
    ]);
    expect(view(profile, 'ring', 'b')).toBe('frequency_capped');
    profile.advance('1d');
    expect(view(profile, 'ring', 'b')).toBe('sent');
  });

  test('has no say in messages about no item', () => {
    const profile = aLife(rule, '2026-11-25T12:00:00+09:00', ['a']);
    expect([say(profile, 'a'), say(profile, 'a')]).toEqual(['sent', 'sent']);
  });

  test('gives the one place to the best of a round, and the loser names it', () => {
    const triggers = [10, 90].map((priority) =>
      aTrigger({
        id: `p${priority}`,
        priority,
        entry: { on: [{ event: 'View' }] },
        steps: [send({ surface: `s${priority}` })],
      }),
    );
    const policies = { caps: { id: 'caps' as const, rules: [rule] } };
    const profile = new VirtualProfile({ config: aConfig({ triggers, policies }) });
    const decision = profile.track('View', products('ring'));
    expect(reasonOf(decision, 'p90')).toBe('sent');
    expect(traceOf(decision, 'p10')).toMatchObject({ reason: 'outranked', values: { winner: 'p90' } });
  });

  test('counts what either profile got, once they are one', () => {
    const [user, visitor] = [
      aLife(rule, '2026-11-25T12:00:00+09:00', ['a']),
      new VirtualProfile({
        config: aLife(rule, '2026-11-25T12:00:00+09:00', ['a']).config,
        id: 'visitor',
        kind: 'anonymous',
        at: Date.parse('2026-11-25T12:00:00+09:00'),
      }),
    ];
    expect(view(visitor, 'ring')).toBe('sent');
    user.merge(visitor);
    expect(view(user, 'ring')).toBe('frequency_capped');
  });

  test('remembers no more items than so many', () => {
    const profile = aLife(rule, '2026-11-25T12:00:00+09:00', ['a']);
    for (let i = 0; i < 510; i++) {
      view(profile, `item-${i}`);
      for (const { id } of profile.inbox()) profile.ack('Dismissed', id);
    }
    expect(profile.state.capped.size).toBe(500);
  });
});
