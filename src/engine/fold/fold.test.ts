/** What events make of a profile: traits, relations, consents, devices, orders. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aConfig, products } from '../testing/builders.ts';
import { VirtualProfile } from '../testing/virtual-profile.ts';
import type { Event } from '../vocabulary.ts';
import { TRAIT_BYTES_LIMIT, TRAIT_LIMIT } from './traits.ts';

const alive = () => new VirtualProfile({ config: aConfig() });
const traits = (profile: VirtualProfile) =>
  Object.fromEntries([...profile.state.traits].map(([name, { value }]) => [name, value]));

describe('traits', () => {
  test('are each the last writer’s by the event’s own time', () => {
    const profile = alive();
    const at = profile.now;
    profile.identify({ tier: 'VIP', name: 'new' }, { timestamp: at });
    profile.identify({ tier: 'GOLD', city: 'Seoul' }, { timestamp: at - 1 });
    expect(traits(profile)).toEqual({ tier: 'VIP', name: 'new', city: 'Seoul' });
  });

  test('are removed by null, and an older writer cannot bring them back', () => {
    const profile = alive();
    profile.identify({ tier: 'VIP' }, { timestamp: profile.now - 2 });
    profile.identify({ tier: null });
    profile.identify({ tier: 'GOLD' }, { timestamp: profile.now - 1 });
    expect(traits(profile)).toEqual({ tier: null });
  });

  test('beyond the caps are refused; what is there stays and may change', () => {
    const profile = alive();
    const many = Object.fromEntries(Array.from({ length: TRAIT_LIMIT + 5 }, (_, i) => [`t${i}`, i]));
    profile.identify(many);
    profile.advance('1s');
    profile.identify({ t0: 'changed', another: 1, __proto__: null });
    expect(profile.state.traits.size).toBe(TRAIT_LIMIT);
    expect(profile.state.traits.get('t0')?.value).toBe('changed');
  });

  test('beyond the caps by size are refused alone', () => {
    const profile = alive();
    profile.identify({ big: 'x'.repeat(TRAIT_BYTES_LIMIT), small: 1 });
    expect(traits(profile)).toEqual({ small: 1 });
  });
});

describe('the cart', () => {
  const cart = (profile: VirtualProfile) =>
    [...profile.state.relations]
      .filter(([key, { on }]) => key.startsWith('in_cart') && on)
      .map(([key]) => key.slice(8));
  const quantity = (profile: VirtualProfile, id: string) =>
    profile.state.relations.get(`in_cart\n${id}`)?.quantity;

  test('adds quantities up, and takes them out', () => {
    const profile = alive();
    profile.track('Product Added', products({ product_id: 'a', quantity: 2 }));
    profile.track('Product Added', products({ product_id: 'a', quantity: 3 }));
    profile.track('Product Removed', products({ product_id: 'a', quantity: 4 }));
    expect([cart(profile), quantity(profile, 'a')]).toEqual([['a'], 1]);
    profile.track('Product Removed', products({ product_id: 'a', quantity: 1 }));
    expect(cart(profile)).toEqual([]);
  });

  test('without a quantity is taken out whole', () => {
    const profile = alive();
    profile.track('Product Added', products({ product_id: 'a', quantity: 2 }));
    profile.track('Product Removed', products('a'));
    expect(cart(profile)).toEqual([]);
  });

  test('is emptied of what was ordered, and of nothing else', () => {
    const profile = alive();
    profile.track('Product Added', products('a', 'b', 'c'));
    profile.track('Order Completed', { ...products('a', { product_id: 'b', quantity: 1 }), revenue: 10 });
    expect(cart(profile)).toEqual(['c']);
    expect(profile.state.meta).toMatchObject({ orderCount: 1, orderValue: 10, orderLastAt: profile.now });
  });

  test('takes no product without an id', () => {
    const profile = alive();
    profile.track('Product Added', { products: [null, 'a', 5, {}, { product_id: '' }, { product_id: 7 }] });
    expect(profile.state.relations.size).toBe(0);
  });
});

describe('relations', () => {
  test('keep the price and the moment of their beginning', () => {
    const profile = alive();
    const bornAt = profile.now;
    profile.track('Product Added to Wishlist', products({ product_id: 'a', price: 100 }));
    profile.advance('1d');
    profile.track('Product Added to Wishlist', products({ product_id: 'a', price: 50 }));
    expect(profile.state.relations.get('liked\na')).toMatchObject({
      on: true,
      since: bornAt,
      price: { amount: 100, currency: 'KRW' },
    });
  });

  test('take the event’s currency where the product names none', () => {
    const profile = alive();
    profile.track('Product Added', {
      currency: 'USD',
      products: [
        { product_id: 'a', price: 1 },
        { product_id: 'b', price: 2, currency: 'EUR' },
      ],
    });
    const currencies = ['a', 'b'].map((id) => profile.state.relations.get(`in_cart\n${id}`)?.price?.currency);
    expect(currencies).toEqual(['USD', 'EUR']);
  });

  test('a like that arrives after a later unlike doesn’t revive it', () => {
    const profile = alive();
    profile.track('Product Removed from Wishlist', products('a'));
    profile.track('Product Added to Wishlist', products('a'), { timestamp: profile.now - 1 });
    expect(profile.state.relations.get('liked\na')?.on).toBe(false);
  });

  test('remember the last twenty products looked at', () => {
    const profile = alive();
    for (let i = 0; i < 30; i++) profile.track('Product Viewed', products(`p${i}`));
    const viewed = [...profile.state.relations.keys()].filter((key) => key.startsWith('viewed'));
    expect([viewed.length, viewed[0], viewed.at(-1)]).toEqual([20, 'viewed\np10', 'viewed\np29']);
  });
});

describe('devices', () => {
  test('are registered, replaced and forgotten by their id', () => {
    const profile = alive();
    profile.track('$device', { id: 'd1', type: 'fcm', token: 't1' });
    profile.track('$device', { id: 'd1', type: 'fcm', token: 't2' });
    profile.track('$device', { id: 'd2', type: 'web_push', subscription: { endpoint: 'https://x' } });
    expect([...profile.state.devices].map(([id, { address }]) => [id, address])).toEqual([
      ['d1', 't2'],
      ['d2', { endpoint: 'https://x' }],
    ]);
    profile.track('$device_removed', { id: 'd1' });
    expect([...profile.state.devices.keys()]).toEqual(['d2']);
  });

  test('are twenty at most, the newest', () => {
    const profile = alive();
    for (let i = 0; i < 25; i++) profile.track('$device', { id: `d${i}`, type: 'fcm', token: 't' });
    expect([...profile.state.devices.keys()]).toEqual(Array.from({ length: 20 }, (_, i) => `d${i + 5}`));
  });
});

describe('whatever the order in which events arrive', () => {
  const written = fc.record({
    kind: fc.constantFrom('trait', 'like', 'unlike', 'cart', 'uncart', 'order', 'grant', 'refuse'),
    about: fc.constantFrom('a', 'b', '__proto__'),
  });
  const NAMES = {
    like: 'Product Added to Wishlist',
    unlike: 'Product Removed from Wishlist',
    cart: 'Product Added',
    uncart: 'Product Removed',
    order: 'Order Completed',
  } as const;

  function eventOf(
    profile: VirtualProfile,
    { kind, about }: { kind: string; about: string },
    i: number,
  ): Event {
    const options = { messageId: `m${i}`, timestamp: profile.now - 3_600_000 + i, origin: 'server' } as const;
    if (kind === 'trait')
      return profile.anEvent('$identify', {}, { ...options, traits: JSON.parse(`{"${about}":${i}}`) });
    if (kind === 'grant' || kind === 'refuse') {
      return profile.anEvent(
        '$consent',
        { channel: about, purpose: 'marketing', granted: kind === 'grant' },
        options,
      );
    }
    return profile.anEvent(NAMES[kind as keyof typeof NAMES], products(about), options);
  }

  function outcome(profile: VirtualProfile) {
    const sorted = <T>(entries: Iterable<[string, T]>) => [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
    return {
      traits: sorted(profile.state.traits),
      on: sorted(profile.state.relations).map(([key, { on, at }]) => [key, on, at]),
      inForce: sorted(profile.state.consents).map(([key, ledger]) => [key, ledger[0]?.granted]),
      firstSeenAt: profile.state.meta.firstSeenAt,
      lastSeenAt: profile.state.meta.lastSeenAt,
      counts: sorted(profile.state.counts).map(([name, { n }]) => [name, n]),
    };
  }

  test('traits, relations and the consent in force are the same', () => {
    const orders = fc.array(written, { minLength: 2, maxLength: 12 }).chain((all) =>
      fc.tuple(
        fc.constant(all),
        fc.shuffledSubarray(
          all.map((_, i) => i),
          { minLength: all.length },
        ),
      ),
    );
    fc.assert(
      fc.property(orders, ([all, shuffled]) => {
        const [inOrder, mixed] = [alive(), alive()];
        for (const [i, one] of all.entries()) inOrder.receive(eventOf(inOrder, one, i));
        for (const i of shuffled) {
          const one = all[i];
          if (one) mixed.receive(eventOf(mixed, one, i));
        }
        expect(outcome(mixed)).toEqual(outcome(inOrder));
      }),
    );
  });
});
