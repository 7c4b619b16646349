import type { Json } from '../../vocabulary.ts';

/** What can be seen from where the renderer stands: the innermost section's value last. */
export type Context = readonly Json[];

/** What looks like nothing to a reader: spaces of every kind, zero-width characters, the Hangul fillers. */
const BLANK = /^[\s\u00ad\u115f\u1160\u200b-\u200f\u2060-\u2064\u3164\uffa0]*$/u;

export function isBlank(text: string): boolean {
  return BLANK.test(text);
}

/**
 * The value at a path, looked for from the innermost section outwards. Null is missing. Only own properties are read,
 * so `constructor` and `__proto__` are as missing as any other name that nobody set.
 */
export function findValue(context: Context, path: string): Json | undefined {
  if (path === '.') return context.at(-1);
  const steps = path.split('.');
  for (let depth = context.length - 1; depth >= 0; depth--) {
    const found = descend(context[depth], steps);
    if (found !== undefined && found !== null) return found;
  }
  return undefined;
}

/** A path that crosses an array takes its first element, unless it names one by number. */
function descend(root: Json | undefined, steps: readonly string[]): Json | undefined {
  let value = root;
  for (const step of steps) {
    if (Array.isArray(value)) {
      if (/^\d{1,6}$/.test(step)) {
        value = value[Number(step)];
        continue;
      }
      value = value[0];
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, step)) {
      return undefined;
    }
    value = value[step];
  }
  return value;
}

/** The currency that stands beside a price: in the price's own object, else in the nearest one around it. */
export function findCurrency(context: Context, path: string): Json | undefined {
  const parents = path === '.' ? [] : path.split('.').slice(0, -1);
  for (let depth = parents.length; depth > 0; depth--) {
    const currency = findValue(context, [...parents.slice(0, depth), 'currency'].join('.'));
    if (currency !== undefined) return currency;
  }
  // A bare `price` in a section: the element's own currency, never one from further out.
  return parents.length === 0 ? descend(context.at(-1), ['currency']) : undefined;
}
