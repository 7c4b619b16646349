import { normalizedText } from '../normalized-text.ts';
import { compare, exactText } from '../operators.ts';
import { compilePath } from '../path.ts';
import type { Scope } from '../scope.ts';
import type { FieldCondition, Value } from '../trigger.ts';
import type { Json } from '../vocabulary.ts';
import type { Check } from './check.ts';

export function compileField(condition: FieldCondition, path: string): Check {
  const read = compilePath(condition.field);
  const wanted = compileValue(condition.value);
  const text = condition.match === 'normalized' ? normalizedText : exactText;
  return (scope) => {
    const found = read(scope);
    if (found.length === 0 && condition.orMissing) return null;
    const value = wanted(scope);
    if (compare(condition.op, found, value, { now: scope.now, text })) return null;
    return { path, values: { [condition.field]: found.length > 1 ? found : (found[0] ?? null) } };
  };
}

/** A constant, or the first value under a `ref`. */
export function compileValue(value: Value | undefined): (scope: Scope) => Json | undefined {
  if (typeof value === 'object' && !Array.isArray(value)) {
    const read = compilePath(value.ref);
    return (scope) => read(scope)[0];
  }
  return () => value;
}
