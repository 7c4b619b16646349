import type { Json, JsonObject } from '../../engine/vocabulary.ts';
import type { Callback } from './callback.ts';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });

/** The body's text; null where it isn't UTF-8. */
export function textIn({ body }: Callback): string | null {
  try {
    return decoder.decode(body);
  } catch {
    return null;
  }
}

/** The body's JSON; null where it is none. */
export function jsonIn(callback: Callback): Json {
  try {
    return JSON.parse(textIn(callback) ?? 'null') as Json;
  } catch {
    return null;
  }
}

export function textFrom(object: JsonObject, name: string): string | null {
  const value = object[name];
  return typeof value === 'string' && value !== '' ? value : null;
}

/** An instant as providers write it; `otherwise` where it is none, and never later than that. */
export function instantIn(value: Json | undefined, otherwise: number): number {
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isFinite(at) && at > 0 ? Math.min(at, otherwise) : otherwise;
}

/** The same, of milliseconds, or of seconds since 1970. */
export function epochIn(value: Json | undefined, unitMs: number, otherwise: number): number {
  const at = Number(value) * unitMs;
  return Number.isFinite(at) && at > 0 ? Math.min(at, otherwise) : otherwise;
}
