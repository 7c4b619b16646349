/**
 * JSON paths of the trigger language, split once when a trigger is published.
 *
 * A path that crosses an array yields every element of it; what stands at the end of a path is yielded as it is, an
 * array too. Only own properties are read: `constructor` is as missing as any other name that nobody set. Null is
 * missing.
 */

import type { Scope } from '../scope.ts';
import type { Path } from '../trigger.ts';
import type { Json, JsonObject } from '../vocabulary.ts';
import { descend } from './descend.ts';
import { userValue } from './user-path.ts';

export type PathReader = (scope: Scope) => Json[];

export const PATH_ROOTS = ['event', 'user', 'item', 'entry', 'session', 'lookup'] as const;

export function compilePath(path: Path): PathReader {
  const [root, ...rest] = path.split('.');
  switch (root) {
    case 'event':
      return (scope) => readEvent(scope.event, rest);
    case 'user':
      return (scope) => userValue(scope, rest);
    case 'item':
      return rest.length === 1 && rest[0] === 'id' ? itemIds : (scope) => readItem(scope, rest);
    case 'entry':
      return (scope) => readEntry(scope, rest);
    case 'session':
      return (scope) => readSession(scope, rest);
    case 'lookup':
      return (scope) => descend(scope.lookup ?? scope.entry?.lookup, rest, 0);
    default:
      throw new Error(`no path begins with ${root}`);
  }
}

type EventLike = {
  properties: JsonObject;
  context: object;
  name: string;
  messageId: string;
  timestamp: number;
};

function readEvent(event: EventLike | null | undefined, steps: string[]): Json[] {
  if (!event) return [];
  switch (steps[0]) {
    case 'name':
      return [event.name];
    case 'messageId':
      return [event.messageId];
    case 'timestamp':
      return [event.timestamp];
    case 'properties':
      return descend(event.properties, steps, 1);
    case 'context':
      return descend(event.context, steps, 1);
    default:
      return [];
  }
}

/** On e-commerce events `item.id` is the product ids of `products[]`. */
function itemIds(scope: Scope): Json[] {
  const products = scope.event?.properties.products;
  if (Array.isArray(products)) {
    const ids = descend(products, ['product_id'], 0).map(String);
    // Of a run that goes on with a later event, the item is what started it, not what that event is about.
    const isAboutThem = !scope.item || ids.includes(scope.item.id);
    if (ids.length > 0 && isAboutThem) return ids;
  }
  return scope.item ? [scope.item.id] : [];
}

function readItem(scope: Scope, steps: string[]): Json[] {
  return descend(scope.item, steps, 0);
}

function readEntry(scope: Scope, steps: string[]): Json[] {
  const { entry } = scope;
  if (!entry) return [];
  switch (steps[0]) {
    case 'event':
      return readEvent(entry.event, steps.slice(1));
    case 'item':
      return descend(entry.item, steps, 1);
    case 'lookup':
      return descend(entry.lookup, steps, 1);
    case 'referencePrice':
      return entry.referencePrice ? [entry.referencePrice.amount] : [];
    default:
      return [];
  }
}

function readSession(scope: Scope, steps: string[]): Json[] {
  const { meta } = scope.draft;
  // The page by itself is its path; what else is known of it stands under it.
  if (steps[0] === 'page') return descend(meta.page, steps.length === 1 ? ['path'] : steps.slice(1), 0);
  if (steps[0] === 'startedAt' && meta.sessionStartedAt > 0) return [meta.sessionStartedAt];
  return [];
}
