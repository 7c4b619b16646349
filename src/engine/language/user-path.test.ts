import { describe, expect, test } from 'vitest';
import { pathFault } from '../checks/check-path.ts';
import { scopeOf, startRound } from '../round.ts';
import { aConfig, products } from '../testing/builders.ts';
import { VirtualProfile } from '../testing/virtual-profile.ts';
import { HOUR_MS } from '../time/duration.ts';
import type { Json } from '../vocabulary.ts';
import { compilePath } from './path.ts';

function read(profile: VirtualProfile, path: string): Json[] {
  expect(pathFault(path)).toBeNull();
  const { state, config, now } = profile;
  return compilePath(path)(scopeOf(startRound({ state, history: profile, config, now }, null), null, null));
}

const born = () => new VirtualProfile({ config: aConfig() });

describe('the mean interval between sessions', () => {
  test('is missing before the second session, then the mean of all, in milliseconds', () => {
    const profile = born();
    profile.track('X');
    expect(read(profile, 'user.sessions.meanInterval')).toEqual([]);
    profile.advance('2h');
    profile.track('X');
    expect(read(profile, 'user.sessions.meanInterval')).toEqual([2 * HOUR_MS]);
    profile.advance('4h');
    profile.track('X');
    profile.advance('10m');
    profile.track('X');
    expect(read(profile, 'user.sessions.count')).toEqual([3]);
    expect(read(profile, 'user.sessions.meanInterval')).toEqual([3 * HOUR_MS]);
  });

  test('is told by events that open a session only', () => {
    const profile = born();
    profile.track('X');
    profile.advance('2h');
    profile.track('X', {}, { origin: 'server' });
    profile.advance('2h');
    profile.track('X');
    expect(read(profile, 'user.sessions.meanInterval')).toEqual([4 * HOUR_MS]);
  });

  test('goes on over a merge with the intervals of both', () => {
    const [known, anonymous] = [
      born(),
      new VirtualProfile({ config: aConfig(), id: 'a1', kind: 'anonymous' }),
    ];
    for (const [profile, hours] of [
      [known, '2h'],
      [anonymous, '6h'],
    ] as const) {
      profile.track('X');
      profile.advance(hours);
      profile.track('X');
    }
    known.advanceTo(anonymous.now);
    known.merge(anonymous);
    expect(read(known, 'user.sessions.meanInterval')).toEqual([4 * HOUR_MS]);
  });
});

test('the session’s page is its path, and what else is known of it stands under it', () => {
  const profile = born();
  expect(read(profile, 'session.page')).toEqual([]);
  profile.page(
    'Benefits',
    {},
    { context: { page: { path: '/benefits', url: 'https://shop.test/benefits' } } },
  );
  expect(read(profile, 'session.page')).toEqual(['/benefits']);
  expect(read(profile, 'session.page.name')).toEqual(['Benefits']);
  expect(read(profile, 'session.page.url')).toEqual(['https://shop.test/benefits']);
});

test.each([
  'event.name',
  'event.properties.price',
  'event.context.page.path',
  'user.id',
  'user.known',
  'user.traits.tier',
  'user.firstSeenAt',
  'user.lastSeenAt',
  'user.cart.value',
  'user.cart.count',
  'user.cart.oldestAt',
  'user.orders.count',
  'user.orders.value',
  'user.orders.lastAt',
  'user.sessions.count',
  'user.sessions.lastAt',
  'user.sessions.meanInterval',
  'user.lastViewed.id',
  'user.lastViewed.title',
  'item.price',
  'item.category',
  'entry.event.properties.cart_id',
  'entry.item.id',
  'entry.referencePrice',
  'session.page',
  'lookup.url',
])('%s can be read', (path) => {
  expect(pathFault(path)).toBeNull();
});

describe('what nobody has told', () => {
  test.each([
    'user.locale',
    'user.timezone',
    'user.cart.oldestAt',
    'user.orders.lastAt',
    'user.lastViewed.id',
    'user.traits.name',
  ])('is missing: %s', (path) => {
    expect(read(born(), path)).toEqual([]);
  });

  test('of a cart and of orders is none', () => {
    for (const path of ['user.cart.count', 'user.cart.value', 'user.orders.count', 'user.orders.value']) {
      expect([path, read(born(), path)]).toEqual([path, [0]]);
    }
  });

  test('is told by clients, carts and orders', () => {
    const profile = born();
    const began = profile.now;
    profile.track('Product Added', products({ product_id: 'a', price: 5, quantity: 2 }));
    profile.advance('1m');
    profile.track(
      'Order Completed',
      { revenue: 7, products: [{ product_id: 'b', name: 'Ring' }] },
      { context: { locale: 'ko-KR', timezone: 'Asia/Tokyo' } },
    );
    expect(read(profile, 'user.locale')).toEqual(['ko-KR']);
    expect(read(profile, 'user.timezone')).toEqual(['Asia/Tokyo']);
    expect(read(profile, 'user.cart.oldestAt')).toEqual([began]);
    expect(read(profile, 'user.cart.value')).toEqual([10]);
    expect(read(profile, 'user.orders.lastAt')).toEqual([profile.now]);
    expect(read(profile, 'user.orders.value')).toEqual([7]);
    expect(read(profile, 'user.firstSeenAt')).toEqual([began]);
    expect(read(profile, 'user.lastSeenAt')).toEqual([profile.now]);
    expect(read(profile, 'user.known')).toEqual([true]);
    expect(read(profile, 'user.id')).toEqual(['u1']);
  });
});
