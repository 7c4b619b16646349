/**
 * What a template sees: `{ event, user, item, entry, session, lookup, data, recommendations, message }`, and with it every
 * path of the trigger language. Frozen with the message, so that every attempt renders the same bytes; at most 8 KB, so
 * that much of it only goes along where the template mentions it by name: traits, event properties, the event's context,
 * and what few messages speak of.
 */
import type { Template } from '../documents.ts';
import { compilePath } from '../language/path.ts';
import { userValue } from '../language/user-path.ts';
import type { GroupedItem } from '../run-state.ts';
import type { Scope } from '../scope.ts';
import type { Json, JsonObject } from '../vocabulary.ts';

export const VALUES_LIMIT = 8_192;

const CART = ['oldestAt'] as const;
const CYCLES = ['lastAt', 'meanInterval', 'dueAt', 'overdueAt', 'lapsedAt'] as const;

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
    const { name, properties, context, messageId, timestamp } = entry.event;
    const event = {
      name,
      ...mentioned({ messageId, timestamp }, source),
      properties: mentioned(properties, source),
      ...(source.includes('event.context') && { context: mentioned({ ...context } as JsonObject, source) }),
    };
    const { referencePrice } = entry;
    values.event = event;
    values.entry = {
      event,
      ...(entry.item && { item: { ...entry.item } as JsonObject }),
      ...(entry.lookup && source.includes('entry.lookup') && { lookup: entry.lookup }),
      ...(items && { items: items as unknown as Json }),
      ...(referencePrice && { referencePrice: referencePrice.amount, currency: referencePrice.currency }),
    };
  }
  if (scope.item) values.item = { ...scope.item } as JsonObject;
  if (source.includes('session')) values.session = sessionValues(scope, source);
  if (entry?.lookup) values.lookup = entry.lookup;
  if (data.length > 0) {
    values.data = Object.fromEntries(data.map(([name, read]) => [name, read(scope) ?? null]));
  }
  return values;
}

/** Whether its texts speak of the links by which messages are stopped. */
export function mentionsLinks(template: Template): boolean {
  const source = sourceOf(template);
  return source.includes('unsubscribeUrl') || source.includes('preferencesUrl');
}

function userValues(scope: Scope, source: string): JsonObject {
  const read = (...steps: string[]): Json => userValue(scope, steps)[0] ?? null;
  const rarely = (under: string | null, names: readonly string[]): JsonObject => {
    const spoken = names.filter((name) => source.includes(name));
    return Object.fromEntries(spoken.map((name) => [name, under ? read(under, name) : read(name)]));
  };
  const traits: [string, Json][] = [];
  for (const [name, { value }] of scope.draft.entries('traits')) {
    if (source.includes(name)) traits.push([name, value]);
  }
  return {
    id: read('id'),
    anonymousId: scope.draft.meta.kind === 'anonymous' ? scope.draft.meta.id : null,
    known: read('known'),
    traits: Object.fromEntries(traits),
    cart: { count: read('cart', 'count'), value: read('cart', 'value'), ...rarely('cart', CART) },
    orders: { count: read('orders', 'count'), value: read('orders', 'value'), ...rarely('orders', CYCLES) },
    ...(source.includes('sessions') && {
      sessions: { count: read('sessions', 'count'), ...rarely('sessions', CYCLES) },
    }),
    lastViewed: scope.draft.meta.lastViewed,
    ...rarely(null, ['firstSeenAt', 'lastSeenAt', 'timezone', 'locale']),
  };
}

/** The page by itself is its path, as in conditions; in a template that reads what else is known of it, only that. */
function sessionValues(scope: Scope, source: string): JsonObject {
  const read = (path: string): Json => compilePath(path)(scope)[0] ?? null;
  const page = source.includes('session.page.') ? scope.draft.meta.page : read('session.page');
  return { page, startedAt: read('session.startedAt') };
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
