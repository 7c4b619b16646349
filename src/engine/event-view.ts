/** An event as conditions and history see it, and the item that it speaks of. */
import { productsOf } from './items/products.ts';
import type { Scope, TestedEvent } from './scope.ts';
import type { Event, JsonObject } from './vocabulary.ts';

export const HISTORY_PROPERTIES_LIMIT = 2_048;

/** The event being decided: whole. */
export function testedEvent(event: Event): TestedEvent {
  return {
    messageId: event.messageId,
    name: event.name,
    timestamp: event.timestamp,
    properties: event.properties,
    context: event.context as JsonObject,
  };
}

/** What history keeps of it: properties up to 2 KB, whole ones only, small ones first; of the context the page. */
export function keptEvent(event: Omit<TestedEvent, 'context'> & Pick<Event, 'context'>): TestedEvent {
  const { path, url } = event.context.page ?? {};
  const page: JsonObject = {};
  if (path !== undefined) page.path = path;
  if (url !== undefined) page.url = url;
  return {
    messageId: event.messageId,
    name: event.name,
    timestamp: event.timestamp,
    properties: keptProperties(event.properties, HISTORY_PROPERTIES_LIMIT),
    context: path === undefined && url === undefined ? {} : { page },
  };
}

/** Whole properties up to a size, small ones first. */
export function keptProperties(properties: JsonObject, limit: number): JsonObject {
  if (JSON.stringify(properties).length <= limit) return properties;
  const bySize = Object.entries(properties)
    .map(([name, value]) => ({ name, value, size: name.length + JSON.stringify(value).length + 4 }))
    .sort((a, b) => a.size - b.size);
  const kept: JsonObject = {};
  let room = limit;
  for (const { name, value, size } of bySize) {
    room -= size;
    if (room < 0) break;
    // Defined, not assigned: `__proto__` is a property like any other.
    Object.defineProperty(kept, name, { value, enumerable: true, writable: true, configurable: true });
  }
  return kept;
}

/** The item of the event: of an item change its snapshot, of an e-commerce event its first product. */
export function itemOf(event: Event, currency: string): Scope['item'] {
  if (event.item) {
    const previousPrice = event.item.previous?.price;
    return { ...event.item.item, ...(previousPrice !== undefined && { previousPrice }) };
  }
  return productsOf(event, currency)[0]?.snapshot ?? null;
}
