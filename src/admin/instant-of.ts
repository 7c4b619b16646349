import { invalidRequest } from '../http/api-error.ts';

/** An instant of the query, in milliseconds; null where it isn't there. Throws 400. */
export function instantOf(url: URL, name: 'from' | 'to'): number | null {
  const text = url.searchParams.get(name);
  if (text === null) return null;
  const at = Date.parse(text);
  if (!Number.isNaN(at)) return at;
  throw invalidRequest(`\`${name}\` must be an instant.`, [
    { path: name, message: 'expected an instant such as `2026-12-01T00:00:00Z`' },
  ]);
}
