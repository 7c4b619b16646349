/** What events say of products, in the catalog. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { inCatalog, rowsOf } from '../support/catalog-objects.ts';
import { api } from '../support/workerd-api.ts';

const policy = (itemsFromEvents: string) =>
  api.admin('PUT', 'policies/workspace', { identity: 'off', itemsFromEvents });
const view = (product: object, call = api.client) =>
  call('POST', '/v1/track', {
    event: 'Product Viewed',
    anonymousId: crypto.randomUUID(),
    messageId: crypto.randomUUID(),
    properties: product,
  });
const itemOf = async (id: string) => (await api.server('GET', `/v1/items/${id}`)).body;

beforeAll(async () => {
  expect((await policy('fill_missing')).status).toBeLessThan(300);
});
afterAll(async () => {
  await policy('off');
});

describe('an item that lacks fields', () => {
  it('gets those from an event, keeps those that it has, and no event makes an item or a price', async () => {
    await api.server('PUT', '/v1/items/half', { title: 'Ring', stock: 3 });
    const product = { name: 'Forged', brand: 'Moon', category: 'Rings', price: 1, currency: 'KRW' };
    await view({ product_id: 'half', ...product, url: 'https://evil.example' });
    await view({ product_id: 'unknown', ...product });
    await vi.waitFor(async () => expect((await itemOf('half')).brand).toBe('Moon'));
    expect(await itemOf('half')).toEqual({
      id: 'half',
      title: 'Ring',
      stock: 3,
      brand: 'Moon',
      category: 'Rings',
    });
    expect((await api.server('GET', '/v1/items/unknown')).status).toBe(404);
  });

  it('costs one row to fill, and none where it lacks nothing', async () => {
    await inCatalog('filled', async (catalog) => {
      await catalog.put('ring', { title: 'Ring' }, null);
      const fill = (fields: object) => rowsOf(catalog, () => catalog.fill('ring', fields));
      expect((await fill({ brand: 'Moon', title: 'Forged' })).written).toBe(1);
      expect((await fill({ brand: 'Sun', title: 'Forged' })).written).toBe(0);
      expect((await rowsOf(catalog, () => catalog.fill('nothing', { brand: 'Sun' }))).written).toBe(0);
      expect((await catalog.read('ring'))?.item).toEqual({ id: 'ring', title: 'Ring', brand: 'Moon' });
    });
  });
});
