import { describe, expect, test } from 'vitest';
import { applyDelta } from '../delta.ts';
import { aConfig, aTrigger, products } from '../testing/builders.ts';
import { VirtualProfile } from '../testing/virtual-profile.ts';
import type { OutboxEntry, Price, WatchOrder } from '../vocabulary.ts';
import { type SettleWatchInput, settleWatch } from './watch-orders.ts';

const won = (amount: number): Price => ({ amount, currency: 'KRW' });

/** The order to watch an item for the profile itself. */
const watchOf = (entries: readonly OutboxEntry[]): WatchOrder | undefined =>
  entries.flatMap((entry) => (entry.kind === 'watch' && !entry.watch.profile ? [entry.watch] : []))[0];

function alive() {
  const profile = new VirtualProfile({ config: aConfig() });
  profile.answersWatches = false;
  const tell = (event: string, price = 100) => {
    profile.advance('1s');
    const orders = profile
      .track(event, products({ product_id: 'ring', price }))
      .effects.flatMap((entry) => (entry.kind === 'watch' ? [entry.watch] : []));
    return orders[0];
  };
  /** The watcher shard's answer arrives. */
  const settle = (
    order: WatchOrder | undefined,
    reference: Price | null,
    more: Partial<SettleWatchInput>,
  ) => {
    if (!order) throw new Error('nothing was ordered');
    const input = { state: profile.state, history: profile, config: profile.config, now: profile.now };
    const answer = { id: 'watch:ring', order, reference, began: reference, ...more };
    const settled = settleWatch({ ...input, ...answer });
    applyDelta(profile.state, settled.delta);
    return settled;
  };
  const answer = (order: WatchOrder | undefined, reference: Price | null, began = reference) =>
    settle(order, reference, { began }).effects;
  const relation = (name: string) => profile.state.relations.get(`${name}\nring`);
  return { profile, tell, settle, answer, relation };
}

describe('an item is watched', () => {
  test.each([
    ['Product Added to Wishlist', 'liked'],
    ['Product Added', 'in_cart'],
    ['Back in Stock Requested', 'subscribed'],
  ])('from %s on, before any trigger asks', (event, relation) => {
    const { profile, tell } = alive();
    expect(tell(event)).toEqual({
      itemId: 'ring',
      relations: [relation],
      since: profile.now,
      orderedAt: profile.now,
      ...(relation === 'subscribed' && { subscribedSince: profile.now }),
      eventPrice: won(100),
    });
  });

  test('for having been looked at only while a trigger wants to hear of it', () => {
    const { profile, tell, answer } = alive();
    const view = () => tell('Product Viewed');
    expect(view()).toBeUndefined();
    profile.config = aConfig({
      triggers: [aTrigger({ entry: { on: [{ item: 'low_stock', relation: ['viewed'] }] } })],
    });
    const order = view();
    expect(order?.relations).toEqual(['viewed']);
    expect(view()).toBeUndefined();
    profile.config = aConfig();
    view();
    expect(answer(order, null)).toMatchObject([{ watch: { relations: [] } }]);
  });

  test('no more when twenty others were looked at since', () => {
    const { profile, tell, answer } = alive();
    profile.config = aConfig({
      triggers: [aTrigger({ entry: { on: [{ item: 'low_stock', relation: ['viewed'] }] } })],
    });
    answer(tell('Product Viewed'), null);
    for (let i = 0; i < 20; i++) profile.track('Product Viewed', products(`other-${i}`));
    expect(profile.state.outbox.get('watch:ring')).toMatchObject({ watch: { relations: [] } });
  });

  test('not for having been looked at or bought', () => {
    const { tell } = alive();
    expect([tell('Product Viewed'), tell('Order Completed')]).toEqual([undefined, undefined]);
  });

  test('once, however often it is liked', () => {
    const { tell } = alive();
    tell('Product Added to Wishlist');
    expect(tell('Product Added to Wishlist')).toBeUndefined();
  });

  test('for all that the user is to it, and no more when the last relation ends', () => {
    const { tell, answer } = alive();
    const orders = [
      'Product Added to Wishlist',
      'Product Added',
      'Order Completed',
      'Product Removed from Wishlist',
    ];
    const relations = orders.map((event) => {
      const order = tell(event);
      answer(order, null);
      return order?.relations;
    });
    expect(relations).toEqual([['liked'], ['liked', 'in_cart'], ['liked'], []]);
  });

  test('by one order at a time: the newer one leaves when the older one has been answered', () => {
    const { profile, tell, answer } = alive();
    const first = tell('Product Added to Wishlist');
    expect(tell('Product Removed from Wishlist')).toBeUndefined();
    expect(tell('Product Added')).toBeUndefined();
    expect(answer(first, won(120))).toMatchObject([
      { watch: { relations: ['in_cart'], registered: won(120) }, retryAt: profile.now + 30_000 },
    ]);
  });

  test('by the same order again where nobody answers, and then by the newer one', () => {
    const { profile, tell, answer } = alive();
    const first = tell('Product Added to Wishlist');
    tell('Product Removed from Wishlist');
    profile.advance('30s');
    expect(profile.state.outbox.get('watch:ring')).toMatchObject({ offered: 1, watch: first });
    expect(answer(first, won(100))).toMatchObject([{ watch: { relations: [], registered: won(100) } }]);
  });

  test('by orders each of which is later than the one before, whatever the clock says', () => {
    const { profile, tell, answer } = alive();
    const first = tell('Product Added to Wishlist');
    profile.track('Product Added', products({ product_id: 'ring' }));
    const [second] = answer(first, won(100));
    expect(first?.orderedAt).toBe(profile.now);
    expect(second).toMatchObject({ watch: { orderedAt: profile.now + 1 } });
  });
});

describe('the shard’s answer', () => {
  test('tells the catalog’s price of the moment when the relation began', () => {
    const { tell, answer, relation } = alive();
    answer(tell('Product Added to Wishlist', 100), won(120));
    expect(relation('liked')).toMatchObject({ price: won(120), confirmed: true });
  });

  test('that knows no price leaves the event’s', () => {
    const { tell, answer, relation } = alive();
    answer(tell('Product Added to Wishlist', 100), null);
    expect(relation('liked')).toMatchObject({ price: won(100), confirmed: true });
  });

  test('is for the relation that it was asked for, not for an older one', () => {
    const { tell, answer, relation } = alive();
    answer(tell('Product Added to Wishlist'), won(120));
    answer(tell('Product Added'), won(80));
    expect([relation('liked')?.price, relation('in_cart')?.price]).toEqual([won(120), won(80)]);
  });

  test('to an order that was overtaken doesn’t price a relation begun anew', () => {
    const { profile, tell, answer, relation } = alive();
    const first = tell('Product Added to Wishlist', 100);
    tell('Product Removed from Wishlist');
    tell('Product Added to Wishlist', 50);
    answer(first, won(120));
    expect(relation('liked')?.price).toEqual(won(50));
    expect(profile.state.outbox.has('watch:ring')).toBe(true);
  });

  test('remembers where the row stands: at the higher of the references', () => {
    const { profile, tell, answer } = alive();
    const order = tell('Product Added to Wishlist');
    answer(order && { ...order, registered: won(200) }, won(120));
    expect(profile.state.watches.get('ring')).toEqual({ registered: won(200) });
    expect(tell('Product Added')?.registered).toEqual(won(200));
  });

  test('about a relation that a merge has brought with a higher price is asked for at that price', () => {
    const { profile, tell, answer } = alive();
    answer(tell('Product Added'), won(70));
    const entry = profile.state.relations.get('in_cart\nring');
    if (entry) profile.state.relations.set('in_cart\nring', { ...entry, price: won(150) });
    expect(tell('Product Added to Wishlist')).toMatchObject({ registered: won(70), reference: won(150) });
  });

  test('prices each relation as it was when that began, though the row stands higher', () => {
    const { tell, answer, relation } = alive();
    answer(tell('Product Added to Wishlist'), won(100));
    answer(tell('Product Added'), won(100), won(80));
    expect(relation('in_cart')).toMatchObject({ price: won(80), confirmed: true });
  });

  test('to one of two relations that began at once is followed by an order for the other', () => {
    const { profile, tell, answer, relation } = alive();
    const first = tell('Product Added to Wishlist', 100);
    tell('Product Added', 90);
    tell('Back in Stock Requested', 80);
    const orderOf = (effects: ReturnType<typeof answer>) =>
      effects.flatMap((entry) => (entry.kind === 'watch' ? [entry.watch] : []))[0];
    const second = orderOf(answer(first, won(101)));
    const third = orderOf(answer(second, won(101), won(81)));
    expect(orderOf(answer(third, won(101), won(91)))).toBeUndefined();
    expect(['liked', 'in_cart', 'subscribed'].map((name) => relation(name)?.price?.amount)).toEqual([
      101, 91, 81,
    ]);
    expect(profile.state.outbox.has('watch:ring')).toBe(false);
  });

  test('that comes when a later order has been answered changes nothing', () => {
    const { profile, tell, answer } = alive();
    const first = tell('Product Added to Wishlist');
    answer(first, won(120));
    answer(tell('Product Removed from Wishlist'), null);
    tell('Product Added to Wishlist', 80);
    const before = structuredClone(profile.state);
    expect(answer(first, won(120))).toEqual([]);
    expect(profile.state).toEqual(before);
  });

  test('to a removal forgets the row', () => {
    const { profile, tell, answer } = alive();
    answer(tell('Product Added to Wishlist'), won(120));
    answer(tell('Product Removed from Wishlist'), null);
    expect(profile.state.watches.size).toBe(0);
  });
});

describe('what a merge has brought along', () => {
  /** A visitor's like whose row stands at `likedAt`; null: it was liked before the item had a price. */
  function liked(likedAt: Price | null) {
    const visitor = alive();
    visitor.profile.track('Product Added to Wishlist', products('ring'));
    visitor.answer(watchOf([...visitor.profile.state.outbox.values()]), likedAt);
    return visitor.profile;
  }

  test.each([won(120), null])(
    'has news of its own, though the order is older and names it not (%o)',
    (price) => {
      const { profile, tell, settle } = alive();
      const first = tell('Product Added');
      profile.merge(liked(price));
      tell('Product Removed');
      const answered = settle(first, won(120), { adopted: won(120) });
      expect(answered.begins).toBe(true);
      const next = watchOf(answered.effects);
      expect(next).toMatchObject({ relations: ['liked'], registered: won(120) });
      expect(settle(next, won(120), { adopted: won(120) }).begins).toBe(false);
    },
  );

  test('has news of its own where it began before there was a price, and is measured against the first', () => {
    const { profile, settle, relation } = alive();
    const order = watchOf(profile.merge(liked(null)).effects);
    expect(settle(order, won(120), { adopted: won(120) }).begins).toBe(true);
    expect(relation('liked')).toMatchObject({ price: won(120), confirmed: true });
  });

  test('from before there was a price raises a row that stands below the first price', () => {
    const { profile, tell, answer, settle } = alive();
    answer(tell('Product Added'), won(70));
    const order = watchOf(profile.merge(liked(null)).effects);
    const next = watchOf(settle(order, won(70), { adopted: won(120) }).effects);
    expect(next).toMatchObject({ registered: won(70), reference: won(120) });
    const raised = settle(next, won(120), { adopted: won(120) });
    expect(raised).toMatchObject({ begins: true, effects: [] });
    expect(profile.state.watches.get('ring')).toEqual({ registered: won(120) });
  });

  test('at a higher price has news of its own in the answer to an order that knows only the lower row', () => {
    const { profile, tell, answer, settle } = alive();
    answer(tell('Product Added'), won(70));
    const older = tell('Back in Stock Requested');
    profile.merge(liked(won(120)));
    tell('Back in Stock Requested');
    expect(older).toMatchObject({ registered: won(70) });
    expect(settle({ ...older, since: 0 } as WatchOrder, won(130), {}).begins).toBe(true);
  });

  test('at a lower price has none there', () => {
    const { profile, tell, answer, settle } = alive();
    answer(tell('Product Added'), won(70));
    const older = tell('Back in Stock Requested');
    profile.merge(liked(won(60)));
    expect(settle({ ...older, since: 0 } as WatchOrder, won(70), {}).begins).toBe(false);
  });

  test('has none where the like that was ordered has ended, and nothing else holds', () => {
    const { profile, tell, settle } = alive();
    const first = tell('Product Added to Wishlist');
    tell('Product Removed from Wishlist');
    expect(settle(first, won(120), {}).begins).toBe(false);
    expect(profile.state.outbox.get('watch:ring')).toMatchObject({ watch: { relations: [] } });
  });
});
