/** What a round derives: attributes and segments that change, and what a `set` step changes in turn. */
import { describe, expect, test } from 'vitest';
import type { Segment } from '../documents.ts';
import { aConfig, aTrigger, live, type Published, send } from '../testing/builders.ts';
import { reasonOf, VirtualProfile } from '../testing/virtual-profile.ts';
import type { AttributeOn, On, Trigger } from '../trigger.ts';

const listening = (on: On, changes: Parameters<typeof aTrigger>[0] = {}) =>
  aTrigger({ ...changes, entry: { on: [on] } });
const aLife = (triggers: Trigger[], rest: Published = {}) =>
  new VirtualProfile({ config: aConfig({ triggers, ...rest }) });

describe('an attribute that changes', () => {
  const tier = (changes: Partial<AttributeOn> = {}) =>
    aLife([listening({ attribute: 'user.traits.tier', ...changes })]);
  const say = (profile: VirtualProfile, value: string | number | null) =>
    reasonOf(profile.identify({ tier: value }));

  test('is told only if there was a value before', () => {
    const profile = tier();
    expect(say(profile, 'A')).toBe('not_matched');
    expect(say(profile, 'B')).toBe('sent');
  });

  test('is not told when the same value is set again', () => {
    const profile = tier();
    say(profile, 'A');
    expect(say(profile, 'A')).toBeUndefined();
  });

  test('from missing is told the first time, and after it had been removed', () => {
    const profile = tier({ from: 'missing' });
    expect([say(profile, 'A'), say(profile, 'B'), say(profile, null), say(profile, 'C')]).toEqual([
      'sent',
      'not_matched',
      'not_matched',
      'sent',
    ]);
  });

  test.each<[Partial<AttributeOn>, boolean]>([
    [{ from: 'A' }, true],
    [{ from: 'X' }, false],
    [{ from: ['X', 'A'], to: 'B' }, true],
    [{ to: ['B', 'C'] }, true],
    [{ to: 'A' }, false],
    [{ from: { ref: 'user.traits.was' } }, true],
    [{ by: 'any' }, true],
    [{ by: 'increase' }, false],
  ])('from A to B is what %j asks for: %s', (changes, holds) => {
    const profile = tier(changes);
    profile.identify({ tier: 'A', was: 'A' });
    expect(say(profile, 'B')).toBe(holds ? 'sent' : 'not_matched');
  });

  test('by increase or decrease is told of numbers alone', () => {
    for (const [by, values, expected] of [
      ['increase', [1, 2, 1], ['sent', 'not_matched']],
      ['decrease', [1, 2, 1], ['not_matched', 'sent']],
      ['increase', [1, '2', 3], ['not_matched', 'not_matched']],
    ] as const) {
      const profile = tier({ by });
      say(profile, values[0]);
      expect([say(profile, values[1]), say(profile, values[2])]).toEqual(expected);
    }
  });

  test('may be one that the profile counts itself', () => {
    const profile = aLife([listening({ attribute: 'user.orders.count', by: 'increase' })]);
    expect(reasonOf(profile.track('Order Completed'))).toBe('sent');
  });

  test('by an imported event is told nobody, then or later', () => {
    const profile = tier();
    say(profile, 'A');
    profile.identify({ tier: 'B' }, { imported: true });
    expect(reasonOf(profile.track('Other'))).toBeUndefined();
    expect(profile.sends()).toBe(0);
  });
});

describe('a segment', () => {
  const vip: Segment = {
    id: 'vip',
    members: false,
    if: { field: 'user.traits.tier', op: 'eq', value: 'VIP' },
  };
  const fresh: Segment = {
    id: 'fresh',
    members: false,
    if: { field: 'user.traits.joined', op: 'withinLast', value: '7d' },
  };
  const watching = (segment: string, change: 'entered' | 'left') =>
    aLife([listening({ segment, change })], { segments: [vip, fresh] });

  test('is entered and left by events', () => {
    const [entering, leaving] = [watching('vip', 'entered'), watching('vip', 'left')];
    const told = (profile: VirtualProfile) =>
      ['VIP', 'VIP', 'GOLD', 'VIP'].map((tier) => reasonOf(profile.identify({ tier })));
    expect(told(entering)).toEqual(['sent', undefined, 'not_matched', 'sent']);
    expect(told(leaving)).toEqual(['not_matched', undefined, 'sent', 'not_matched']);
  });

  test('is left by the mere passing of time, at that very moment', () => {
    const profile = watching('fresh', 'left');
    profile.identify({ joined: profile.now });
    profile.advanceTo(profile.now + 7 * 86_400_000 - 1);
    expect(profile.sends()).toBe(0);
    profile.advanceTo(profile.now + 1);
    expect(profile.sends()).toBe(1);
    expect(reasonOf(profile.track('Other'))).toBeUndefined();
  });

  test('that was left while nothing could wake the profile is noticed by the next event', () => {
    const profile = watching('fresh', 'left');
    profile.identify({ joined: profile.now });
    profile.now += 8 * 86_400_000;
    expect(reasonOf(profile.track('Other'))).toBe('sent');
  });

  test('that one has long been in is not entered when a trigger begins to listen', () => {
    const profile = aLife([], { segments: [vip] });
    profile.identify({ tier: 'VIP' });
    profile.config = aConfig({
      triggers: [listening({ segment: 'vip', change: 'entered' })],
      segments: [vip],
    });
    profile.advance('1h');
    profile.wake();
    expect(reasonOf(profile.track('Other'))).toBeUndefined();
    profile.identify({ tier: 'GOLD' });
    expect(reasonOf(profile.identify({ tier: 'VIP' }))).toBe('sent');
  });

  test('is not watched for a trigger that is paused', () => {
    const paused = live(listening({ segment: 'vip', change: 'entered' }), { state: 'paused' });
    const profile = new VirtualProfile({ config: aConfig({ triggers: [paused], segments: [vip] }) });
    profile.identify({ tier: 'VIP' });
    expect(profile.state.segments.size).toBe(0);
  });

  test('that an import moved somebody into was not entered, then or later', () => {
    const profile = watching('vip', 'entered');
    profile.track('Other');
    profile.identify({ tier: 'VIP' }, { imported: true });
    expect(reasonOf(profile.track('Other'))).toBeUndefined();
    expect(profile.sends()).toBe(0);
  });

  test('that is entered ends runs, too', () => {
    const trigger = aTrigger({
      steps: [{ id: 'wait', wait: '1d' }, send()],
      exit: [{ on: { segment: 'vip', change: 'entered' } }],
    });
    const profile = aLife([trigger], { segments: [vip] });
    profile.track('Hello');
    expect(reasonOf(profile.identify({ tier: 'VIP' }))).toBe('exited');
  });
});

describe('a set step', () => {
  const marking = (changes: Parameters<typeof aTrigger>[0] = {}) =>
    aTrigger({
      id: 'mark',
      steps: [
        {
          id: 'set',
          set: { 'user.traits.stage': 'told', 'user.traits.from': { ref: 'entry.event.properties.n' } },
        },
        send({ surface: 'mark' }),
      ],
      ...changes,
    });

  test('writes traits, from what started the run as well', () => {
    const profile = aLife([marking()]);
    profile.track('Hello', { n: 7 });
    expect([profile.state.traits.get('stage')?.value, profile.state.traits.get('from')?.value]).toEqual([
      'told',
      7,
    ]);
  });

  test('is heard by an attribute listener in the same round', () => {
    const profile = aLife([marking(), listening({ attribute: 'user.traits.stage', from: 'missing' })]);
    const decision = profile.track('Hello');
    expect([reasonOf(decision, 'mark'), reasonOf(decision)]).toEqual(['sent', 'sent']);
  });

  test('moves a segment in the same round', () => {
    const segments: Segment[] = [{ id: 'told', if: { field: 'user.traits.stage', op: 'eq', value: 'told' } }];
    const profile = aLife([marking(), listening({ segment: 'told', change: 'entered' })], { segments });
    expect(reasonOf(profile.track('Hello'))).toBe('sent');
  });

  test('that sets off another that sets off the first ends', () => {
    const flip = (id: string, to: string): Trigger =>
      aTrigger({
        id,
        entry: { on: [{ attribute: 'user.traits.side', to: to === 'a' ? 'b' : 'a' }] },
        steps: [{ id: 'set', set: { 'user.traits.side': to } }, send({ channels: ['card'] })],
      });
    const profile = aLife([flip('to-a', 'a'), flip('to-b', 'b')]);
    profile.identify({ side: 'a' });
    profile.identify({ side: 'b' });
    const sends = profile.sends('to-a') + profile.sends('to-b');
    expect(sends).toBeGreaterThan(1);
    expect(sends).toBeLessThan(5);
  });

  test('keeps within the limits of traits', () => {
    const profile = aLife([marking()]);
    profile.identify({ long: 'x'.repeat(32_000) });
    profile.track('Hello', { n: 'y'.repeat(2_000) });
    expect(profile.state.traits.get('from')).toBeUndefined();
    expect(profile.state.traits.get('stage')?.value).toBe('told');
  });
});
