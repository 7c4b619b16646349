import type { Scope } from '../../scope.ts';
import type { FieldCondition, Operator, Value } from '../../trigger.ts';
import type { Json } from '../../vocabulary.ts';
import { normalizedText } from '../normalized-text.ts';
import { compare, compileSpan, elements, exactText } from '../operators.ts';
import { compilePath } from '../path.ts';
import type { Check } from './check.ts';

export function compileField(condition: FieldCondition, path: string): Check {
  const { field, orMissing } = condition;
  const read = compilePath(field);
  const holds = compileHolds(condition);
  return (scope) => {
    const found = read(scope);
    if (holds(found, scope) || (orMissing && elements(found).length === 0)) return null;
    return { path, values: { [field]: found.length > 1 ? found : (found[0] ?? null) } };
  };
}

function compileHolds({ op, value, match }: FieldCondition): (found: Json[], scope: Scope) => boolean {
  const span = compileSpan(op, value);
  if (span) return (found, { now }) => span(found, now);
  const wanted = compileWanted(op, value);
  const text = match === 'normalized' ? normalizedText : exactText;
  return (found, scope) => {
    const how = { now: scope.now, text };
    for (const one of wanted(scope)) if (compare(op, found, one, how)) return true;
    return false;
  };
}

const TAKES_A_LIST: readonly Operator[] = ['in', 'hasAll', 'hasAny'];

/** What the field is compared with, one after the other: a `ref` may yield several values, any of which may do. */
function compileWanted(op: Operator, value: Value | undefined): (scope: Scope) => (Json | undefined)[] {
  if (typeof value !== 'object' || Array.isArray(value)) {
    const only = [value];
    return () => only;
  }
  const read = compilePath(value.ref);
  return TAKES_A_LIST.includes(op) ? (scope) => [elements(read(scope))] : (scope) => elements(read(scope));
}

/** A constant, or the first value under a `ref`. */
export function compileValue(value: Value | undefined): (scope: Scope) => Json | undefined {
  if (typeof value === 'object' && !Array.isArray(value)) {
    const read = compilePath(value.ref);
    return (scope) => read(scope)[0];
  }
  return () => value;
}
