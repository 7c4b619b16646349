/** What an e-commerce event says of items: its `properties.products[]`, with the event's currency for those without. */
import type { Event, ItemSnapshot, Json, JsonObject, Price } from '../vocabulary.ts';

export interface Product {
  id: string;
  price: Price | null;
  quantity: number | null;
  snapshot: ItemSnapshot;
}

export function productsOf(event: Pick<Event, 'properties'>, workspaceCurrency: string): Product[] {
  const { products, currency } = event.properties;
  if (!Array.isArray(products)) return [];
  const fallback = typeof currency === 'string' ? currency : workspaceCurrency;
  return products.flatMap((product) => {
    const read = isObject(product) ? readProduct(product, fallback) : null;
    return read ? [read] : [];
  });
}

function readProduct(product: JsonObject, fallbackCurrency: string): Product | null {
  const id = product.product_id;
  if (typeof id !== 'string' || id === '') return null;
  const currency = textOf(product.currency) ?? fallbackCurrency;
  const amount = numberOf(product.price);
  const snapshot: ItemSnapshot = { id };
  const title = textOf(product.name);
  if (title !== undefined) snapshot.title = title;
  for (const [field, name] of SNAPSHOT_FIELDS) {
    const value = textOf(product[name]);
    if (value !== undefined) snapshot[field] = value;
  }
  if (amount !== null) Object.assign(snapshot, { price: amount, currency });
  return {
    id,
    price: amount === null ? null : { amount, currency },
    quantity: numberOf(product.quantity),
    snapshot,
  };
}

const SNAPSHOT_FIELDS = [
  ['url', 'url'],
  ['imageUrl', 'image_url'],
  ['category', 'category'],
  ['brand', 'brand'],
] as const;

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function numberOf(value: Json | undefined): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
