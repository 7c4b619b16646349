import type { Scope } from '../../scope.ts';
import type { FieldCondition, Operator, Value } from '../../trigger.ts';
import type { Json } from '../../vocabulary.ts';
import { normalizedText } from '../normalized-text.ts';
import { compare, elements, exactText } from '../operators.ts';
import { compilePath } from '../path.ts';
import type { Check } from './check.ts';

export function compileField(condition: FieldCondition, path: string): Check {
  const read = compilePath(condition.field);
  const wanted = compileWanted(condition.op, condition.value);
  const text = condition.match === 'normalized' ? normalizedText : exactText;
  return (scope) => {
    const found = read(scope);
    if (condition.orMissing && elements(found).length === 0) return null;
    const how = { now: scope.now, text };
    if (wanted(scope).some((value) => compare(condition.op, found, value, how))) return null;
    return { path, values: { [condition.field]: found.length > 1 ? found : (found[0] ?? null) } };
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
