import type { Json, JsonObject } from '../engine/vocabulary.ts';
import type { ContentExpectation } from './life-schema.ts';

/** Whether the content says what is expected. `once` counts over all its texts; `starts` and `ends` name a field. */
export function contentFits(content: JsonObject | null, expected: ContentExpectation): boolean {
  const texts = textsOf(content ?? {});
  const has = (text: string) => texts.some((one) => one.includes(text));
  const { contains = [], lacks = [], once = [], starts = {}, ends = {} } = expected;
  return (
    contains.every((wanted) => (Array.isArray(wanted) ? wanted.some(has) : has(wanted))) &&
    !lacks.some(has) &&
    once.every((wanted) => texts.reduce((n, one) => n + occurrences(one, wanted), 0) === 1) &&
    Object.entries(starts).every(([field, text]) => fieldText(content, field).startsWith(text)) &&
    Object.entries(ends).every(([field, text]) => fieldText(content, field).endsWith(text))
  );
}

/** Every scalar in it, as text. */
function textsOf(value: Json): string[] {
  if (value === null) return [];
  if (typeof value !== 'object') return [String(value)];
  return Object.values(value).flatMap(textsOf);
}

function fieldText(content: JsonObject | null, field: string): string {
  const value = content && Object.hasOwn(content, field) ? content[field] : null;
  return typeof value === 'string' ? value : '';
}

function occurrences(text: string, wanted: string): number {
  return text.split(wanted).length - 1;
}
