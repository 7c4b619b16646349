import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../engine/vocabulary.ts';
import { canonicalCommerce } from './ecommerce.ts';
import { PRODUCT_LIST_EVENTS, SINGLE_PRODUCT_EVENTS } from './ecommerce-names.ts';

describe('GA4 events', () => {
  test.each([
    ['view_item', 'Product Viewed'],
    ['select_item', 'Product Clicked'],
    ['view_item_list', 'Product List Viewed'],
    ['search', 'Products Searched'],
    ['view_search_results', 'Products Searched'],
    ['add_to_wishlist', 'Product Added to Wishlist'],
    ['remove_from_wishlist', 'Product Removed from Wishlist'],
    ['add_to_cart', 'Product Added'],
    ['remove_from_cart', 'Product Removed'],
    ['view_cart', 'Cart Viewed'],
    ['begin_checkout', 'Checkout Started'],
    ['add_payment_info', 'Payment Info Entered'],
    ['purchase', 'Order Completed'],
    ['refund', 'Order Refunded'],
    ['view_promotion', 'Promotion Viewed'],
    ['select_promotion', 'Promotion Clicked'],
    ['share', 'Product Shared'],
    ['sign_up', 'Signed Up'],
    ['login', 'Signed In'],
  ])('%s is %s, the original kept beside', (ga4, name) => {
    const properties = { anything: 1 };
    expect(canonicalCommerce(ga4, properties)).toEqual({
      name,
      properties,
      original: { name: ga4, properties },
    });
  });

  test('a search’s term is its query', () => {
    expect(canonicalCommerce('search', { search_term: '실반지' }).properties).toEqual({ query: '실반지' });
  });

  test('a single item is flat and in products[]', () => {
    const item = {
      item_id: 123,
      item_name: '실반지',
      item_brand: 'Reflex',
      item_category: '반지',
      item_category2: '얇은 반지',
      item_variant: 'gold',
      index: 2,
      price: 30_000,
      quantity: 1,
    };
    const product = {
      product_id: '123',
      name: '실반지',
      brand: 'Reflex',
      category: '반지',
      variant: 'gold',
      position: 2,
      price: 30_000,
      quantity: 1,
      currency: 'KRW',
    };
    const original = { currency: 'KRW', value: 30_000, items: [item] };
    expect(canonicalCommerce('add_to_wishlist', original)).toEqual({
      name: 'Product Added to Wishlist',
      properties: {
        ...product,
        value: 30_000,
        products: [{ ...product, item_category2: '얇은 반지' }],
      },
      original: { name: 'add_to_wishlist', properties: original },
    });
  });

  test('several items stay several: none of them is the flat one', () => {
    const { properties } = canonicalCommerce('add_to_cart', { items: [{ item_id: 'a' }, { item_id: 'b' }] });
    expect(properties).toEqual({ products: [{ product_id: 'a' }, { product_id: 'b' }] });
  });

  test('a purchase is an order with revenue', () => {
    const purchase = {
      transaction_id: 'T-1',
      value: 59_000,
      currency: 'KRW',
      tax: 0,
      items: [{ item_id: 1, price: 59_000 }],
    };
    expect(canonicalCommerce('purchase', purchase).properties).toEqual({
      order_id: 'T-1',
      revenue: 59_000,
      currency: 'KRW',
      tax: 0,
      products: [{ product_id: '1', price: 59_000 }],
    });
  });

  test('a canonical name that is taken keeps its own value', () => {
    const both = { search_term: 'a', query: 'b' };
    expect(canonicalCommerce('search', both).properties).toEqual(both);
  });

  test.each([null, 'x', 7, {}, [], [null, 1, 'x']])('items of %j break nothing', (items) => {
    expect(canonicalCommerce('add_to_cart', { items }).name).toBe('Product Added');
  });
});

describe('events of the spec', () => {
  test.each([...SINGLE_PRODUCT_EVENTS])('%s has its product in both forms', (name) => {
    const flat = { product_id: 'r1', name: 'ring', price: 10, cart_id: 'c1' };
    expect(canonicalCommerce(name, flat)).toEqual({
      name,
      properties: { ...flat, products: [{ product_id: 'r1', name: 'ring', price: 10 }] },
    });
  });

  test.each([...PRODUCT_LIST_EVENTS])('%s has string ids in products[]', (name) => {
    const { properties } = canonicalCommerce(name, { products: [{ product_id: 7 }, { sku: 'S' }, null] });
    expect(properties).toEqual({
      products: [{ product_id: '7' }, { sku: 'S', product_id: 'S' }, null],
    });
  });

  test('a product known by its sku alone is known by it', () => {
    expect(canonicalCommerce('Product Viewed', { sku: 'S1' }).properties).toEqual({
      sku: 'S1',
      product_id: 'S1',
      products: [{ product_id: 'S1', sku: 'S1' }],
    });
  });

  test('both forms, already there, are both kept', () => {
    const properties = { product_id: 1, products: [{ product_id: 1, price: 9 }] };
    expect(canonicalCommerce('Product Added', properties).properties).toEqual({
      product_id: '1',
      price: 9,
      products: [{ product_id: '1', price: 9 }],
    });
  });

  test('without any product, none is made up', () => {
    expect(canonicalCommerce('Product Viewed', { price: 1 }).properties).toEqual({ price: 1 });
    expect(canonicalCommerce('Product Viewed', { product_id: null }).properties).toEqual({
      product_id: null,
    });
  });

  test('an event of the client’s own is left alone, whatever it holds', () => {
    const properties: JsonObject = { product_id: 7, items: [{ item_id: 1 }] };
    const result = canonicalCommerce('Ring Tried On', properties);
    expect(result).toEqual({ name: 'Ring Tried On', properties });
    expect(result.properties).toBe(properties);
  });

  test.each(['constructor', '__proto__', 'toString'])('the name %s is only a name', (name) => {
    expect(canonicalCommerce(name, {})).toEqual({ name, properties: {} });
  });
});

describe('events of the spec’s first version', () => {
  test('a product’s id was `id`', () => {
    const { name, properties, original } = canonicalCommerce('Viewed Product', { id: 507, name: 'ring' });
    expect(name).toBe('Product Viewed');
    expect(properties).toEqual({
      product_id: '507',
      name: 'ring',
      products: [{ product_id: '507', name: 'ring' }],
    });
    expect(original).toEqual({ name: 'Viewed Product', properties: { id: 507, name: 'ring' } });
  });

  test('an order’s id was `orderId`', () => {
    const order = { orderId: 'o1', total: 30, products: [{ id: 1, sku: 's' }] };
    expect(canonicalCommerce('Completed Order', order)).toMatchObject({
      name: 'Order Completed',
      properties: { order_id: 'o1', total: 30, products: [{ product_id: '1', sku: 's' }] },
    });
  });

  test.each([
    ['Added Product', 'Product Added'],
    ['Removed Product', 'Product Removed'],
    ['Clicked Product', 'Product Clicked'],
    ['Viewed Cart', 'Cart Viewed'],
    ['Viewed Product Category', 'Product List Viewed'],
    ['Started Checkout', 'Checkout Started'],
    ['Updated Order', 'Order Updated'],
    ['Refunded Order', 'Order Refunded'],
    ['Cancelled Order', 'Order Cancelled'],
    ['Viewed Promotion', 'Promotion Viewed'],
  ])('%s is %s', (old, name) => {
    expect(canonicalCommerce(old, {}).name).toBe(name);
  });
});
