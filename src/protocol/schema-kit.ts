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
import { didYouMean } from '../engine/checks/nearest-name.ts';

export const NOT_YET = "isn't available in this version";

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
  const result = schema.safeParse(input, { error: explain });
  if (result.success) return { kind: 'valid', document: result.data };
  const issues = flatten(result.error.issues).map(({ path, message }) => ({ path: path.join('.'), message }));
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
    const result = refusal.schema.safeParse(input, { error: explain });
    if (result.success) return result.data;
    for (const { path, message } of flatten(result.error.issues)) {
      context.issues.push({ code: 'custom', input, path, message });
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
  if (!isObject(input)) return { kind: 'refused', path: [], message: `${expected}, got ${typeName(input)}` };
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

interface FlatIssue {
  path: PropertyKey[];
  message: string;
}

function flatten(issues: readonly z.core.$ZodIssue[]): FlatIssue[] {
  return issues.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') return [{ path: [...issue.path], message: issue.message }];
    const messages = issue.message.split('\n');
    return issue.keys.map((key, index) => ({
      path: [...issue.path, key],
      message: messages[index] ?? "isn't a field here",
    }));
  });
}

/** zod's error map: what would be right, in words. A schema's own message comes before it. */
function explain(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined
        ? `is missing; expected ${withArticle(issue.expected)}`
        : `expected ${withArticle(issue.expected)}, got ${typeName(issue.input)}`;
    case 'invalid_value':
      return `expected ${issue.values.length === 1 ? '' : 'one of '}${quoted(issue.values.map(String))}${
        typeof issue.input === 'string' ? didYouMean(issue.input, issue.values.map(String)) : ''
      }`;
    case 'too_small':
      return tooSmall(issue.origin, issue.minimum, issue.inclusive !== false);
    case 'too_big':
      return issue.origin === 'string'
        ? `at most ${issue.maximum} characters`
        : `at most ${issue.maximum}${issue.origin === 'array' ? ' entries' : ''}`;
    default:
      return undefined;
  }
}

function tooSmall(origin: string, minimum: number | bigint, inclusive: boolean): string {
  if (origin === 'string') return minimum === 1 ? "mustn't be empty" : `at least ${minimum} characters`;
  if (origin === 'array') return minimum === 1 ? "mustn't be empty" : `at least ${minimum} entries`;
  return inclusive ? `at least ${minimum}` : `more than ${minimum}`;
}

function withArticle(type: string): string {
  const words: Record<string, string> = {
    array: 'a list',
    string: 'text',
    number: 'a number',
    int: 'a whole number',
    boolean: 'true or false',
    record: 'an object',
    object: 'an object',
  };
  return words[type] ?? type;
}

function typeName(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return withArticle(typeof value);
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
