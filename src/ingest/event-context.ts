import type { EventContext, JsonObject } from '../engine/vocabulary.ts';

const PAGE_FIELDS = ['path', 'url', 'title', 'referrer', 'search'] as const;
type Page = NonNullable<EventContext['page']>;

/**
 * The context as the engine reads it: `locale`, `timezone` and `page` have their types or are absent, traits are gone
 * (only an identify sets them), everything else stays. `edge` is Reflex's own and can't be forged.
 *
 * @param pageProperties of a page call: they fill what `context.page` leaves out, as server libraries send none
 */
export function eventContext(
  outer: JsonObject | undefined,
  own: JsonObject | undefined,
  pageProperties?: JsonObject,
): EventContext {
  const { locale, timezone, page, traits: _traits, edge: _edge, ...rest } = { ...outer, ...own };
  const context: EventContext = rest;
  if (typeof locale === 'string' && locale !== '') context.locale = locale;
  const zone = canonicalTimezone(timezone);
  if (zone !== undefined) context.timezone = zone;
  const canonicalPage = mergePages(pageProperties, asObject(page));
  if (canonicalPage) context.page = canonicalPage;
  return context;
}

/**
 * A zone that date arithmetic accepts: an IANA name, or an offset such as `+09:00`. RudderStack's browser client sends
 * `GMT+0900`, which is neither.
 */
export function canonicalTimezone(zone: unknown): string | undefined {
  if (typeof zone !== 'string' || zone.length > 64) return undefined;
  const offset = /^(?:GMT|UTC)([+-])(\d{2}):?(\d{2})$/.exec(zone);
  const name = offset ? `${offset[1]}${offset[2]}:${offset[3]}` : zone;
  return isTimezone(name) ? name : undefined;
}

/** Isolate cache: asking `Intl` costs tens of microseconds. */
const zones = new Map<string, boolean>();
const MAX_CACHED_ZONES = 1_000;

function isTimezone(name: string): boolean {
  const known = zones.get(name);
  if (known !== undefined) return known;
  let isZone = true;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
  } catch {
    isZone = false;
  }
  if (zones.size >= MAX_CACHED_ZONES) zones.clear();
  zones.set(name, isZone);
  return isZone;
}

function mergePages(first: JsonObject | undefined, second: JsonObject | undefined): Page | undefined {
  if (!first && !second) return undefined;
  const page: Page = {};
  let isEmpty = true;
  for (const field of PAGE_FIELDS) {
    const value = second?.[field] ?? first?.[field];
    if (typeof value !== 'string') continue;
    page[field] = value;
    isEmpty = false;
  }
  return isEmpty ? undefined : page;
}

function asObject(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;
}
