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
      return cycleValue(orderIntervals(draft), meta.orderLastAt, steps[1], {
        count: meta.orderCount,
        value: decimalSum([meta.orderValue]),
      });
    case 'sessions':
      return cycleValue(meta.sessionIntervals, meta.sessionLastAt, steps[1], { count: meta.sessionCount });
    case 'lastViewed':
      return descend(meta.lastViewed, steps, 1);
    default:
      return [];
  }
}

/** It takes three intervals to know a cycle of one's own. */
const KNOWN_FROM = 3;

/** How many of the user's own cycles after the last time. */
const CYCLES = new Map([
  ['dueAt', 1],
  ['overdueAt', 2],
  ['lapsedAt', 4],
]);

interface Intervals {
  n: number;
  sumMs: number;
}

/** What comes again and again: how often, when last, how far apart, and when it is due by the user's own cycle. */
function cycleValue(
  intervals: Intervals,
  lastAt: number,
  name: string | undefined,
  values: { [name: string]: number },
): Json[] {
  if (name === 'meanInterval') return meanIntervalMs(intervals);
  const cycles = CYCLES.get(name ?? '');
  if (cycles === undefined) return pick(values, name, lastAt);
  return intervals.n < KNOWN_FROM ? [] : instant(lastAt + (cycles * intervals.sumMs) / intervals.n);
}

function orderIntervals(draft: Scope['draft']): Intervals {
  const { n = 0, firstAt = 0, lastAt = 0 } = draft.get('counts', 'Order Completed') ?? {};
  return { n: Math.max(0, n - 1), sumMs: lastAt - firstAt };
}

function pick(values: { [name: string]: number }, name: string | undefined, lastAt: number): Json[] {
  if (name === 'lastAt') return instant(lastAt);
  if (name === undefined || !Object.hasOwn(values, name)) return [];
  return [values[name] as number];
}

/** In milliseconds; missing before the second of them. Of sessions: between their beginnings. */
function meanIntervalMs({ n, sumMs }: Intervals): Json[] {
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
