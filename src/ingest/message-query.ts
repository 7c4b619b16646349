import { type Issue, invalidRequest } from '../http/api-error.ts';
import type { MessageQuery } from '../protocol/rpc.ts';

const MAX_LIMIT = 50;
const MAX_SURFACE_LENGTH = 100;

/** `?surface=&limit=`. Throws 400. */
export function messageQuery(params: URLSearchParams): MessageQuery {
  const issues: Issue[] = [];
  const query: MessageQuery = {};
  const surface = params.get('surface');
  if (surface) {
    query.surface = surface;
    if (surface.length > MAX_SURFACE_LENGTH) {
      issues.push({ path: 'surface', message: `may have at most ${MAX_SURFACE_LENGTH} characters` });
    }
  }
  const limit = params.get('limit');
  if (limit !== null) {
    query.limit = Number(limit);
    if (!/^\d{1,2}$/.test(limit) || query.limit < 1 || query.limit > MAX_LIMIT) {
      issues.push({ path: 'limit', message: `must be a whole number from 1 to ${MAX_LIMIT}` });
    }
  }
  if (issues.length > 0) throw invalidRequest('The query is not valid.', issues);
  return query;
}
