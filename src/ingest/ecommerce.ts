/**
 * E-commerce events in one form: the spec's names, and products both as the client sent them and in
 * `properties.products[]`, so that a trigger may read either. Product ids are strings: shops send numbers as often.
 * Only the spec's product events are touched; a `product_id` in any other event is the client's own business.
 */
import type { Event, Json, JsonObject } from '../engine/vocabulary.ts';
import { ALIASES, PRODUCT_LIST_EVENTS, SINGLE_PRODUCT_EVENTS } from './ecommerce-names.ts';

/** What of a single-product event's flat properties describes the product. */
const PRODUCT_FIELDS = [
  'product_id',
  'sku',
  'category',
  'name',
  'brand',
  'variant',
  'price',
  'quantity',
  'coupon',
  'currency',
  'position',
  'url',
  'image_url',
] as const;

type Canonical = Pick<Event, 'name' | 'properties'> & Pick<Partial<Event>, 'original'>;

export function canonicalCommerce(name: string, properties: JsonObject): Canonical {
  const alias = ALIASES.get(name);
  if (!alias) return { name, properties: withProducts(name, properties) };
  const renamed = rename(properties, alias.renames);
  if (Array.isArray(renamed.products)) {
    renamed.products = renamed.products.map((product) =>
      isObject(product) ? rename(product, alias.productRenames) : product,
    );
  }
  return {
    name: alias.name,
    properties: withProducts(alias.name, renamed),
    original: { name, properties },
  };
}

function withProducts(name: string, properties: JsonObject): JsonObject {
  if (SINGLE_PRODUCT_EVENTS.has(name)) return bothForms(properties);
  if (!PRODUCT_LIST_EVENTS.has(name) || !Array.isArray(properties.products)) return properties;
  return { ...properties, products: properties.products.map(withStringId) };
}

/** Flat fields into `products[]`, or the only product's fields into the flat form; whichever is missing. */
function bothForms(properties: JsonObject): JsonObject {
  const products = Array.isArray(properties.products) ? properties.products.map(withStringId) : [];
  const [only] = products;
  if (only === undefined) {
    const flat = withId(properties, properties.product_id ?? properties.sku);
    return typeof flat.product_id === 'string' ? { ...flat, products: [pick(flat)] } : flat;
  }
  if (products.length > 1 || !isObject(only)) {
    return { ...withId(properties, properties.product_id), products };
  }
  // What the event says of the whole (its currency) holds for its only product.
  const merged = { ...pick(only), ...properties };
  const flat = withId(merged, merged.product_id ?? merged.sku);
  return { ...flat, products: [{ ...pick(flat), ...only }] };
}

/** `id` or `sku` stands in for a missing `product_id`. */
function withStringId(product: Json): Json {
  return isObject(product) ? withId(product, product.product_id ?? product.id ?? product.sku) : product;
}

function withId(product: JsonObject, id: Json | undefined): JsonObject {
  if (typeof id === 'number') return { ...product, product_id: String(id) };
  return typeof id === 'string' && id !== product.product_id ? { ...product, product_id: id } : product;
}

function pick(properties: JsonObject): JsonObject {
  const product: JsonObject = {};
  for (const field of PRODUCT_FIELDS) {
    const value = properties[field];
    if (value !== undefined) product[field] = value;
  }
  return product;
}

/** A field whose canonical name is taken already keeps its own. */
function rename(from: JsonObject, renames: Readonly<Record<string, string>>): JsonObject {
  return Object.fromEntries(
    Object.entries(from).map(([field, value]) => {
      const target = Object.hasOwn(renames, field) ? renames[field] : undefined;
      return [target === undefined || Object.hasOwn(from, target) ? field : target, value];
    }),
  );
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
