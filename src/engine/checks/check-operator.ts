/** Which operand an operator takes: what else a comparison is given, it would never hold. */

import { instantOf } from '../language/operators.ts';
import { parseDurationMs } from '../time/duration.ts';
import type { FieldCondition, Operator, Value } from '../trigger.ts';
import type { Refusal } from './refusal.ts';

type Operand = 'none' | 'one' | 'ordered' | 'pair' | 'list' | 'text' | 'instant' | 'duration';

const OPERANDS: Record<Operator, Operand> = {
  eq: 'one',
  ne: 'one',
  gt: 'ordered',
  gte: 'ordered',
  lt: 'ordered',
  lte: 'ordered',
  between: 'pair',
  in: 'list',
  contains: 'text',
  startsWith: 'text',
  endsWith: 'text',
  like: 'text',
  exists: 'none',
  missing: 'none',
  before: 'instant',
  after: 'instant',
  olderThan: 'duration',
  withinLast: 'duration',
  withinNext: 'duration',
  hasAll: 'list',
  hasAny: 'list',
};

const FITS: Record<Exclude<Operand, 'none'>, (value: Exclude<Value, { ref: string }>) => boolean> = {
  one: (value) => !Array.isArray(value),
  ordered: (value) => typeof value === 'number' || typeof value === 'string',
  pair: isPair,
  list: (value) => Array.isArray(value) && value.length > 0,
  text: (value) => typeof value === 'string' && value !== '',
  instant: (value) => !Array.isArray(value) && instantOf(value) !== null,
  duration: (value) => typeof value === 'string' && parseDurationMs(value) !== null,
};

const COMPARES_TEXT: readonly Operand[] = ['one', 'list', 'text'];

/** What is wrong with a comparison: the field at fault, and what would be right. Null where it can hold. */
export function operatorFault({
  op,
  value,
  match,
}: FieldCondition): { field: string; said: Refusal | string } | null {
  const operand = OPERANDS[op];
  if (operand === 'none') {
    return value === undefined ? null : { field: 'value', said: { code: 'no_value', values: { op } } };
  }
  if (value === undefined)
    return { field: 'value', said: { code: 'value_missing', values: { op, operand } } };
  if (!fits(operand, value)) {
    return { field: 'value', said: { code: 'value_unfit', values: { op, operand } } };
  }
  if (match === 'normalized' && !COMPARES_TEXT.includes(operand)) {
    return { field: 'match', said: `\`${op}\` compares no texts; leave \`match\` out` };
  }
  return null;
}

function fits(operand: Exclude<Operand, 'none'>, value: Value): boolean {
  if (typeof value === 'object' && !Array.isArray(value)) return operand !== 'pair' && operand !== 'duration';
  return FITS[operand](value);
}

function isPair(value: Exclude<Value, { ref: string }>): boolean {
  if (!Array.isArray(value) || value.length !== 2) return false;
  const [low, high] = value;
  if (typeof low === 'number' && typeof high === 'number') return low <= high;
  return typeof low === 'string' && typeof high === 'string' && low <= high;
}
