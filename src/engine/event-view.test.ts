import { describe, expect, test } from 'vitest';
import { HISTORY_PROPERTIES_LIMIT, itemOf, keptEvent } from './event-view.ts';
import { aConfig, products } from './testing/builders.ts';
import { VirtualProfile } from './testing/virtual-profile.ts';
import type { EventContext, JsonObject } from './vocabulary.ts';

const profile = new VirtualProfile({ config: aConfig() });
const kept = (properties: JsonObject, context: EventContext = {}) =>
  keptEvent(profile.anEvent('Hello', properties, { context }));

describe('what history keeps of an event', () => {
  test('is all of its properties, up to 2 KB', () => {
    const properties = { a: 1, deep: { er: ['x'] } };
    expect(kept(properties).properties).toEqual(properties);
  });

  test('is whole properties only, small ones first', () => {
    const properties = {
      big: 'x'.repeat(HISTORY_PROPERTIES_LIMIT),
      product_id: 'a',
      mid: 'y'.repeat(1_500),
      price: 5,
    };
    expect(kept(properties).properties).toEqual({ product_id: 'a', mid: 'y'.repeat(1_500), price: 5 });
    expect(JSON.stringify(kept(properties).properties).length).toBeLessThanOrEqual(HISTORY_PROPERTIES_LIMIT);
  });

  test('keeps a property by any name', () => {
    const properties = JSON.parse(`{"__proto__":1,"big":"${'x'.repeat(3_000)}"}`);
    expect(Object.entries(kept(properties).properties)).toEqual([['__proto__', 1]]);
  });

  test('is of the context the page’s path and url', () => {
    const context = { locale: 'ko', page: { path: '/a', url: 'https://x/a', title: 'A' }, ip: '1.2.3.4' };
    expect(kept({}, context).context).toEqual({ page: { path: '/a', url: 'https://x/a' } });
    expect(kept({}, { locale: 'ko' }).context).toEqual({});
    expect(kept({}, { page: { title: 'A' } }).context).toEqual({});
    expect(kept({}, { page: { path: '/a' } }).context).toEqual({ page: { path: '/a' } });
    expect(kept({}, { page: { url: 'https://x/a' } }).context).toEqual({ page: { url: 'https://x/a' } });
  });

  test('fills the 2 KB to the last character', () => {
    const properties = (length: number) => ({ a: 'x'.repeat(length), big: 'y'.repeat(3_000) });
    // The name, two quotes, and four more for what stands around a property.
    const most = HISTORY_PROPERTIES_LIMIT - 1 - 2 - 4;
    expect(Object.keys(kept(properties(most)).properties)).toEqual(['a']);
    expect(kept(properties(most + 1)).properties).toEqual({});
  });
});

describe('the item of an event', () => {
  test('is its first product, with the event’s or the workspace’s currency', () => {
    const event = profile.anEvent(
      'X',
      products({ product_id: 'a', name: 'Ring', price: 5, image_url: 'i', url: 'u' }, 'b'),
    );
    expect(itemOf(event, 'KRW')).toEqual({
      id: 'a',
      title: 'Ring',
      price: 5,
      currency: 'KRW',
      imageUrl: 'i',
      url: 'u',
    });
  });

  test('of an item change is the catalog’s, with the price before', () => {
    const item = { id: 'a', price: 5, currency: 'KRW' };
    const change = { item, version: 1, previous: { price: 9 }, changedAt: 0 };
    expect(itemOf(profile.anEvent('$item', {}, { item: change }), 'KRW')).toEqual({
      ...item,
      previousPrice: 9,
    });
  });

  test('is none where it names no product', () => {
    for (const properties of [
      {},
      { products: [] },
      { products: 'a' },
      { product_id: 'a' },
      { products: [{ name: 'x' }] },
    ]) {
      expect(itemOf(profile.anEvent('X', properties), 'KRW')).toBeNull();
    }
  });
});
