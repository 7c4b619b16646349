/**
 * The operators of a field condition. No coercion: values of other types compare false. Null is missing, and a missing
 * field fails every operator but `missing` (the caller's `orMissing` says otherwise). `between` is closed.
 */
import { parseDurationMs } from '../time/duration.ts';

import type { Operator } from '../trigger.ts';
import type { Json } from '../vocabulary.ts';

export interface Comparison {
  now: number;
  /** For texts: as they stand, or `normalizedText`. */
  text: (value: string) => string;
}

type Test = (found: Json, wanted: Json | undefined, how: Comparison) => boolean;

export const exactText = (value: string): string => value;

/** A window is (now − d, now]: what stands exactly d back has just left it, and is older. */
const SPAN_TESTS = {
  olderThan: (at: number, spanMs: number, now: number) => at <= now - spanMs,
  withinLast: (at: number, spanMs: number, now: number) => at > now - spanMs && at <= now,
  withinNext: (at: number, spanMs: number, now: number) => at >= now && at < now + spanMs,
};

/** Every operator that looks at one found value; `exists`, `missing` and `hasAll` look at all of them. */
const TESTS: Record<Exclude<Operator, 'exists' | 'missing' | 'hasAll'>, Test> = {
  eq: same,
  ne: (found, wanted, how) =>
    typeof found !== 'object' && typeof found === typeof wanted && !same(found, wanted, how),
  gt: (found, wanted) => ordered(found, wanted, (a, b) => a > b),
  gte: (found, wanted) => ordered(found, wanted, (a, b) => a >= b),
  lt: (found, wanted) => ordered(found, wanted, (a, b) => a < b),
  lte: (found, wanted) => ordered(found, wanted, (a, b) => a <= b),
  between: (found, wanted) =>
    Array.isArray(wanted) &&
    ordered(found, wanted[0], (a, b) => a >= b) &&
    ordered(found, wanted[1], (a, b) => a <= b),
  in: (found, wanted, how) => listOf(wanted).some((one) => same(found, one, how)),
  contains: (found, wanted, how) => inText(found, wanted, how, (text, part) => text.includes(part)),
  startsWith: (found, wanted, how) => inText(found, wanted, how, (text, part) => text.startsWith(part)),
  endsWith: (found, wanted, how) => inText(found, wanted, how, (text, part) => text.endsWith(part)),
  like: (found, wanted, how) => inText(found, wanted, how, isLike),
  before: (found, wanted) => instants(found, wanted, (a, b) => a < b),
  after: (found, wanted) => instants(found, wanted, (a, b) => a > b),
  olderThan: (found, wanted, { now }) => away(found, wanted, now, SPAN_TESTS.olderThan),
  withinLast: (found, wanted, { now }) => away(found, wanted, now, SPAN_TESTS.withinLast),
  withinNext: (found, wanted, { now }) => away(found, wanted, now, SPAN_TESTS.withinNext),
  hasAny: (found, wanted, how) => listOf(wanted).some((one) => same(found, one, how)),
};

/** What was found, lists taken apart; null is missing. */
export function elements(found: Json[]): Json[] {
  if (found.length === 0) return found;
  const [first] = found;
  if (found.length === 1 && first !== null && !Array.isArray(first)) return found;
  return found.flatMap((value) => (Array.isArray(value) ? value : [value])).filter((value) => value !== null);
}

/** Whether the found values satisfy the operator. Lists are taken apart: a comparison holds if any element's does. */
export function compare(op: Operator, found: Json[], wanted: Json | undefined, how: Comparison): boolean {
  const values = elements(found);
  switch (op) {
    case 'exists':
      return values.length > 0;
    case 'missing':
      return values.length === 0;
    case 'hasAll':
      return hasAll(values, listOf(wanted), how);
    default: {
      const test = TESTS[op];
      for (const value of values) if (test(value, wanted, how)) return true;
      return false;
    }
  }
}

function hasAll(values: Json[], wanted: Json[], how: Comparison): boolean {
  return wanted.length > 0 && wanted.every((one) => values.some((value) => same(value, one, how)));
}

function same(found: Json, wanted: Json | undefined, how: Comparison): boolean {
  if (typeof found === 'string' && typeof wanted === 'string') return how.text(found) === how.text(wanted);
  return typeof found !== 'object' && found === wanted;
}

function ordered(a: Json, b: Json | undefined, holds: (a: number | string, b: number | string) => boolean) {
  if (typeof a === 'number' && typeof b === 'number') return holds(a, b);
  return typeof a === 'string' && typeof b === 'string' && holds(a, b);
}

function listOf(wanted: Json | undefined): Json[] {
  return Array.isArray(wanted) ? wanted : wanted === undefined || wanted === null ? [] : [wanted];
}

function inText(
  found: Json,
  wanted: Json | undefined,
  how: Comparison,
  holds: (text: string, part: string) => boolean,
): boolean {
  return typeof found === 'string' && typeof wanted === 'string' && holds(how.text(found), how.text(wanted));
}

/** `*` stands for any text. Each piece is looked for once, left to right: linear, whatever the pattern. */
function isLike(text: string, pattern: string): boolean {
  const pieces = pattern.split('*');
  const first = pieces[0] ?? '';
  const last = pieces.at(-1) ?? '';
  if (pieces.length === 1) return text === first;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const next = text.indexOf(piece, at);
    if (next < 0) return false;
    at = next + piece.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

function instants(found: Json, wanted: Json | undefined, holds: (a: number, b: number) => boolean): boolean {
  const a = instantOf(found);
  const b = instantOf(wanted);
  return a !== null && b !== null && holds(a, b);
}

type SpanTest = (typeof SPAN_TESTS)[keyof typeof SPAN_TESTS];

function away(found: Json, wanted: Json | undefined, now: number, holds: SpanTest): boolean {
  const at = instantOf(found);
  const spanMs = typeof wanted === 'string' ? parseDurationMs(wanted) : null;
  return at !== null && spanMs !== null && holds(at, spanMs, now);
}

/** `compare` for a duration that the document itself names, read once. Null for other operators and values. */
export function compileSpan(op: Operator, value: unknown): ((found: Json[], now: number) => boolean) | null {
  const spanMs = typeof value === 'string' && Object.hasOwn(SPAN_TESTS, op) ? parseDurationMs(value) : null;
  if (spanMs === null) return null;
  const holds = SPAN_TESTS[op as keyof typeof SPAN_TESTS];
  return (found, now) => {
    for (const value of elements(found)) {
      const at = instantOf(value);
      if (at !== null && holds(at, spanMs, now)) return true;
    }
    return false;
  };
}

/** ISO 8601; other texts are no dates, though the platform's parser reads a year into `12`. */
const INSTANT = /^(\d{4}-\d\d(?:-\d\d)?)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:?\d\d)?)?$/i;

/** Milliseconds of a number or an ISO 8601 text. Without a zone it is UTC: the machine's own must not decide. */
export function instantOf(value: Json | undefined): number | null {
  if (typeof value === 'number') return value;
  const parts = typeof value === 'string' ? INSTANT.exec(value) : null;
  if (!parts) return null;
  const [, day, time, zone = 'Z'] = parts;
  const at = Date.parse(time === undefined ? `${day}` : `${day}T${time}${zone.toUpperCase()}`);
  return Number.isNaN(at) ? null : at;
}
