/** A document out of a request's body, and a page out of its query. */
import type { Issue } from '../engine/checks/issue.ts';
import type { JsonObject } from '../engine/vocabulary.ts';
import { ApiError, invalidRequest } from '../http/api-error.ts';
import { readJson } from '../http/read-body.ts';
import type { RequestContext } from '../http/route.ts';
import { withoutReadOnly } from '../protocol/document-checks.ts';
import type { DocumentResource } from './document-resources.ts';

/** The checked document. `id` is the path's; the body may repeat it. Throws 400, 413 or 422. */
export async function readDocumentBody(
  request: Request,
  { env }: RequestContext,
  resource: DocumentResource,
  id: string | null,
): Promise<JsonObject & { id: string }> {
  const body = await readJson(request, resource.maxBytes);
  if (!isObject(body)) throw invalidRequest(`The body must be a JSON object: one ${resource.kind}.`);
  const input = withoutReadOnly(body);
  if (id !== null && input.id !== undefined && input.id !== id) {
    throw unprocessable(resource.kind, [{ path: 'id', message: `expected \`${id}\`, as in the path` }]);
  }
  const result = resource.check(id === null ? input : { ...input, id }, env);
  if (result.kind === 'invalid') throw unprocessable(resource.kind, result.issues);
  return result.document as JsonObject & { id: string };
}

/** 422: the document can't work; each issue says where, what is wrong, and what would be right. */
export function unprocessable(kind: string, issues: Issue[]): ApiError {
  const [first] = issues;
  const summary = first ? ` First: ${first.path === '' ? 'it' : `\`${first.path}\``}: ${first.message}.` : '';
  const count = issues.length === 1 ? 'one fault' : `${issues.length} faults`;
  return new ApiError(422, 'invalid_document', `The ${kind} has ${count}.${summary}`, { issues });
}

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;

/** Throws 400. */
export function readPage(url: URL): { limit: number; cursor: number | null } {
  const cursor = url.searchParams.get('cursor');
  if (cursor !== null && !/^\d{1,15}$/.test(cursor)) {
    throw invalidRequest('`cursor` must be one that a list has answered.', [
      { path: 'cursor', message: 'expected the `cursor` of the page before' },
    ]);
  }
  return { limit: readLimit(url), cursor: cursor === null ? null : Number(cursor) };
}

/** Throws 400. */
export function readLimit(url: URL): number {
  const text = url.searchParams.get('limit');
  const limit = text === null ? DEFAULT_LIMIT : Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw invalidRequest(`\`limit\` must be a whole number from 1 to ${MAX_LIMIT}.`, [
    { path: 'limit', message: `expected 1–${MAX_LIMIT}` },
  ]);
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
