/**
 * How documents are checked: strict zod objects whose refusals a marketer can act on. Three things zod doesn't do alone:
 *
 * - an unknown field is an issue at the field's own path, with the nearest legal name, or "isn't available in this
 *   version" for what the trigger language knows and this engine doesn't run yet;
 * - a union is told apart by the key that is present (`byKey`), so that a mistake five conditions deep is reported
 *   there, and not as "no variant matched" at the top;
 * - every message says what would be right.
 */
import * as z from 'zod';
import type { Issue } from '../engine/checks/issue.ts';
import { didYouMean, nearestName } from '../engine/checks/nearest-name.ts';
import { kindWord, type Refusal, refusalSaying, refusalText } from '../engine/checks/refusal.ts';

export const NOT_YET = refusalText({ code: 'not_yet' });

/** Deeper JSON than this is refused before anything walks it. */
const MAX_NESTING = 64;

export type Checked<T> = { kind: 'valid'; document: T } | { kind: 'invalid'; issues: Issue[] };

/** Checks a document as it came from JSON. What is returned holds known fields only. */
export function checkDocument<T>(schema: z.ZodType<T>, input: unknown): Checked<T> {
  if (isNestedDeeper(input, MAX_NESTING)) {
    return {
      kind: 'invalid',
      issues: [{ path: '', message: `is nested more than ${MAX_NESTING} levels deep` }],
    };
  }
  const result = schema.safeParse(input, { error: explain, reportInput: true });
  if (result.success) return { kind: 'valid', document: result.data };
  const issues = flatten(result.error.issues).map(({ path, ...said }) => ({ path: path.join('.'), ...said }));
  return { kind: 'invalid', issues };
}

/** An object with exactly these fields. `later` names the fields that the language has and this version doesn't. */
export function fields<S extends z.ZodRawShape>(shape: S, later: readonly string[] = []) {
  const legal = Object.keys(shape);
  return z.strictObject(shape, {
    // One line a key, in the order of `keys`: `flatten` deals them out again.
    error: (issue) =>
      issue.code === 'unrecognized_keys' && Array.isArray(issue.keys)
        ? issue.keys
            .map((key) => (later.includes(key) ? NOT_YET : `isn't a field here${didYouMean(key, legal)}`))
            .join('\n')
        : undefined,
  });
}

interface KeyedUnion {
  name: string;
  options: () => Record<string, z.ZodType>;
}

const keyedUnions = new Map<object, KeyedUnion>();

/** The union behind a schema made by `byKey`; for whoever describes the schemas. */
export function keyedUnion(schema: object): KeyedUnion | undefined {
  return keyedUnions.get(schema);
}

/**
 * A union of objects told apart by which key they have; where several are present, the first in the order of
 * `options`. `options` is called at first use, so that a schema may contain itself.
 */
export function byKey<T>(
  name: string,
  options: () => Record<string, z.ZodType<T>>,
  later: readonly string[] = [],
): z.ZodType<T> {
  let made: Record<string, z.ZodType<T>> | undefined;
  const variants = () => {
    made ??= options();
    return made;
  };
  const schema: z.ZodType<T> = z.unknown().transform((input, context): T => {
    const refusal = chooseVariant(name, input, variants(), later);
    if (refusal.kind === 'refused') {
      context.issues.push({ code: 'custom', input, path: refusal.path, message: refusal.message });
      return z.NEVER;
    }
    const result = refusal.schema.safeParse(input, { error: explain, reportInput: true });
    if (result.success) return result.data;
    for (const { path, message, ...said } of flatten(result.error.issues)) {
      context.issues.push({ code: 'custom', input, path, message, params: said });
    }
    return z.NEVER;
  });
  keyedUnions.set(schema, { name, options: variants });
  return schema;
}

type Variant<T> =
  | { kind: 'chosen'; schema: z.ZodType<T> }
  | { kind: 'refused'; path: PropertyKey[]; message: string };

function chooseVariant<T>(
  name: string,
  input: unknown,
  variants: Record<string, z.ZodType<T>>,
  later: readonly string[],
): Variant<T> {
  const legal = Object.keys(variants);
  const expected = `expected a ${name} with one of ${quoted(legal)}`;
  if (!isObject(input))
    return { kind: 'refused', path: [], message: `${expected}, got ${kindWord(typeName(input))}` };
  // What isn't available is looked for first: `{"at": …, "segment": …}` isn't a segment that has a stray field.
  const unavailable = later.find((key) => Object.hasOwn(input, key));
  if (unavailable !== undefined) {
    return { kind: 'refused', path: [unavailable], message: `this ${name} ${NOT_YET}` };
  }
  const present = legal.find((key) => Object.hasOwn(input, key));
  const schema = present === undefined ? undefined : variants[present];
  if (schema !== undefined) return { kind: 'chosen', schema };
  const given = Object.keys(input);
  const hint = given.length === 1 ? didYouMean(given[0] ?? '', legal) : '';
  return { kind: 'refused', path: [], message: `${expected}${hint}` };
}

interface FlatIssue extends Omit<Issue, 'path'> {
  path: PropertyKey[];
}

/** With the code of what is said, where it has one. */
function flatten(issues: readonly z.core.$ZodIssue[]): FlatIssue[] {
  return issues.flatMap((issue) => {
    const path = [...issue.path];
    if (issue.code !== 'unrecognized_keys') return [{ path, message: issue.message, ...saidBy(issue) }];
    const messages = issue.message.split('\n');
    return issue.keys.map((key, index) => {
      const message = messages[index] ?? refusalText({ code: 'unknown_field' });
      return { path: [...path, key], message, ...saidIn(message, unknownField(message)) };
    });
  });
}

function saidBy(issue: z.core.$ZodIssue): Partial<Refusal> {
  if (issue.code === 'custom' && issue.params?.code !== undefined) return issue.params;
  return saidIn(issue.message, refusalOf(issue));
}

/** A schema may have put it in words of its own. */
function saidIn(message: string, refusal: Refusal | null): Partial<Refusal> {
  const said = refusal && refusalText(refusal) === message ? refusal : refusalSaying(message);
  return said ? { values: {}, ...said } : {};
}

/** A key's line says which name was meant. */
function unknownField(message: string): Refusal {
  if (message === NOT_YET) return { code: 'not_yet' };
  return { code: 'unknown_field', values: { nearest: /did you mean `(.+)`/.exec(message)?.[1] ?? '' } };
}

/** zod's error map: what would be right, in words. A schema's own message comes before it. */
function explain(issue: z.core.$ZodRawIssue): string | undefined {
  const refusal = refusalOf(issue);
  return refusal ? refusalText(refusal) : undefined;
}

function refusalOf(issue: z.core.$ZodRawIssue | z.core.$ZodIssue): Refusal | null {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined
        ? { code: 'missing', values: { expected: issue.expected } }
        : { code: 'wrong_kind', values: { expected: issue.expected, found: typeName(issue.input) } };
    case 'invalid_value': {
      const legal = issue.values.map(String);
      const nearest = typeof issue.input === 'string' ? (nearestName(issue.input, legal) ?? '') : '';
      return { code: 'not_one_of', values: { legal: quoted(legal), nearest } };
    }
    case 'too_small':
      return tooSmall(issue.origin, Number(issue.minimum), issue.inclusive !== false);
    case 'too_big': {
      const code = issue.origin === 'string' ? 'too_long' : issue.origin === 'array' ? 'too_many' : 'too_big';
      return { code, values: { most: Number(issue.maximum) } };
    }
    default:
      return null;
  }
}

function tooSmall(origin: string, least: number, inclusive: boolean): Refusal {
  if (origin !== 'string' && origin !== 'array') {
    return inclusive
      ? { code: 'too_small', values: { least } }
      : { code: 'not_more', values: { than: least } };
  }
  if (least === 1) return { code: 'empty' };
  return { code: origin === 'string' ? 'too_short' : 'too_few', values: { least } };
}

function typeName(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNestedDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  return Object.values(value).some((child) => isNestedDeeper(child, levels - 1));
}
