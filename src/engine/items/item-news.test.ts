import { describe, expect, test } from 'vitest';
import { aConfig, aTrigger, products, send } from '../testing/builders.ts';
import { reasonOf, traceOf, VirtualProfile } from '../testing/virtual-profile.ts';
import type { ItemOn, Trigger } from '../trigger.ts';
import type { ItemChange, PreviousItem } from '../vocabulary.ts';
import { itemEvent } from './item-event.ts';
import { concerned, happened } from './item-news.ts';

const LIKE = 'Product Added to Wishlist';
const WAIT = 'Back in Stock Requested';

/** Somebody who may be pushed, and hears of the item's changes as a watcher does. */
function life(on: ItemOn, changes: Partial<Trigger> = {}) {
  const trigger = aTrigger({
    steps: [send({ channels: ['push'] })],
    entry: { on: [on], key: ['item.id'] },
    ...changes,
  });
  const profile = new VirtualProfile({ config: aConfig({ triggers: [trigger] }) });
  profile.consent('push');
  let version = 0;
  let before: PreviousItem = {};
  const hear = (change: Partial<ItemChange>) => {
    profile.advance('1m');
    version += 1;
    const item = { id: 'ring' };
    return profile.receive(
      itemEvent({ item, version, changedAt: profile.now, ...change }, 'key', profile.now),
    );
  };
  return {
    profile,
    hear,
    /** Told at once, or as one with the changes before it. */
    stock: (stock: number, { from = before } = {}) => {
      const decision = hear({ item: { id: 'ring', stock }, previous: from });
      before = { stock, at: profile.now };
      return decision;
    },
    tell: (event: string, id = 'ring') => {
      profile.advance('1m');
      return profile.track(event, products({ product_id: id, price: 100 }));
    },
  };
}

describe('an item that is back in stock', () => {
  const back: ItemOn = { item: 'back_in_stock', relation: ['subscribed', 'liked'] };

  test('is told to who waits for it, who then waits no longer and is no watcher any more', () => {
    const { profile, stock, tell } = life(back);
    tell(WAIT);
    stock(0);
    const told = stock(3);
    expect(reasonOf(told)).toBe('sent');
    expect(profile.state.relations.get('subscribed\nring')?.on).toBe(false);
    expect(told.effects).toContainEqual(
      expect.objectContaining({ kind: 'watch', watch: expect.objectContaining({ relations: [] }) }),
    );
    stock(0);
    expect(traceOf(stock(3))).toMatchObject({ reason: 'not_matched', path: 'entry.on.0.relation' });
    tell(WAIT);
    stock(0);
    expect(reasonOf(stock(1))).toBe('sent');
  });

  test('is none at the first stock seen, when more comes in, or when it sells out', () => {
    const { stock, tell } = life(back);
    tell(LIKE);
    expect([stock(3), stock(9), stock(0)].map((one) => reasonOf(one))).toEqual(Array(3).fill('not_matched'));
  });

  test('is told once where the change comes again together with the next', () => {
    const { stock, tell } = life(back);
    tell(LIKE);
    stock(0);
    expect(reasonOf(stock(3))).toBe('sent');
    expect(reasonOf(stock(2, { from: { stock: 0, at: 1 } }))).toBe('not_matched');
    stock(0);
    expect(reasonOf(stock(4))).toBe('sent');
  });

  test('before the request was registered is told with the registration', () => {
    const { hear, tell } = life(back);
    tell(WAIT);
    expect(reasonOf(hear({ item: { id: 'ring', stock: 2 }, restocked: true }))).toBe('sent');
  });

  test('is remembered in a merge by the later of the two notices', () => {
    const known = life(back);
    const visitor = new VirtualProfile({ config: known.profile.config, id: 'a1', kind: 'anonymous' });
    visitor.consent('push');
    visitor.track(LIKE, products('ring'));
    visitor.advance('10m');
    const change = {
      item: { id: 'ring', stock: 3 },
      version: 9,
      changedAt: visitor.now,
      previous: { stock: 0, at: 1 },
    };
    expect(reasonOf(visitor.receive(itemEvent(change, 'a1', visitor.now)))).toBe('sent');
    known.profile.advanceTo(visitor.now);
    known.profile.merge(visitor);
    expect(reasonOf(known.stock(2, { from: { stock: 0, at: 1 } }))).toBe('not_matched');
  });
});

describe('few left of an item', () => {
  test('is told when the stock falls to five or fewer, and again only after it was above', () => {
    const { stock, tell } = life({ item: 'low_stock', relation: ['liked'] });
    tell(LIKE);
    const reasons = [6, 5, 4, 6, 3].map((count) => reasonOf(stock(count)));
    expect(reasons).toEqual(['not_matched', 'sent', 'not_matched', 'not_matched', 'sent']);
  });

  test('is told once where the fall comes again together with the next', () => {
    const { stock, tell } = life({ item: 'low_stock', lowStock: 3 });
    tell('Product Viewed');
    stock(9);
    expect(reasonOf(stock(3))).toBe('sent');
    expect(reasonOf(stock(2, { from: { stock: 9, at: 1 } }))).toBe('not_matched');
  });

  test('is none when it is sold out', () => {
    const { stock, tell } = life({ item: 'low_stock' });
    tell(LIKE);
    expect([9, 0, 2].map((count) => reasonOf(stock(count)))).toEqual(Array(3).fill('not_matched'));
  });

  test('counts only relations that began, or views that were, lately', () => {
    const { profile, stock, tell } = life({
      item: 'low_stock',
      relation: ['viewed', 'liked'],
      relationWithin: '7d',
    });
    tell(LIKE);
    tell('Product Viewed');
    profile.advance('8d');
    stock(9);
    expect(traceOf(stock(5))).toMatchObject({ path: 'entry.on.0.relation' });
    tell('Product Viewed');
    stock(9);
    expect(reasonOf(stock(5))).toBe('sent');
  });
});

describe('any change of an item', () => {
  const at = (path: string, when: number) => ({ differs: { [path]: when } });

  test('is told where the path differs that the trigger names, one below it or above it', () => {
    const on: ItemOn = { item: 'changed', path: 'item.attributes.size' };
    const changed = (path: string) => ({
      item: { id: 'ring' },
      version: 1,
      changedAt: 5,
      previous: at(path, 5),
    });
    const paths = [
      'item.attributes.size',
      'item.attributes.size.eu',
      'item.attributes',
      'item.attributes.sizes',
    ];
    expect(paths.map((path) => happened(on, changed(path)))).toEqual([true, true, true, false]);
  });

  test('is told once, and the next one on its own', () => {
    const { hear, profile, tell } = life({ item: 'changed', path: 'item.title' });
    tell(LIKE);
    expect(reasonOf(hear({ previous: at('item.title', profile.now + 60_000) }))).toBe('sent');
    const told = profile.now;
    expect(reasonOf(hear({ previous: { differs: { 'item.title': told, 'item.url': profile.now } } }))).toBe(
      'not_matched',
    );
    expect(reasonOf(hear({ previous: at('item.title', profile.now + 60_000) }))).toBe('sent');
  });
});

describe('whom a change concerns', () => {
  test('are the relations of all listeners that wait for it, and nobody where none does', () => {
    const listeners: ItemOn[] = [
      { item: 'low_stock', relation: ['viewed'] },
      { item: 'back_in_stock', relation: ['subscribed'] },
      { item: 'price_drop' },
    ];
    const change = { item: { id: 'ring', stock: 4 }, version: 1, changedAt: 5 };
    expect([...concerned(listeners, { ...change, previous: { stock: 9 } })]).toEqual(['viewed']);
    expect([...concerned(listeners, { ...change, previous: { stock: 0 } })]).toEqual(['subscribed']);
    expect([...concerned(listeners, { ...change, previous: { stock: 4, price: 9 } })]).toEqual([]);
  });
});

describe('what is asked again when a message leaves', () => {
  test('is the item as it is then, not as it was', () => {
    const { profile, stock, tell } = life(
      { item: 'back_in_stock' },
      { delivery: { recheck: { field: 'item.stock', op: 'gt', value: 0 } } },
    );
    tell(WAIT);
    stock(0);
    stock(3);
    const id = profile.outbox()[0]?.messageId ?? '';
    profile.itemsNow.set('ring', { id: 'ring', stock: 0 });
    expect(profile.claim(id)).toEqual({ kind: 'gone', reason: 'recheck_failed' });
  });
});
