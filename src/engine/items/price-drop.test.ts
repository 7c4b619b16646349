import { describe, expect, test } from 'vitest';
import { aConfig, aTemplate, aTrigger, products, send } from '../testing/builders.ts';
import { reasonOf, traceOf, VirtualProfile } from '../testing/virtual-profile.ts';
import type { ItemOn, Trigger } from '../trigger.ts';
import type { ItemSnapshot } from '../vocabulary.ts';
import { itemEvent } from './item-event.ts';

const LIKE = 'Product Added to Wishlist';
const UNLIKE = 'Product Removed from Wishlist';

const dropping = (on: Partial<ItemOn> = {}, changes: Partial<Trigger> = {}) =>
  aTrigger({
    steps: [send({ channels: ['push'] })],
    entry: { on: [{ item: 'price_drop', relation: ['liked', 'in_cart'], ...on }], key: ['item.id'] },
    ...changes,
  });

/** Somebody who may be pushed; `at` is the price that the catalog starts with. */
function life(on: Partial<ItemOn> = {}, changes: Partial<Trigger> = {}, at: number | null = 100) {
  const profile = new VirtualProfile({ config: aConfig({ triggers: [dropping(on, changes)] }) });
  profile.consent('push');
  const priced = (price: number, more: Partial<ItemSnapshot> = {}) => {
    profile.advance('1m');
    return profile.itemChanged({ id: 'ring', price, currency: 'KRW', ...more });
  };
  if (at !== null) priced(at);
  const tell = (event: string, price?: number) => {
    profile.advance('1m');
    profile.track(event, products({ product_id: 'ring', ...(price !== undefined && { price }) }));
  };
  return { profile, priced, tell };
}

describe('a price drop of what the user likes', () => {
  test('is one, measured against the catalog’s price of that moment', () => {
    const { profile, priced, tell } = life();
    tell(LIKE, 999);
    expect(reasonOf(priced(90))).toBe('sent');
    expect([...profile.state.log.keys()]).toContain('hello\n["ring"]');
  });

  test('shows the old price and the new one', () => {
    const { profile, priced, tell } = life();
    profile.config = aConfig({
      triggers: [dropping()],
      templates: [aTemplate({}, '{{entry.referencePrice}} → {{item.price}}')],
    });
    tell(LIKE);
    priced(80);
    expect(profile.outbox()[0]?.values).toMatchObject({
      entry: { referencePrice: 100 },
      item: { price: 80 },
    });
  });

  test('is none for who has no relation to it', () => {
    expect(traceOf(life().priced(50))).toMatchObject({ reason: 'not_matched', path: 'entry.on.0.relation' });
    const { priced, tell } = life();
    tell('Product Viewed');
    expect(reasonOf(priced(50))).toBe('not_matched');
    tell(LIKE);
    tell(UNLIKE);
    expect(reasonOf(priced(40))).toBe('not_matched');
  });

  test('is none at the first price seen', () => {
    const { priced, tell } = life({}, {}, null);
    tell(LIKE, 100);
    expect(traceOf(priced(50))).toMatchObject({ reason: 'not_matched', path: 'entry.on.0.item' });
  });

  test('is measured against the event’s price where the catalog knew none', () => {
    const { priced, tell } = life({ minDrop: { abs: 30 } }, {}, null);
    tell(LIKE, 100);
    priced(90);
    expect(reasonOf(priced(80))).toBe('not_matched');
    expect(reasonOf(priced(70))).toBe('sent');
  });

  test('is none in another currency, nor in a new one', () => {
    const { priced, tell } = life();
    tell(LIKE);
    expect(reasonOf(priced(10, { currency: 'USD' }))).toBe('not_matched');
    expect(traceOf(priced(5, { currency: 'USD' }))).toMatchObject({ path: 'entry.on.0.versus' });
    expect(reasonOf(priced(90))).toBe('not_matched');
    expect(reasonOf(priced(80))).toBe('sent');
  });

  test('is none when the price rises, stands still, or is gone', () => {
    const { profile, priced, tell } = life();
    tell(LIKE);
    expect(reasonOf(priced(120))).toBe('not_matched');
    expect(reasonOf(priced(120, { stock: 1 }))).toBe('not_matched');
    expect(reasonOf(priced(110))).toBe('not_matched');
    profile.advance('1m');
    expect(reasonOf(profile.itemChanged({ id: 'ring' }))).toBe('not_matched');
  });

  test('is none where only the stock changed', () => {
    const { priced, tell } = life();
    tell(LIKE);
    priced(90);
    expect(reasonOf(priced(90, { stock: 3 }))).toBe('not_matched');
  });
});

describe('thresholds', () => {
  test.each<[NonNullable<ItemOn['minDrop']>, number, boolean]>([
    [{ abs: 10 }, 90.01, false],
    [{ abs: 10 }, 90, true],
    [{ pct: 5 }, 95.01, false],
    [{ pct: 5 }, 95, true],
    [{ abs: 10, pct: 5 }, 91, false],
    [{ abs: 4, pct: 5 }, 96, false],
    [{ abs: 5, pct: 5 }, 95, true],
    [{ pct: 0 }, 99.99, true],
  ])('%j: from 100 to %d is %j', (minDrop, price, expected) => {
    const { priced, tell } = life({ minDrop });
    tell(LIKE);
    const decision = priced(price);
    expect(reasonOf(decision) === 'sent').toBe(expected);
    if (!expected) {
      expect(traceOf(decision)).toMatchObject({
        path: 'entry.on.0.minDrop',
        values: { reference: 100, 'item.price': price },
      });
    }
  });

  test('that are not met at once may be met by a further drop', () => {
    const { priced, tell } = life({ minDrop: { pct: 10 } });
    tell(LIKE);
    expect([priced(95), priced(91), priced(90)].map((one) => reasonOf(one))).toEqual([
      'not_matched',
      'not_matched',
      'sent',
    ]);
  });
});

describe('a second notice', () => {
  test('needs a price lower than the lowest one notified', () => {
    const { priced, tell } = life();
    tell(LIKE);
    expect(reasonOf(priced(80))).toBe('sent');
    expect(reasonOf(priced(70))).toBe('sent');
    expect(reasonOf(priced(100))).toBe('not_matched');
    expect(traceOf(priced(75))).toMatchObject({ path: 'entry.on.0.versus', values: { lowestNotified: 70 } });
    expect(reasonOf(priced(90))).toBe('not_matched');
    expect(reasonOf(priced(70))).toBe('not_matched');
    expect(reasonOf(priced(69))).toBe('sent');
  });

  test('of another trigger has its own lowest', () => {
    const { profile, priced, tell } = life();
    tell(LIKE);
    priced(80);
    profile.config = aConfig({ triggers: [dropping({}, { id: 'other' })] });
    priced(100);
    expect(reasonOf(priced(90), 'other')).toBe('sent');
  });

  test('starts over with a relation begun anew after it had ended', () => {
    const { priced, tell } = life();
    tell(LIKE);
    priced(70);
    tell(UNLIKE);
    priced(100);
    tell(LIKE);
    expect(reasonOf(priced(90))).toBe('sent');
    expect(reasonOf(priced(95))).toBe('not_matched');
  });

  test('does not start over with a second relation beside the first', () => {
    const { priced, tell } = life();
    tell(LIKE);
    priced(70);
    priced(100);
    tell('Product Added');
    expect(reasonOf(priced(90))).toBe('not_matched');
    expect(reasonOf(priced(60))).toBe('sent');
  });

  test('survives a new version of the trigger', () => {
    const { profile, priced, tell } = life();
    tell(LIKE);
    priced(70);
    priced(100);
    profile.config = aConfig({
      triggers: [{ document: dropping(), version: 2, state: 'live', activatedAt: 5 }],
    });
    expect(reasonOf(priced(80))).toBe('not_matched');
  });

  test('after a notice that was refused is a first one', () => {
    const { profile, priced, tell } = life();
    tell(LIKE);
    profile.consent('push', false);
    expect(reasonOf(priced(70))).toBe('no_consent');
    profile.advance('1s');
    profile.consent('push');
    priced(100);
    expect(reasonOf(priced(80))).toBe('sent');
  });
});

describe('where several relations hold', () => {
  test('the higher of the prices at which they began counts', () => {
    const { priced, tell } = life({ minDrop: { pct: 10 } });
    tell('Product Added');
    priced(95);
    tell(LIKE);
    expect(reasonOf(priced(90))).toBe('sent');
  });

  test('those that the trigger doesn’t ask for don’t count', () => {
    const { priced, tell } = life({ relation: ['liked'], minDrop: { pct: 10 } });
    tell('Product Added');
    priced(80);
    tell(LIKE);
    expect(reasonOf(priced(75))).toBe('not_matched');
    expect(reasonOf(priced(72))).toBe('sent');
  });

  test('a row of the watcher shard that stands higher doesn’t raise the reference', () => {
    const { profile, tell } = life({ minDrop: { pct: 10 } });
    tell(LIKE);
    const item = { id: 'ring', price: 95, currency: 'KRW' };
    const change = {
      item,
      version: 9,
      previous: { price: 100, currency: 'KRW' },
      changedAt: profile.now,
      reference: { amount: 500, currency: 'KRW' },
    };
    expect(reasonOf(profile.receive(itemEvent(change, 'k', profile.now)))).toBe('not_matched');
  });

  test('only those within the asked time do', () => {
    const { profile, priced, tell } = life({ relationWithin: '7d' });
    tell(LIKE);
    profile.advance('7d');
    expect(reasonOf(priced(90))).toBe('not_matched');
    tell('Product Added');
    expect(reasonOf(priced(80))).toBe('sent');
  });
});

describe('versus lowest_notified', () => {
  test('measures a further drop against what was notified last', () => {
    const { priced, tell } = life({ versus: 'lowest_notified', minDrop: { pct: 10 } });
    tell(LIKE);
    expect(reasonOf(priced(90))).toBe('sent');
    expect(reasonOf(priced(82))).toBe('not_matched');
    expect(reasonOf(priced(81))).toBe('sent');
  });

  test('while price_when_related goes on from where the relation began', () => {
    const { priced, tell } = life({ versus: 'price_when_related', minDrop: { pct: 10 } });
    tell(LIKE);
    expect([priced(90), priced(89)].map((one) => reasonOf(one))).toEqual(['sent', 'sent']);
  });
});

describe('news of an item', () => {
  const unbought = { not: { relation: 'purchased' } } as const;

  test('is nothing to who has bought it, where the trigger says so', () => {
    const { priced, tell } = life({}, { entry: { ...dropping().entry, if: unbought } });
    tell(LIKE);
    tell('Order Completed');
    expect(reasonOf(priced(50))).toBe('not_matched');
  });

  test('told twice is one event', () => {
    const { profile, tell } = life();
    tell(LIKE);
    const change = { item: { id: 'ring', price: 90, currency: 'KRW' }, version: 5, changedAt: profile.now };
    const news = itemEvent({ ...change, previous: { price: 100, currency: 'KRW' } }, 'k', profile.now);
    expect(reasonOf(profile.receive(news))).toBe('sent');
    expect(profile.receive(news).duplicate).toBe(true);
    expect(itemEvent(change, 'k', 0).messageId).not.toBe(itemEvent(change, 'other', 0).messageId);
  });

  test('that comes an hour late starts nothing', () => {
    const { profile, tell } = life();
    tell(LIKE);
    profile.advance('3h');
    const at = profile.now - 3_600_001;
    expect(reasonOf(profile.itemChanged({ id: 'ring', price: 50, currency: 'KRW' }, { changedAt: at }))).toBe(
      'late_event',
    );
  });

  test('that answers a late registration needs no price before it', () => {
    const { profile, tell } = life();
    tell(LIKE);
    const change = {
      item: { id: 'ring', price: 90, currency: 'KRW' },
      version: 7,
      changedAt: profile.now,
      reference: { amount: 100, currency: 'KRW' },
    };
    expect(reasonOf(profile.receive(itemEvent(change, 'k', profile.now)))).toBe('sent');
  });

  test('is no event of the user’s: it opens no session and isn’t counted', () => {
    const { profile, priced } = life();
    priced(90);
    expect(profile.state.meta.sessionCount).toBe(0);
    expect([...profile.state.counts.keys()]).toEqual(['$consent']);
  });

  test('is rechecked as it stands: nobody hears of what is sold out', () => {
    const recheck = { field: 'item.stock', op: 'gt', value: 0, orMissing: true } as const;
    const { profile, priced, tell } = life({}, { delivery: { recheck } });
    tell(LIKE);
    expect(reasonOf(priced(90, { stock: 0 }))).toBe('recheck_failed');
    expect(profile.outbox()).toEqual([]);
  });
});
