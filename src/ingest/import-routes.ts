/** Imports of many items, in parts (server key). */
import { ApiError, invalidRequest } from '../http/api-error.ts';
import { jsonResponse } from '../http/json-response.ts';
import { decodeText, readBody } from '../http/read-body.ts';
import type { RequestContext, Route } from '../http/route.ts';
import { importIdSchema } from '../protocol/item-import.ts';
import { checkDocument } from '../protocol/schema-kit.ts';
import { type ImportDeps, importPart, linesOf } from './import-part.ts';

const MAX_PART_BYTES = 8 * 1024 * 1024;

/**
 * - `POST /v1/items/imports/:id?from=0`: the lines of an NDJSON file that come after the first `from`, at most 10,000 and 8 MB,
 *   one item with its `id` a line; gzip is welcome. Answers how far the import is and what of this part was rejected. Lines
 *   that are done are skipped, so that a part, or the whole file from its beginning, may be sent again. 409 `gap` where lines
 *   in between are missing; 503 where the part is to be sent again.
 * - `GET /v1/items/imports/:id`: how far it is: `linesDone` is where to go on.
 */
export function importRoutes(deps: ImportDeps): Route[] {
  return [
    {
      method: 'POST',
      path: '/v1/items/imports/:id',
      auth: 'server',
      handle: (request, context) => post(deps, request, context),
    },
    {
      method: 'GET',
      path: '/v1/items/imports/:id',
      auth: 'server',
      handle: (_, context) => get(deps, context),
    },
  ];
}

async function post(deps: ImportDeps, request: Request, context: RequestContext): Promise<Response> {
  const { env, now } = context;
  const id = importId(context);
  const from = fromOf(context.url);
  const body = await readBody(request, MAX_PART_BYTES);
  const lines = linesOf(decodeText(body));
  return jsonResponse(await importPart(deps, env, { id, from, lines, now }));
}

async function get(deps: ImportDeps, context: RequestContext): Promise<Response> {
  const progress = await deps.readImport(context.env, importId(context));
  if (progress === null) throw new ApiError(404, 'not_found', 'Nothing of an import with this id is done.');
  return jsonResponse(progress);
}

function importId({ params }: RequestContext): string {
  const checked = checkDocument(importIdSchema, params.id);
  if (checked.kind === 'valid') return checked.document;
  throw invalidRequest(
    'The id of the import is not one.',
    checked.issues.map(({ message }) => ({ path: 'id', message })),
  );
}

function fromOf(url: URL): number {
  const given = url.searchParams.get('from') ?? '';
  if (/^\d{1,9}$/.test(given)) return Number(given);
  throw invalidRequest(
    '`from` is missing: how many lines of the file come before this part; 0 for the first.',
  );
}
