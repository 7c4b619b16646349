import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { CATEGORIES, PRODUCTS } from './catalogue.ts';

const shop = JSON.parse(readFileSync(new URL('../../../demo/shop.json', import.meta.url), 'utf8'));

it('the shop sells the items that the demo begins with, at their prices', () => {
  const sold = PRODUCTS.map(({ id, category, price, stock, title }) => ({
    id,
    category,
    price,
    stock,
    title: title.ko,
  }));
  const items = shop.items.map((item: (typeof sold)[number]) => ({
    id: item.id,
    category: item.category,
    price: item.price,
    stock: item.stock,
    title: item.title,
  }));
  expect(sold).toEqual(items);
});

it('every category that the search prompt leads to is a place in the shop', () => {
  const [{ rows }] = shop.lookups;
  expect(rows.map(({ url }: { url: string }) => url)).toEqual(
    Object.keys(CATEGORIES).map((id) => `/c/${id}`),
  );
});
