import type { Json, JsonObject } from '../engine/vocabulary.ts';

/** What a merge patch made of an object; the same object where it changed nothing. */
export interface Patched<T> {
  value: T;
  changed: boolean;
}

/**
 * RFC 7396: null removes a field, an object is merged, anything else replaces. Goes through entries, so that a field
 * called `__proto__` stays a field.
 */
export function mergePatch(target: JsonObject, patch: Record<string, Json | undefined>): Patched<JsonObject> {
  const fields = new Map(Object.entries(target));
  let changed = false;
  for (const [name, given] of Object.entries(patch)) {
    if (given === undefined) continue;
    changed = patchField(fields, name, given) || changed;
  }
  return changed ? { value: Object.fromEntries(fields), changed } : { value: target, changed };
}

function patchField(fields: Map<string, Json>, name: string, given: Json): boolean {
  if (given === null) return fields.delete(name);
  const current = fields.get(name);
  if (!isObject(given)) {
    if (sameJson(current, given)) return false;
    fields.set(name, given);
    return true;
  }
  const merged = mergePatch(isObject(current) ? current : {}, given);
  if (isObject(current) && !merged.changed) return false;
  fields.set(name, merged.value);
  return true;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function sameJson(a: Json | undefined, b: Json | undefined): boolean {
  if (Array.isArray(a)) {
    return (
      Array.isArray(b) && a.length === b.length && a.every((element, index) => sameJson(element, b[index]))
    );
  }
  if (!isObject(a) || !isObject(b)) return a === b;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => sameJson(a[name], b[name]));
}
