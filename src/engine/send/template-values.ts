/**
 * What a template sees: `{ event, user, item, entry, lookup, data, message }`. Frozen with the message, so that every
 * attempt renders the same bytes; at most 8 KB, so of traits, event properties and the event's context only what the
 * template mentions by name goes along.
 */
import type { Template } from '../documents.ts';
import { userValue } from '../language/user-path.ts';
import type { GroupedItem } from '../run-state.ts';
import type { Scope } from '../scope.ts';
import type { Json, JsonObject } from '../vocabulary.ts';

export const VALUES_LIMIT = 8_192;

/** Text of a template, to see which names it mentions; keyed on the immutable document. */
const sources = new WeakMap<Template, string>();

export function templateValues(
  template: Template,
  scope: Scope,
  data: [string, (scope: Scope) => Json | undefined][],
  message: JsonObject,
  items: GroupedItem[] | null = null,
): JsonObject {
  const source = sourceOf(template);
  const { entry } = scope;
  const values: JsonObject = { user: userValues(scope, source), message };
  if (entry) {
    const { name, properties, context, timestamp } = entry.event;
    const event = {
      name,
      properties: mentioned(properties, source),
      ...(source.includes('event.timestamp') && { timestamp: new Date(timestamp).toISOString() }),
      ...(source.includes('event.context') && { context: mentioned({ ...context } as JsonObject, source) }),
    };
    const { referencePrice } = entry;
    values.event = event;
    values.entry = {
      event,
      ...(entry.item && { item: { ...entry.item } as JsonObject }),
      ...(items && { items: items as unknown as Json }),
      ...(referencePrice && { referencePrice: referencePrice.amount, currency: referencePrice.currency }),
    };
  }
  if (scope.item) values.item = { ...scope.item } as JsonObject;
  if (entry?.lookup) values.lookup = entry.lookup;
  if (data.length > 0) {
    values.data = Object.fromEntries(data.map(([name, read]) => [name, read(scope) ?? null]));
  }
  return values;
}

function userValues(scope: Scope, source: string): JsonObject {
  const read = (...steps: string[]): Json => userValue(scope, steps)[0] ?? null;
  const traits: [string, Json][] = [];
  for (const [name, { value }] of scope.draft.entries('traits')) {
    if (source.includes(name)) traits.push([name, value]);
  }
  return {
    id: read('id'),
    anonymousId: scope.draft.meta.kind === 'anonymous' ? scope.draft.meta.id : null,
    known: read('known'),
    traits: Object.fromEntries(traits),
    cart: { count: read('cart', 'count'), value: read('cart', 'value') },
    orders: { count: read('orders', 'count'), value: read('orders', 'value') },
    lastViewed: scope.draft.meta.lastViewed,
  };
}

function mentioned(properties: JsonObject, source: string): JsonObject {
  return Object.fromEntries(Object.entries(properties).filter(([name]) => source.includes(name)));
}

function sourceOf(template: Template): string {
  let source = sources.get(template);
  if (source === undefined) {
    source = JSON.stringify(template.locales);
    sources.set(template, source);
  }
  return source;
}
