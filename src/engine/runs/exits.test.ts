import { describe, expect, test } from 'vitest';
import { aConfig, aTrigger, products, send } from '../testing/builders.ts';
import { reasonOf, traceOf, VirtualProfile } from '../testing/virtual-profile.ts';
import type { Exit, Step, Trigger } from '../trigger.ts';

const slow: Step[] = [{ id: 'wait', wait: '1h' }, send()];

function life(exit: Exit[], changes: Partial<Trigger> = {}) {
  const profile = new VirtualProfile({ config: aConfig({ triggers: [aTrigger({ exit, ...changes })] }) });
  profile.consent('push');
  return profile;
}
const bought: Exit = { on: { event: 'Order Completed' }, reason: 'bought' };

describe('an exit', () => {
  test('ends a run that waits, at once', () => {
    const profile = life([bought], { steps: slow });
    profile.track('Hello');
    expect(traceOf(profile.track('Order Completed'))).toMatchObject({
      reason: 'exited',
      values: { reason: 'bought' },
    });
    expect(profile.state.runs.size).toBe(0);
    profile.advance('2h');
    expect(profile.sends()).toBe(0);
  });

  test('takes back what is queued, and D1 hears of it', () => {
    const profile = life([bought], { steps: [send({ channels: ['push'] })] });
    profile.track('Hello');
    const [push] = profile.outbox();
    profile.track('Order Completed');
    expect(profile.outbox()).toEqual([]);
    expect(profile.claim(push?.messageId ?? '')).toEqual({ kind: 'gone', reason: 'settled' });
    expect(profile.facts.at(-1)).toMatchObject({
      kind: 'message_cancelled',
      message: { id: push?.messageId, reason: 'exited' },
    });
  });

  test('takes back what nobody has seen, though the run’s steps are through', () => {
    const profile = life([bought]);
    profile.track('Hello');
    profile.next();
    expect(reasonOf(profile.track('Order Completed'))).toBe('exited');
    expect(profile.next()).toEqual([]);
  });

  test('leaves alone what was seen, and what was sent', () => {
    const profile = life([bought], { steps: [send(), { id: 'wait', wait: '1h' }, send({ id: 'later' })] });
    profile.track('Hello');
    profile.ack('Viewed', profile.inbox()[0]?.id ?? '');
    expect(reasonOf(profile.track('Order Completed'))).toBe('exited');
    expect(profile.inbox()).toHaveLength(1);
    expect(profile.facts.map(({ kind }) => kind)).not.toContain('message_cancelled');
  });

  test('comes before the entry of the same event', () => {
    const profile = life([{ on: { event: 'Hello' } }]);
    profile.track('Hello');
    const [first] = profile.inbox();
    const decision = profile.track('Hello');
    expect(decision.trace.map(({ reason }) => reason)).toEqual(['exited', 'sent']);
    expect(profile.inbox().map(({ id }) => id)).not.toContain(first?.id);
  });

  test('with a where looks at the later event, and at what started the run', () => {
    const sameCart: Exit = {
      on: {
        event: 'Order Completed',
        where: {
          field: 'event.properties.cart_id',
          op: 'eq',
          value: { ref: 'entry.event.properties.cart_id' },
        },
      },
    };
    const profile = life([sameCart], { steps: slow });
    profile.track('Hello', { cart_id: 'c1' });
    expect(profile.track('Order Completed', { cart_id: 'c2' }).trace).toEqual([]);
    expect(reasonOf(profile.track('Order Completed', { cart_id: 'c1' }))).toBe('exited');
  });

  test('with a condition needs both', () => {
    const profile = life([{ ...bought, if: { field: 'user.cart.count', op: 'lt', value: 1 } }], {
      steps: slow,
    });
    profile.track('Product Added', products('a', 'b'));
    profile.track('Hello');
    profile.track('Order Completed', products('a'));
    expect(profile.state.runs.size).toBe(1);
    profile.track('Order Completed', products('b'));
    expect(profile.state.runs.size).toBe(0);
  });

  test('of another trigger touches no run', () => {
    const other = aTrigger({ id: 'other', steps: slow });
    const profile = new VirtualProfile({
      config: aConfig({ triggers: [aTrigger({ exit: [bought], steps: slow }), other] }),
    });
    profile.track('Hello');
    profile.track('Order Completed');
    expect([...profile.state.runs.values()].map(({ trigger }) => trigger)).toEqual(['other']);
  });
});

describe('an exit without `on`', () => {
  const emptied: Exit = { if: { field: 'user.cart.count', op: 'lt', value: 1 } };

  test('is judged on every event', () => {
    const profile = life([emptied], { steps: slow });
    profile.track('Product Added', products('a'));
    profile.track('Hello');
    profile.track('Other');
    expect(profile.state.runs.size).toBe(1);
    expect(reasonOf(profile.track('Product Removed', products('a')))).toBe('exited');
  });

  test('is judged on every timer', () => {
    const old: Exit = { if: { field: 'user.lastSeenAt', op: 'olderThan', value: '30m' } };
    const profile = life([old], { steps: slow });
    profile.track('Hello');
    profile.advance('1h');
    expect(reasonOf(profile)).toBe('exited');
    expect(profile.sends()).toBe(0);
  });

  test('is judged when the dispatcher asks', () => {
    const profile = life([{ if: { field: 'user.lastSeenAt', op: 'olderThan', value: '30m' } }], {
      steps: [send({ channels: ['push'] })],
    });
    profile.track('Hello');
    const [push] = profile.outbox();
    profile.now += 31 * 60_000;
    expect(profile.claim(push?.messageId ?? '')).toEqual({ kind: 'gone', reason: 'exited' });
  });

  test('sees the item that started the run, whatever the event is about', () => {
    const unliked: Exit = { if: { not: { relation: 'liked' } } };
    const profile = life([unliked], { steps: slow });
    profile.track('Product Added to Wishlist', products('a'));
    profile.track('Hello', products('a'));
    profile.track('Product Viewed', products('b'));
    expect(profile.state.runs.size).toBe(1);
    profile.track('Product Removed from Wishlist', products('a'));
    expect(profile.state.runs.size).toBe(0);
  });
});

describe('matchKey', () => {
  const keyed = (key: string[]) => ({ steps: slow, entry: { on: [{ event: 'Hello' }], key } });
  const exit: Exit[] = [{ ...bought, matchKey: true }];
  const keys = (profile: VirtualProfile) => [...profile.state.runs.values()].map(({ key }) => key);

  test('by item.id holds if any product of the order is the run’s', () => {
    const profile = life(exit, keyed(['item.id']));
    for (const id of ['a', 'b', 'c']) profile.track('Hello', products(id));
    profile.track('Order Completed', products('x', 'b'));
    expect(keys(profile)).toEqual(['["a"]', '["c"]']);
    profile.track('Order Completed', products('c', 'a'));
    expect(keys(profile)).toEqual([]);
  });

  test('reads the same path in the later event', () => {
    for (const path of ['event.properties.coupon_id', 'entry.event.properties.coupon_id']) {
      const profile = life([{ on: { event: 'Coupon Applied' }, matchKey: true }], keyed([path]));
      profile.track('Hello', { coupon_id: 'c1' });
      profile.track('Coupon Applied', { coupon_id: 'c2' });
      profile.track('Coupon Applied', {});
      profile.track('Coupon Applied', { coupon_id: null });
      expect(keys(profile)).toEqual(['["c1"]']);
      profile.track('Coupon Applied', { coupon_id: 'c1' });
      expect(keys(profile)).toEqual([]);
    }
  });

  test('of several paths needs each of them', () => {
    const profile = life(exit, keyed(['event.properties.a', 'event.properties.b']));
    profile.track('Hello', { a: 1, b: 2 });
    profile.track('Order Completed', { a: 1, b: 3 });
    expect(profile.state.runs.size).toBe(1);
    profile.track('Order Completed', { a: 1, b: 2 });
    expect(profile.state.runs.size).toBe(0);
  });

  test('never matches a key that was missing', () => {
    const profile = life(exit, keyed(['event.properties.a']));
    profile.track('Hello');
    profile.track('Order Completed');
    expect(profile.state.runs.size).toBe(1);
  });

  test('looks into lists', () => {
    const profile = life(exit, keyed(['event.properties.tags']));
    profile.track('Hello', { tags: ['a'] });
    profile.track('Order Completed', { tags: ['b', 'a'] });
    expect(profile.state.runs.size).toBe(0);
  });
});
