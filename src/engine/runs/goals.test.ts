import { describe, expect, test } from 'vitest';
import { aConfig, aTrigger, products, send } from '../testing/builders.ts';
import { VirtualProfile } from '../testing/virtual-profile.ts';
import type { Goal } from '../trigger.ts';

const bought: Goal = {
  id: 'buy',
  on: { event: 'Order Completed' },
  within: '7d',
  value: 'event.properties.revenue',
};

function life(
  goals: Goal[] = [bought],
  changes: Parameters<typeof aTrigger>[0] = {},
  id = 'u1',
  kind: 'user' | 'anonymous' = 'user',
) {
  return new VirtualProfile({ config: aConfig({ triggers: [aTrigger({ goals, ...changes })] }), id, kind });
}
const conversions = (profile: VirtualProfile) =>
  profile.facts.flatMap(({ conversion }) => (conversion ? [conversion] : []));

describe('a goal', () => {
  test('is met by the first event within its time, with its value', () => {
    const profile = life();
    profile.track('Hello');
    const sentAt = profile.now;
    const [message] = profile.inbox();
    profile.advance('6d');
    profile.track('Order Completed', { revenue: 30 });
    profile.track('Order Completed', { revenue: 50 });
    expect(conversions(profile)).toEqual([
      {
        ...{ trigger: 'hello', version: 1, variant: null, goal: 'buy', heldOut: false, sentAt },
        ...{ messageId: message?.id, channel: 'in_app', value: 30, currency: 'KRW', credited: true },
      },
    ]);
    expect(profile.state.goals.size).toBe(0);
  });

  test('counts from the first message, not from the entry', () => {
    const profile = life([{ ...bought, within: '1h' }], { steps: [{ id: 'wait', wait: '1d' }, send()] });
    profile.track('Hello');
    profile.track('Order Completed', { revenue: 1 });
    expect(conversions(profile)).toEqual([]);
    profile.advance('1d');
    profile.advance('59m');
    profile.track('Order Completed', { revenue: 2 });
    expect(conversions(profile)).toMatchObject([{ value: 2 }]);
  });

  test('is missed when its time is over, to the millisecond', () => {
    for (const [more, n] of [
      [-1, 1],
      [0, 0],
    ] as const) {
      const profile = life([{ ...bought, within: '1h' }]);
      profile.track('Hello');
      profile.advanceTo(profile.now + 3_600_000 + more);
      profile.track('Order Completed');
      expect(conversions(profile)).toHaveLength(n);
    }
  });

  test('is not met by the event that started it, nor by an imported one', () => {
    const profile = life([{ id: 'again', on: { event: 'Hello' }, within: '1d' }]);
    profile.track('Hello');
    expect(conversions(profile)).toEqual([]);
    profile.track('Hello', {}, { imported: true });
    expect(conversions(profile)).toEqual([]);
    profile.track('Hello');
    expect(conversions(profile)).toHaveLength(1);
  });

  test('without a number has no value', () => {
    const profile = life();
    profile.track('Hello');
    profile.track('Order Completed', { revenue: '30' });
    expect(conversions(profile)).toMatchObject([{ value: null }]);
  });

  test('with matchKey is met for its own key only', () => {
    const profile = life([{ ...bought, matchKey: true }], { entry: { key: ['item.id'] } });
    for (const id of ['a', 'b']) {
      profile.track('Hello', products(id));
      profile.ack('Viewed', profile.inbox().at(-1)?.id ?? '');
    }
    profile.track('Order Completed', products('x', 'b'));
    expect(conversions(profile)).toHaveLength(1);
    expect([...profile.state.goals.values()].map(({ key }) => key)).toEqual(['["a"]']);
  });

  test('may compare with what started the run', () => {
    const where = {
      field: 'event.properties.cart',
      op: 'eq',
      value: { ref: 'entry.event.properties.cart' },
    } as const;
    const profile = life([{ ...bought, on: { event: 'Order Completed', where } }]);
    profile.track('Hello', { cart: 'c1' });
    profile.track('Order Completed', { cart: 'c2', revenue: 1 });
    profile.track('Order Completed', { cart: 'c1', revenue: 2 });
    expect(conversions(profile)).toMatchObject([{ value: 2 }]);
  });

  test('may be a segment, an attribute or a click', () => {
    const goals: Goal[] = [
      { id: 'vip', on: { attribute: 'user.traits.tier', from: 'missing' }, within: '1d' },
      { id: 'click', on: { message: 'clicked', trigger: 'hello' }, within: '1d' },
    ];
    const profile = life(goals);
    profile.track('Hello');
    profile.identify({ tier: 'VIP' });
    profile.ack('Clicked', profile.inbox()[0]?.id ?? '');
    expect(conversions(profile).map(({ goal }) => goal)).toEqual(['vip', 'click']);
  });

  test('counts for who was held out', () => {
    const profile = life([bought], { experiment: { holdout: 1, variants: [{ id: 'a', weight: 1 }] } });
    profile.track('Hello');
    profile.track('Order Completed', { revenue: 9 });
    expect(conversions(profile)).toMatchObject([{ heldOut: true, variant: 'a', value: 9 }]);
  });

  test('is open for nobody who got nothing', () => {
    const profile = life([bought], { steps: [send({ channels: ['push'] })] });
    profile.track('Hello');
    profile.track('Order Completed');
    expect(conversions(profile)).toEqual([]);
  });

  test('stays open when the run has exited: the message was sent', () => {
    const profile = life([bought], { exit: [{ on: { event: 'Order Completed' } }] });
    profile.track('Hello');
    profile.track('Order Completed', { revenue: 1 });
    expect(conversions(profile)).toHaveLength(1);
  });

  test('goes along in a merge, and is met once by the known profile', () => {
    const anonymous = life([bought], {}, 'a1', 'anonymous');
    const known = life();
    anonymous.track('Hello');
    known.track('Hello');
    known.merge(anonymous);
    expect(known.state.goals.size).toBe(2);
    known.track('Order Completed', { revenue: 5 });
    expect(conversions(known)).toMatchObject([{ value: 5 }]);
    expect(known.state.goals.size).toBe(0);
  });

  test('that a visitor met is told though D1 hadn’t heard of it before the merge', () => {
    const anonymous = life([bought], {}, 'a1', 'anonymous');
    anonymous.track('Hello');
    anonymous.track('Order Completed', { revenue: 5 });
    const fact = anonymous.facts.find(({ kind }) => kind === 'converted');
    if (!fact) throw new Error('no conversion');
    anonymous.state.outbox.set('fact:9', { kind: 'fact', id: 'fact:9', fact, retryAt: 0 });
    const known = life();
    known.merge(anonymous);
    expect(conversions(known)).toMatchObject([{ value: 5 }]);
  });
});

describe('an event that could be laid to several messages', () => {
  const credits = (profile: VirtualProfile) =>
    conversions(profile).map(({ trigger, messageId, credited }) => [trigger, messageId, credited]);
  const shownBy = (profile: VirtualProfile, trigger: string) =>
    profile.inbox().findLast((message) => message.trigger === trigger)?.id;

  test('is one conversion of a trigger, of its last message', () => {
    const profile = life([bought], { entry: { key: ['event.properties.n'] } });
    for (const n of [1, 2, 3]) {
      profile.track('Hello', { n });
      profile.ack('Viewed', profile.inbox().at(-1)?.id ?? '');
      profile.advance('1h');
    }
    const sentAt = Math.max(...[...profile.state.goals.values()].map((goal) => goal.sentAt));
    profile.track('Order Completed', { revenue: 5 });
    expect(conversions(profile)).toMatchObject([{ value: 5, sentAt, credited: true }]);
    profile.track('Order Completed', { revenue: 6 });
    expect(conversions(profile)).toHaveLength(1);
  });

  test('counts each message of a journey from its own time', () => {
    const profile = life([{ ...bought, within: '2d' }], {
      steps: [send(), { id: 'wait', wait: '3d' }, send({ id: 'again' })],
    });
    profile.track('Hello');
    const first = profile.now;
    profile.ack('Viewed', profile.inbox()[0]?.id ?? '');
    profile.advance('4d');
    profile.track('Order Completed', { revenue: 5 });
    expect(conversions(profile)).toMatchObject([{ value: 5, sentAt: first + 3 * 86_400_000 }]);
  });

  const two = (later: Goal[] = [bought], more: Parameters<typeof aTrigger>[0] = {}) => {
    const triggers = [
      aTrigger({ id: 'early', goals: [bought] }),
      aTrigger({
        id: 'late',
        goals: later,
        entry: { on: [{ event: 'Later' }] },
        ...more,
        steps: [send({ channels: ['card'] })],
      }),
    ];
    return new VirtualProfile({ config: aConfig({ triggers }) });
  };

  test('is met for every trigger, and credited to the one with the last message', () => {
    const profile = two();
    profile.track('Hello');
    const early = shownBy(profile, 'early');
    profile.advance('1h');
    profile.track('Later');
    const late = shownBy(profile, 'late');
    profile.track('Order Completed', { revenue: 5 });
    expect(credits(profile)).toEqual([
      ['early', early, false],
      ['late', late, true],
    ]);
  });

  test('falls back to the earlier message when the later one’s time is over', () => {
    const profile = two([{ ...bought, within: '1h' }]);
    profile.track('Hello');
    profile.track('Later');
    profile.advance('2h');
    profile.track('Order Completed');
    expect(credits(profile)).toMatchObject([['early', expect.anything(), true]]);
  });

  test('is credited by the same rule where the later message was held out', () => {
    const profile = two([bought], { experiment: { holdout: 1 } });
    profile.track('Hello');
    profile.advance('1h');
    profile.track('Later');
    profile.track('Order Completed');
    expect(conversions(profile)).toMatchObject([
      { trigger: 'early', heldOut: false, credited: false },
      { trigger: 'late', heldOut: true, credited: true },
    ]);
  });

  test('is credited once where it meets several goals of one message: to the first in the document', () => {
    const profile = life([
      { ...bought, id: 'first' },
      { ...bought, id: 'second' },
    ]);
    profile.track('Hello');
    profile.track('Order Completed', { revenue: 5 });
    expect(conversions(profile)).toMatchObject([
      { goal: 'first', credited: true },
      { goal: 'second', credited: false },
    ]);
  });
});

describe('a goal’s value', () => {
  test('is in the currency beside it, else in the workspace’s', () => {
    const profile = life();
    profile.track('Hello');
    profile.track('Order Completed', { revenue: 30, currency: 'USD' });
    expect(conversions(profile)).toMatchObject([{ value: 30, currency: 'USD' }]);
  });
});
