/**
 * What the e-commerce events make of a user and an item. The last writer wins by the event's timestamp, so that a
 * `liked` that arrives late does not revive what was unliked since.
 *
 *     liked       Product Added to Wishlist … Product Removed from Wishlist
 *     in_cart     Product Added, Wishlist Product Added to Cart … Product Removed, Order Completed (its products)
 *     purchased   Order Completed
 *     viewed      Product Viewed (the last 20)
 *     subscribed  Back in Stock Requested
 */
import type { Draft } from '../delta.ts';
import { type Product, productsOf } from '../items/products.ts';
import type { RelationEntry } from '../state.ts';
import type { Relation } from '../trigger.ts';
import type { Event } from '../vocabulary.ts';

/** A map, since event names come from clients and `constructor` is one. */
const CHANGES = new Map<string, [relation: Relation, on: boolean][]>(
  Object.entries({
    'Product Added to Wishlist': [['liked', true]],
    'Product Removed from Wishlist': [['liked', false]],
    'Product Added': [['in_cart', true]],
    'Wishlist Product Added to Cart': [['in_cart', true]],
    'Product Removed': [['in_cart', false]],
    'Order Completed': [
      ['purchased', true],
      ['in_cart', false],
    ],
    'Product Viewed': [['viewed', true]],
    'Back in Stock Requested': [['subscribed', true]],
  }),
);

/** The relations whose items are watched as soon as they begin, before any trigger asks. */
export const WATCHED: readonly Relation[] = ['liked', 'in_cart', 'subscribed'];

const VIEWED_LIMIT = 20;
const RELATION_LIMIT = 2_000;

export function relationKey(relation: string, itemId: string): string {
  return `${relation}\n${itemId}`;
}

/** The outbox's entry for the order to watch an item. */
export function orderId(itemId: string): string {
  return `watch:${itemId}`;
}

/** A row stands in the item's watcher shard, or an order is on its way there. */
export function isWatched(draft: Draft, itemId: string): boolean {
  return draft.get('watches', itemId) !== undefined || draft.get('outbox', orderId(itemId)) !== undefined;
}

/** The entry of a relation's key. */
export function splitRelationKey(key: string): { relation: Relation; itemId: string } {
  const cut = key.indexOf('\n');
  return { relation: key.slice(0, cut) as Relation, itemId: key.slice(cut + 1) };
}

/** Ids of the items whose watched relations changed; of views, those that are no longer among the last. */
export function foldRelations(draft: Draft, event: Event, currency: string): Set<string> {
  const touched = new Set<string>();
  const changes = CHANGES.get(event.name);
  if (!changes) return touched;
  for (const product of productsOf(event, currency)) {
    for (const [relation, on] of changes) {
      const changed = foldOne(draft, event, relation, on, product);
      if (changed && WATCHED.includes(relation)) touched.add(product.id);
    }
  }
  for (const key of trim(draft, event.name)) {
    const { relation, itemId } = splitRelationKey(key);
    if (relation === 'viewed' && isWatched(draft, itemId)) touched.add(itemId);
  }
  return touched;
}

function foldOne(draft: Draft, event: Event, relation: Relation, on: boolean, product: Product): boolean {
  const key = relationKey(relation, product.id);
  const before = draft.get('relations', key);
  if (before && before.at > event.timestamp) return false;
  if (!on) {
    if (!before?.on) {
      // Kept although nothing ends: a beginning that is older but arrives later must lose.
      draft.put('relations', key, { on: false, at: event.timestamp, since: event.timestamp, price: null });
      return false;
    }
    const left =
      (before.quantity ?? 1) - (event.name === 'Order Completed' ? Infinity : (product.quantity ?? Infinity));
    if (left > 0) {
      draft.put('relations', key, { ...before, at: event.timestamp, quantity: left });
      return false;
    }
    draft.put('relations', key, { ...before, on: false, at: event.timestamp, quantity: 0 });
    return true;
  }
  draft.put('relations', key, begun(before, event.timestamp, product, relation));
  return !before?.on;
}

function begun(
  before: RelationEntry | undefined,
  at: number,
  product: Product,
  relation: Relation,
): RelationEntry {
  const quantity = relation === 'in_cart' ? { quantity: product.quantity ?? 1 } : {};
  if (!before?.on) return { on: true, at, since: at, price: product.price, ...quantity };
  const added = relation === 'in_cart' ? { quantity: (before.quantity ?? 0) + (product.quantity ?? 1) } : {};
  return { ...before, at, ...added };
}

/** Newest by order of writing: a draft moves what it writes to the end. */
function trim(draft: Draft, eventName: string): string[] {
  return eventName === 'Product Viewed'
    ? dropOldest(draft, 'viewed\n', VIEWED_LIMIT)
    : dropOldest(draft, '', RELATION_LIMIT);
}

/** Answers what it dropped. */
function dropOldest(draft: Draft, prefix: string, limit: number): string[] {
  const keys: string[] = [];
  for (const [key] of draft.entries('relations')) if (key.startsWith(prefix)) keys.push(key);
  const dropped = keys.slice(0, Math.max(0, keys.length - limit));
  for (const key of dropped) draft.remove('relations', key);
  return dropped;
}
