/** Values as a reader of the message's locale writes them. */
import type { Json } from '../../vocabulary.ts';
import type { Format } from './parse-text.ts';

/** How the message's reader writes amounts and days. `currency` is used where the value's own is not known. */
export interface Conventions {
  locale: string;
  currency: string;
  timeZone: string;
}

export type Formatted = { kind: 'text'; text: string } | { kind: 'unfit'; message: string };

type Formatter = { format(value: number): string };

const MAX_FORMATTERS = 200;
/** Making a formatter costs a hundred times what using it does. A pure function's memory, dropped when it grows. */
const formatters = new Map<string, Formatter>();

export function formatValue(
  format: Format,
  value: Json,
  conventions: Conventions,
  currency: string | null,
): Formatted {
  switch (format) {
    case 'money':
      return formatMoney(value, conventions, currency);
    case 'number':
      return formatNumber(value, conventions);
    case 'date':
      return formatDate(value, conventions);
    case 'url':
      return formatUrlPart(value);
    default:
      return format satisfies never;
  }
}

/** Accepts a number, a numeral, or `{ amount, currency }`. */
function formatMoney(value: Json, conventions: Conventions, beside: string | null): Formatted {
  const price = asPrice(value);
  const amount = toNumber(price ? price.amount : value);
  if (amount === null) return unfit(value, 'an amount: a number or a numeral like "68000"');
  const currency = (price?.currency ?? beside ?? conventions.currency).toUpperCase();
  if (!/^[A-Z]{3}$/.test(currency)) return unfit(currency, 'a currency code like KRW');
  const { locale } = conventions;
  // Korean prose writes 68,000원; the sign ₩ is for tables.
  if (currency === 'KRW' && isLanguage(locale, 'ko')) {
    const won = formatter(`won ${locale}`, () => new Intl.NumberFormat(locale, { maximumFractionDigits: 0 }));
    return apply(won, amount, (text) => `${text}원`);
  }
  return apply(
    formatter(
      `money ${locale} ${currency}`,
      () => new Intl.NumberFormat(locale, { style: 'currency', currency }),
    ),
    amount,
  );
}

function formatNumber(value: Json, { locale }: Conventions): Formatted {
  const number = toNumber(value);
  if (number === null) return unfit(value, 'a number or a numeral');
  return apply(
    formatter(`number ${locale}`, () => new Intl.NumberFormat(locale)),
    number,
  );
}

/** A day without a time is that day everywhere; an instant is the day it falls on in the reader's zone. */
function formatDate(value: Json, { locale, timeZone }: Conventions): Formatted {
  const at = toInstant(value);
  if (at === null) return unfit(value, 'an ISO 8601 date like 2026-11-24, or milliseconds since 1970');
  const zone = at.isDay ? 'UTC' : timeZone;
  return apply(
    formatter(
      `date ${locale} ${zone}`,
      () => new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: zone }),
    ),
    at.ms,
  );
}

/** Percent-encoded for one part of a path or a query. */
function formatUrlPart(value: Json): Formatted {
  if (typeof value === 'object') return unfit(value, 'a text or a number');
  return { kind: 'text', text: encodeURIComponent(String(value).toWellFormed()) };
}

/** A locale, currency or zone that Intl doesn't know makes it throw; the caller hears which text it was. */
function apply(formatted: Formatter | string, value: number, finish = (text: string) => text): Formatted {
  if (typeof formatted === 'string') return { kind: 'unfit', message: formatted };
  try {
    return { kind: 'text', text: finish(formatted.format(value)) };
  } catch (error) {
    return { kind: 'unfit', message: String(error) };
  }
}

function formatter(key: string, make: () => Formatter): Formatter | string {
  const known = formatters.get(key);
  if (known) return known;
  try {
    const made = make();
    if (formatters.size >= MAX_FORMATTERS) formatters.clear();
    formatters.set(key, made);
    return made;
  } catch (error) {
    return String(error);
  }
}

function asPrice(value: Json): { amount: Json; currency?: string } | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  if (!Object.hasOwn(value, 'amount')) return null;
  const amount = value.amount ?? null;
  const currency = Object.hasOwn(value, 'currency') ? value.currency : undefined;
  return typeof currency === 'string' ? { amount, currency } : { amount };
}

function toNumber(value: Json): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'string') return null;
  return /^\s*[+-]?\d{1,15}(\.\d{1,10})?\s*$/.test(value) ? Number(value) : null;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?$/;
const MAX_INSTANT = 8.64e15;

function toInstant(value: Json): { ms: number; isDay: boolean } | null {
  if (typeof value === 'number') return Math.abs(value) <= MAX_INSTANT ? { ms: value, isDay: false } : null;
  if (typeof value !== 'string') return null;
  const text = value.trim();
  if (DAY.test(text)) return dated(`${text}T00:00:00Z`, true);
  const instant = INSTANT.exec(text);
  if (!instant) return null;
  // Without a zone `Date.parse` would take the machine's.
  return dated(instant[3] ? text : `${text}Z`, false);
}

function dated(text: string, isDay: boolean): { ms: number; isDay: boolean } | null {
  const ms = Date.parse(text.replace(' ', 'T'));
  return Number.isNaN(ms) ? null : { ms, isDay };
}

function isLanguage(locale: string, language: string): boolean {
  return locale === language || locale.startsWith(`${language}-`);
}

function unfit(value: Json, right: string): Formatted {
  return { kind: 'unfit', message: `${JSON.stringify(value).slice(0, 80)} is not ${right}` };
}
