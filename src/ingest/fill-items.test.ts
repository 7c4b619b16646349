import { describe, expect, it } from 'vitest';
import type { Env } from '../bindings.ts';
import { DEFAULT_POLICIES } from '../engine/documents.ts';
import { products } from '../engine/testing/builders.ts';
import type { Event, JsonObject } from '../engine/vocabulary.ts';
import type { ItemPatch } from '../protocol/catalog-rpc.ts';
import { ItemFiller } from './fill-items.ts';

const HOUR_MS = 3_600_000;

function aFiller(itemsFromEvents: 'off' | 'fill_missing' | undefined, { fails = false } = {}) {
  const filled: [string, ItemPatch][] = [];
  const background: Promise<unknown>[] = [];
  const workspace = { ...DEFAULT_POLICIES.workspace, ...(itemsFromEvents && { itemsFromEvents }) };
  const filler = new ItemFiller({
    configInForce: () => ({ policies: { ...DEFAULT_POLICIES, workspace } }),
    catalog: () => ({
      fill: async (id, fields) => {
        filled.push([id, fields]);
        if (fails) throw new Error('overloaded');
      },
    }),
  });
  const see = async (properties: JsonObject, more: Partial<Event> = {}, now = 0) => {
    const event = { name: 'Product Viewed', origin: 'client', properties, ...more } as Event;
    filler.see({ env: {} as Env, now, waitUntil: (work) => background.push(work) }, [{ event }]);
    await Promise.all(background);
  };
  return { filled, see };
}

const RING = {
  product_id: 'ring',
  name: ' Thin ring ',
  category: 'Rings',
  brand: 'Moon',
  price: 1,
  currency: 'KRW',
  url: 'https://shop.example/ring',
  image_url: '/ring.jpg',
};

describe('items from events', () => {
  it('are filled only where the workspace says so', async () => {
    for (const option of [undefined, 'off'] as const) {
      const { filled, see } = aFiller(option);
      await see(products(RING));
      expect(filled).toEqual([]);
    }
  });

  it('get a title, a category and a brand from a client; links from the backend alone; a price from nobody', async () => {
    const client = aFiller('fill_missing');
    await client.see(products(RING));
    expect(client.filled).toEqual([['ring', { title: 'Thin ring', category: 'Rings', brand: 'Moon' }]]);
    const server = aFiller('fill_missing');
    await server.see(products({ ...RING, image_url: 'javascript:alert(1)' }), { origin: 'server' });
    expect(server.filled).toEqual([
      ['ring', { title: 'Thin ring', category: 'Rings', brand: 'Moon', url: RING.url }],
    ]);
  });

  it.each(['see https://evil.example', 'WWW.evil.example', 'two\nlines', 'x'.repeat(201), ' ', 7])(
    'get no such title: %j',
    async (name) => {
      const { filled, see } = aFiller('fill_missing');
      await see(products({ product_id: 'ring', name }));
      expect(filled).toEqual([]);
    },
  );

  it('are asked about once an hour, whatever is seen of them, and again where that failed', async () => {
    const { filled, see } = aFiller('fill_missing');
    for (const now of [0, 1, HOUR_MS - 1, HOUR_MS]) await see(products(RING), {}, now);
    expect(filled).toHaveLength(2);
    const failing = aFiller('fill_missing', { fails: true });
    for (const now of [0, 1]) await failing.see(products(RING), {}, now);
    expect(failing.filled).toHaveLength(2);
  });

  it('are twenty a request at most, none with an id that no item has, and none of an import', async () => {
    const { filled, see } = aFiller('fill_missing');
    const many = Array.from({ length: 30 }, (_, i) => ({ ...RING, product_id: `p${i}` }));
    await see(products({ ...RING, product_id: 'a\nb' }, ...many));
    expect(filled).toHaveLength(20);
    await see(products({ ...RING, product_id: 'loaded' }), { imported: true });
    expect(filled).toHaveLength(20);
  });
});
