/** Reading and changing one place of a JSON document; `steps.0.send.template`. Documents are never changed in place. */

type Tree = { [name: string]: unknown };

export function valueAt(document: unknown, path: string): unknown {
  let value = document;
  for (const part of partsOf(path)) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Tree)[part];
  }
  return value;
}

/** `undefined` removes the place; what is then an empty object goes with it, but never the document. */
export function withValue<T>(document: T, path: string, value: unknown): T {
  return (changed(document, partsOf(path), value) ?? {}) as T;
}

function changed(node: unknown, [part, ...rest]: string[], value: unknown): unknown {
  if (part === undefined) return value;
  if (Array.isArray(node)) return changedList(node, Number(part), rest, value);
  const { [part]: before, ...others } = (typeof node === 'object' && node !== null ? node : {}) as Tree;
  const after = changed(before, rest, value);
  if (after === undefined) return Object.keys(others).length === 0 ? undefined : others;
  // In the order in which a person wrote the fields.
  const keys = Object.keys((node ?? {}) as Tree);
  const ordered = keys.includes(part) ? keys : [...keys, part];
  return Object.fromEntries(ordered.map((key) => [key, key === part ? after : others[key]]));
}

function changedList(list: unknown[], index: number, rest: string[], value: unknown): unknown[] {
  const after = changed(list[index], rest, value);
  if (after === undefined) return list.filter((_, at) => at !== index);
  return index < list.length ? list.map((one, at) => (at === index ? after : one)) : [...list, after];
}

function partsOf(path: string): string[] {
  return path === '' ? [] : path.split('.');
}
