/** A merge sends nothing that the other side has got already. */
import { describe, expect, test } from 'vitest';
import { aConfig, aTrigger, send } from '../testing/builders.ts';
import { VirtualProfile } from '../testing/virtual-profile.ts';
import type { Reeligibility, Step } from '../trigger.ts';

const never: Reeligibility = { mode: 'never' };
const pushing: Step[] = [send({ channels: ['push'] })];
type Side = 'known' | 'anonymous';
const other = (side: Side): Side => (side === 'known' ? 'anonymous' : 'known');
const SIDES: Side[] = ['known', 'anonymous'];

function pair(changes: Parameters<typeof aTrigger>[0] = {}) {
  const trigger = aTrigger({
    category: 'transactional',
    transactionalReason: 'r',
    reeligibility: never,
    steps: pushing,
    ...changes,
  });
  const config = aConfig({ triggers: [trigger] });
  const anonymous = new VirtualProfile({ config, id: 'a1', kind: 'anonymous' });
  const known = new VirtualProfile({ config, id: 'u1', at: anonymous.now });
  return { anonymous, known };
}
const cancelled = (profile: VirtualProfile) =>
  profile.facts.flatMap(({ kind, message }) => (kind === 'message_cancelled' ? [message?.reason] : []));

describe.each(SIDES)('of a trigger that is never sent twice, what %s has got', (side) => {
  test('isn’t sent again by what waits to leave on the other side', () => {
    const both = pair();
    both[side].track('Hello');
    both[side].dispatch();
    both[other(side)].track('Hello');
    both.known.merge(both.anonymous);
    expect(both.known.outbox()).toEqual([]);
    expect(cancelled(both.known)).toEqual(['not_eligible']);
    expect(both.known.state.runs.size).toBe(0);
  });

  test('isn’t shown again', () => {
    const both = pair({ steps: [send()] });
    both[side].track('Hello');
    both[side].ack('Viewed', both[side].inbox()[0]?.id ?? '');
    both[other(side)].track('Hello');
    both.known.merge(both.anonymous);
    expect(both.known.next()).toEqual([]);
  });

  test('isn’t sent again by a run that waits or is held', () => {
    const both = pair({ steps: [{ id: 'wait', wait: '1h' }, ...pushing] });
    both[side].track('Hello');
    both[side].advance('1h');
    both[side].dispatch();
    both[other(side)].now = both[side].now;
    both[other(side)].track('Hello');
    both.known.merge(both.anonymous);
    both.known.advance('2h');
    expect([both.known.outbox(), both.known.state.runs.size]).toEqual([[], 0]);
  });

  test('within its cooldown isn’t sent again; after it, is', () => {
    for (const [passed, n] of [
      ['59m', 0],
      ['1h', 1],
    ] as const) {
      const both = pair({ reeligibility: { mode: 'cooldown', after: '1h' } });
      both[side].track('Hello');
      both[side].dispatch();
      both[side].advance(passed);
      both[other(side)].now = both[side].now;
      both[other(side)].track('Hello');
      both.known.merge(both.anonymous);
      expect(both.known.outbox()).toHaveLength(n);
    }
  });

  test('for one key is nothing to another', () => {
    const both = pair({
      reeligibility: { mode: 'never', per: 'key' },
      entry: { key: ['event.properties.k'] },
    });
    both[side].track('Hello', { k: 'a' });
    both[side].dispatch();
    for (const k of ['a', 'b']) both[other(side)].track('Hello', { k });
    both.known.merge(both.anonymous);
    expect(both.known.outbox()).toHaveLength(1);
    expect([...both.known.state.runs.values()].map(({ key }) => key)).toEqual(['["b"]']);
  });
});

describe('what neither has got', () => {
  test('is sent once', () => {
    for (const first of SIDES) {
      const both = pair();
      both[first].track('Hello');
      for (const side of SIDES) both[side].advance('1m');
      both[other(first)].track('Hello');
      both.known.merge(both.anonymous);
      expect(both.known.dispatch()).toHaveLength(1);
    }
  });

  test('of two keys is sent once, where it is never sent twice to a user', () => {
    const both = pair({ entry: { key: ['event.properties.k'] } });
    both.known.track('Hello', { k: 'a' });
    both.anonymous.track('Hello', { k: 'b' });
    both.known.merge(both.anonymous);
    expect(both.known.dispatch()).toHaveLength(1);
  });
});

describe('what still waits on the other side is no reason to cancel', () => {
  test.each<[string, Parameters<typeof pair>[0]]>([
    [
      'a message of a trigger that may be sent twice',
      { reeligibility: { mode: 'always', max: 2 }, entry: { key: ['event.properties.k'] } },
    ],
    [
      'a message within a cooldown of what wasn’t sent yet',
      {
        entry: { key: ['event.properties.k'] },
        reeligibility: { mode: 'cooldown', after: '1h', per: 'key' },
      },
    ],
  ])('%s', (_, changes) => {
    const both = pair(changes);
    both.known.track('Hello', { k: 'a' });
    both.anonymous.track('Hello', { k: 'b' });
    both.known.merge(both.anonymous);
    expect(both.known.dispatch()).toHaveLength(2);
  });
});

describe('what a merge folds', () => {
  test('membership of a segment that either knew of is not entered again', () => {
    const segments = [{ id: 'vip', if: { field: 'user.traits.tier', op: 'eq' as const, value: 'VIP' } }];
    const trigger = aTrigger({ entry: { on: [{ segment: 'vip', change: 'entered' }] } });
    const config = aConfig({ triggers: [trigger], segments });
    const anonymous = new VirtualProfile({ config, id: 'a1', kind: 'anonymous' });
    const known = new VirtualProfile({ config, id: 'u1', at: anonymous.now });
    known.track('Other');
    anonymous.identify({ tier: 'VIP' });
    expect(anonymous.sends()).toBe(1);
    known.merge(anonymous);
    known.track('Other');
    expect(known.sends()).toBe(1);
  });

  test('a silence or date that either was told of isn’t told again', () => {
    const trigger = aTrigger({
      entry: { on: [{ date: 'user.traits.day' }, { inactive: '7d' }] },
      steps: [send({ channels: ['card'] })],
    });
    const config = aConfig({ triggers: [trigger] });
    const anonymous = new VirtualProfile({ config, id: 'a1', kind: 'anonymous' });
    const known = new VirtualProfile({ config, id: 'u1', at: anonymous.now });
    anonymous.identify({ day: '2026-12-05' });
    anonymous.advance('8d');
    known.now = anonymous.now;
    expect(anonymous.sends()).toBe(2);
    known.merge(anonymous);
    known.advance('30d');
    expect(known.sends()).toBe(2);
  });

  test('of the silences that both were told of, the later stands', () => {
    const trigger = aTrigger({ entry: { on: [{ inactive: '7d' }] }, steps: [send({ channels: ['card'] })] });
    const config = aConfig({ triggers: [trigger] });
    for (const later of ['known', 'anonymous'] as const) {
      const anonymous = new VirtualProfile({ config, id: 'a1', kind: 'anonymous' });
      const known = new VirtualProfile({ config, id: 'u1', at: anonymous.now });
      const both = { known, anonymous };
      for (const profile of [known, anonymous]) profile.track('Hello');
      both[later].advance('1d');
      both[later].track('Hello');
      for (const profile of [known, anonymous]) profile.advanceTo(anonymous.now + 9 * 86_400_000);
      const told = Math.max(
        ...[known, anonymous].flatMap(({ state }) =>
          [...state.timers.values()].map(({ firedFor }) => firedFor),
        ),
      );
      known.merge(anonymous);
      expect([...known.state.timers.values()].map(({ firedFor }) => firedFor)).toEqual([told]);
    }
  });

  test('what was spent today adds up', () => {
    const channels = [
      { id: 'push' as const, provider: 'log', settings: {}, cost: { amount: 10, currency: 'KRW' } },
    ];
    const trigger = aTrigger({ steps: pushing, category: 'transactional', budget: { perUserPerDay: 25 } });
    const config = aConfig({ triggers: [trigger], channels });
    const anonymous = new VirtualProfile({ config, id: 'a1', kind: 'anonymous' });
    const known = new VirtualProfile({ config, id: 'u1', at: anonymous.now });
    for (const profile of [anonymous, known]) {
      profile.track('Hello');
      profile.dispatch();
    }
    known.merge(anonymous);
    known.track('Hello');
    expect(known.outbox()).toEqual([]);
    known.advance('1d');
    known.track('Hello');
    expect(known.outbox()).toHaveLength(1);
    const late = new VirtualProfile({ config, id: 'a2', kind: 'anonymous', at: known.now - 86_400_000 });
    late.track('Hello');
    known.merge(late);
    expect([...known.state.spending.values()]).toEqual([{ day: '2026-12-02', amount: 10 }]);
  });
});
