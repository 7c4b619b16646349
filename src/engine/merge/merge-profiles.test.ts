import { describe, expect, test } from 'vitest';
import { aConfig, aTriggerIf, products, send } from '../testing/builders.ts';
import { reasonOf, VirtualProfile } from '../testing/virtual-profile.ts';
import type { Trigger } from '../trigger.ts';

function pair(...triggers: Trigger[]) {
  const config = aConfig({ triggers });
  const anonymous = new VirtualProfile({ config, id: 'a1', kind: 'anonymous' });
  const known = new VirtualProfile({ config, id: 'u1', at: anonymous.now });
  const later = () => {
    for (const profile of [anonymous, known]) profile.advance('1m');
  };
  return { anonymous, known, later };
}

describe('what both knew', () => {
  test('of traits the later word stands, of either', () => {
    const { anonymous, known, later } = pair();
    known.identify({ tier: 'OLD', city: 'Seoul' });
    later();
    anonymous.identify({ tier: 'NEW', name: 'x' });
    later();
    known.identify({ name: 'y' });
    known.merge(anonymous);
    const traits = Object.fromEntries([...known.state.traits].map(([name, { value }]) => [name, value]));
    expect(traits).toEqual({ tier: 'NEW', city: 'Seoul', name: 'y' });
  });

  test('of consents the newer is in force, and the ledger has both', () => {
    for (const order of ['known first', 'anonymous first']) {
      const { anonymous, known, later } = pair();
      const [first, second] = order === 'known first' ? [known, anonymous] : [anonymous, known];
      first.consent('push', true);
      later();
      second.consent('push', false);
      known.merge(anonymous);
      expect(known.state.consents.get('push|marketing')?.map(({ granted }) => granted)).toEqual([
        false,
        true,
      ]);
    }
  });

  test('of relations the later word stands; what both began, began with the earlier at the higher price', () => {
    const { anonymous, known, later } = pair();
    const like = (profile: VirtualProfile, id: string, price: number) =>
      profile.track('Product Added to Wishlist', products({ product_id: id, price }));
    like(anonymous, 'both', 100);
    like(known, 'ended', 10);
    const began = anonymous.now;
    later();
    like(known, 'both', 80);
    anonymous.track('Product Removed from Wishlist', products('ended'));
    known.merge(anonymous);
    expect(known.state.relations.get('liked\nboth')).toMatchObject({
      on: true,
      since: began,
      price: { amount: 100 },
    });
    expect(known.state.relations.get('liked\nended')?.on).toBe(false);
  });

  test('of carts the quantities add up', () => {
    const { anonymous, known } = pair();
    anonymous.track('Product Added', products({ product_id: 'a', price: 10, quantity: 2 }));
    known.track('Product Added', products({ product_id: 'a', price: 10, quantity: 1 }));
    known.merge(anonymous);
    expect(known.state.relations.get('in_cart\na')?.quantity).toBe(3);
  });

  test('of events the counts add up, and conditions see all of them', () => {
    const did = aTriggerIf(
      { did: 'Product Viewed', count: { eq: 3 } },
      { entry: { on: [{ event: 'Product Viewed' }] } },
    );
    const windowed = aTriggerIf(
      { did: 'Product Viewed', count: { eq: 3 }, window: { last: '1d' } },
      { id: 'windowed', steps: [send({ surface: 'other' })], entry: { on: [{ event: 'Product Viewed' }] } },
    );
    const { anonymous, known } = pair(did, windowed);
    anonymous.track('Product Viewed');
    known.track('Product Viewed');
    known.merge(anonymous);
    expect(known.track('Product Viewed').trace.map(({ reason }) => reason)).toEqual(['sent', 'sent']);
  });

  test('of orders, sessions and first and last times', () => {
    const { anonymous, known, later } = pair();
    anonymous.track('Order Completed', { revenue: 10 });
    const first = anonymous.now;
    later();
    known.track('Order Completed', { revenue: 5 }, { context: { locale: 'en' } });
    known.merge(anonymous);
    expect(known.state.meta).toMatchObject({
      orderCount: 2,
      orderValue: 15,
      sessionCount: 2,
      firstSeenAt: first,
      lastSeenAt: known.now,
      locale: 'en',
    });
  });
});

describe('who this is', () => {
  test('stays the known user, with the first id of the older of the two', () => {
    const config = aConfig();
    const old = new VirtualProfile({ config, id: 'a1', kind: 'anonymous', at: 1_000_000 });
    const young = new VirtualProfile({ config, id: 'u1', at: 2_000_000 });
    old.track('Hello');
    young.track('Hello');
    young.state.meta.seq = 1;
    young.merge(old);
    expect(young.state.meta).toMatchObject({ id: 'u1', kind: 'user', firstId: 'a1' });
    const [known, visitor] = [
      new VirtualProfile({ config, id: 'u2', at: 1_000_000 }),
      new VirtualProfile({ config, id: 'a2', kind: 'anonymous', at: 2_000_000 }),
    ];
    known.track('Hello');
    known.state.meta.seq = 1;
    visitor.track('Hello');
    known.merge(visitor);
    expect(known.state.meta.firstId).toBe('u2');
  });

  test('takes the visitor’s first id where the user was never heard of before', () => {
    const { anonymous, known } = pair();
    anonymous.track('Hello');
    known.merge(anonymous);
    expect(known.state.meta.firstId).toBe('a1');
  });

  test('goes on in the session that is under way: what came first in it came first', () => {
    const once = aTriggerIf({ occurrence: 'first_in_session' }, { entry: { on: [{ event: '$page' }] } });
    const { anonymous, known } = pair(once);
    known.page('Home');
    known.advance('2h');
    anonymous.now = known.now;
    expect(reasonOf(anonymous.page('Home'))).toBe('sent');
    known.merge(anonymous);
    expect(reasonOf(known.page('Next'))).toBe('not_matched');
    expect(known.state.meta.sessionCount).toBe(2);
  });

  test('remembers whom it has taken in', () => {
    const { anonymous, known } = pair();
    known.merge(anonymous);
    expect([...known.state.links]).toEqual([['key-of-a1', { id: 'a1', outcome: 'merged' }]]);
  });
});
