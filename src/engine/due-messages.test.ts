import { describe, expect, test } from 'vitest';
import { aConfig, aTrigger, live, send } from './testing/builders.ts';
import { VirtualProfile } from './testing/virtual-profile.ts';
import type { Channel, Trigger } from './trigger.ts';

const on = (id: string, surface = 'default', channel: Channel = 'in_app', priority = 50): Trigger =>
  aTrigger({
    id,
    priority,
    delivery: { expireAfter: '1d' },
    entry: { on: [{ event: id }] },
    steps: [send({ channels: [channel], surface })],
  });

function alive(...triggers: Trigger[]) {
  const profile = new VirtualProfile({ config: aConfig({ triggers }) });
  for (const { id } of triggers) {
    profile.track(id);
    profile.advance('1m');
  }
  const due = (query = {}) => profile.next(query).map(({ trigger }) => trigger);
  return { profile, due };
}

describe('what is due', () => {
  test('is the best message of each surface, the best of all first', () => {
    const { due } = alive(on('a'), on('b', 'search', 'in_app', 90), on('c', 'default', 'in_app', 60));
    expect(due()).toEqual(['b', 'c']);
  });

  test('is the older of two equals', () => {
    expect(alive(on('b'), on('a')).due()).toEqual(['b']);
  });

  test('is the next one once the best was seen', () => {
    const { profile, due } = alive(on('a', 'default', 'in_app', 60), on('b'));
    expect(due()).toEqual(['a']);
    profile.ack('Viewed', profile.next()[0]?.id ?? '');
    expect(due()).toEqual(['b']);
  });

  test('is every card, newest first, after the in-app messages', () => {
    const { due } = alive(
      on('c1', 'default', 'card'),
      on('a'),
      on('c2', 'default', 'card'),
      on('c3', 'x', 'card'),
    );
    expect(due()).toEqual(['a', 'c3', 'c2', 'c1']);
  });

  test('on one surface is what stands there', () => {
    const { due } = alive(on('a'), on('b', 'search'), on('c', 'search', 'card'), on('p', '__proto__'));
    expect(due({ surface: 'search' })).toEqual(['b', 'c']);
    expect(due({ surface: '__proto__' })).toEqual(['p']);
    expect(due({ surface: 'none' })).toEqual([]);
  });

  test('is cut at the limit, and at 50', () => {
    const { due } = alive(on('a'), on('b', 'search'), on('c', 'default', 'card'));
    expect(due({ limit: 1 })).toEqual(['a']);
    expect(due({ inAppLimit: 1 })).toEqual(['a', 'c']);
    const cards = Array.from({ length: 55 }, (_, i) => on(`c${i}`, 'default', 'card'));
    expect(alive(...cards).due({ limit: 100 })).toHaveLength(50);
  });

  test('comes back as often as it is asked for, and changes nothing', () => {
    const { profile, due } = alive(on('a'));
    const before = JSON.stringify([...profile.state.inbox]);
    expect([due(), due()]).toEqual([['a'], ['a']]);
    expect(JSON.stringify([...profile.state.inbox])).toBe(before);
  });

  test('is nothing of a trigger that is paused, and comes back with it', () => {
    const { profile, due } = alive(on('a'));
    profile.config = aConfig({ triggers: [live(on('a'), { state: 'paused' })] });
    expect(due()).toEqual([]);
    profile.config = aConfig({ triggers: [on('a')], stopped: true });
    expect(due()).toEqual([]);
    profile.config = aConfig({ triggers: [on('a')] });
    expect(due()).toEqual(['a']);
  });
});
