/** `user.` paths: what is known about the profile, read from its state. */

import type { Scope } from '../scope.ts';
import type { RelationEntry } from '../state.ts';
import type { Json } from '../vocabulary.ts';
import { decimalSum } from './decimal.ts';
import { descend } from './descend.ts';

export function userValue(scope: Scope, steps: string[]): Json[] {
  const { draft } = scope;
  const { meta } = draft;
  switch (steps[0]) {
    case 'id':
      return [meta.id];
    case 'known':
      return [meta.kind === 'user'];
    case 'traits': {
      const name = steps[1];
      if (name === undefined) return [];
      return descend(draft.get('traits', name)?.value, steps, 2);
    }
    case 'firstSeenAt':
      return instant(meta.firstSeenAt);
    case 'lastSeenAt':
      return instant(meta.lastSeenAt);
    case 'timezone':
      return meta.timezone === null ? [] : [meta.timezone];
    case 'locale':
      return meta.locale === null ? [] : [meta.locale];
    case 'cart':
      return cartValue(cartOf(draft.entries('relations')), steps[1]);
    case 'orders':
      return pick(
        { count: meta.orderCount, value: decimalSum([meta.orderValue]) },
        steps[1],
        meta.orderLastAt,
      );
    case 'sessions':
      return steps[1] === 'meanInterval'
        ? meanIntervalMs(meta.sessionIntervals)
        : pick({ count: meta.sessionCount }, steps[1], meta.sessionLastAt);
    case 'lastViewed':
      return descend(meta.lastViewed, steps, 1);
    default:
      return [];
  }
}

function pick(values: { [name: string]: number }, name: string | undefined, lastAt: number): Json[] {
  if (name === 'lastAt') return instant(lastAt);
  if (name === undefined || !Object.hasOwn(values, name)) return [];
  return [values[name] as number];
}

/** Between the beginnings of sessions, in milliseconds; missing before the second session. */
function meanIntervalMs({ n, sumMs }: { n: number; sumMs: number }): Json[] {
  return n === 0 ? [] : [sumMs / n];
}

function instant(at: number): Json[] {
  return at > 0 ? [at] : [];
}

interface Cart {
  count: number;
  value: number;
  oldestAt: number;
}

/** Distinct products, Σ price × quantity, and when the oldest of them was put in. */
function cartOf(relations: Iterable<[string, RelationEntry]>): Cart {
  const cart = { count: 0, value: 0, oldestAt: 0 };
  for (const [key, relation] of relations) {
    if (!relation.on || !key.startsWith('in_cart\n')) continue;
    cart.count += 1;
    cart.value += (relation.price?.amount ?? 0) * (relation.quantity ?? 1);
    if (cart.oldestAt === 0 || relation.since < cart.oldestAt) cart.oldestAt = relation.since;
  }
  return { ...cart, value: decimalSum([cart.value]) };
}

/** An empty cart has count 0, value 0 and no oldestAt. */
function cartValue(cart: Cart, name: string | undefined): Json[] {
  if (name === 'count') return [cart.count];
  if (name === 'value') return [cart.value];
  return name === 'oldestAt' ? instant(cart.oldestAt) : [];
}
