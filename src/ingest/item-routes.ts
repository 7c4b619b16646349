/** Items, written by the app's backend (server key). */
import type { Issue } from '../engine/checks/issue.ts';
import { ApiError, invalidRequest } from '../http/api-error.ts';
import { jsonResponse } from '../http/json-response.ts';
import { readJson } from '../http/read-body.ts';
import type { RequestContext, Route } from '../http/route.ts';
import { checkItemWrite, itemBatchSchema, itemIdSchema, MAX_ITEM_BYTES } from '../protocol/item-schema.ts';
import { checkDocument } from '../protocol/schema-kit.ts';
import { writeBatch } from './item-batch.ts';
import { currencyFor, type ItemDeps, RETRY_AFTER_SECONDS, writeItem } from './item-writes.ts';

const MAX_BATCH_BYTES = 8 * 1024 * 1024;

/**
 * - `PUT /v1/items/:id`: a merge patch. Answers the item as it then stands and its `outcome`: `changed`, `unchanged`,
 *   or `ignored` where `updatedAt` is older than what is known; 400 with issues.
 * - `POST /v1/items/batch` `{ items }`: up to 1,000 patches, each with its `id`. Answers `{ success, accepted,
 *   rejected: [{ index, code, message }] }`; the good ones are applied, writes of one id in their order.
 * - `GET|DELETE /v1/items/:id`: 404 for an unknown one. The `ETag` is the item's version.
 */
export function itemRoutes(deps: ItemDeps): Route[] {
  const auth = 'server';
  return [
    { method: 'PUT', path: '/v1/items/:id', auth, handle: (request, context) => put(deps, request, context) },
    {
      method: 'POST',
      path: '/v1/items/batch',
      auth,
      handle: (request, context) => putBatch(deps, request, context),
    },
    { method: 'GET', path: '/v1/items/:id', auth, handle: (_, context) => read(deps, context) },
    { method: 'DELETE', path: '/v1/items/:id', auth, handle: (_, context) => remove(deps, context) },
  ];
}

async function put(deps: ItemDeps, request: Request, context: RequestContext): Promise<Response> {
  const id = itemId(context);
  const checked = checkItemWrite(await readJson(request, MAX_ITEM_BYTES), context.now);
  if (checked.kind === 'invalid') throw invalidItem(checked.issues);
  const { document } = checked;
  if (document.id !== null && document.id !== id) {
    throw invalidItem([
      { path: 'id', message: 'differs from the id in the path; leave it out or repeat that one' },
    ]);
  }
  const currency = await currencyFor(deps, context.env, [document]);
  const result = await writeItem(deps, context.env, id, document, currency);
  if (result.kind === 'unavailable') throw busy(result.retryAfterSeconds);
  if (result.kind === 'refused') throw invalidItem([{ path: result.path, message: result.message }]);
  const applied = result.kind === 'done' && result.changed ? 'changed' : 'unchanged';
  const outcome = result.kind === 'ignored' ? 'ignored' : applied;
  return answer({ ...(result.item ?? { id }), outcome }, result.version);
}

async function putBatch(deps: ItemDeps, request: Request, context: RequestContext): Promise<Response> {
  const checked = checkDocument(itemBatchSchema, await readJson(request, MAX_BATCH_BYTES));
  if (checked.kind === 'invalid') {
    throw invalidRequest('A batch is {"items": [...]} with 1 to 1,000 items.', checked.issues);
  }
  const { items } = checked.document;
  const rejected = await writeBatch(deps, context.env, items, context.now);
  return jsonResponse({ success: true, accepted: items.length - rejected.length, rejected });
}

async function read(deps: ItemDeps, context: RequestContext): Promise<Response> {
  const id = itemId(context);
  const found = await reach(() => deps.catalog(context.env, id).read(id));
  if (found === null) throw unknownItem();
  return answer(found.item, found.version);
}

async function remove(deps: ItemDeps, context: RequestContext): Promise<Response> {
  const id = itemId(context);
  if (!(await reach(() => deps.catalog(context.env, id).remove(id)))) throw unknownItem();
  return jsonResponse({ success: true });
}

/** A shard that can't be reached is no fault of the request: 503, and the retry is harmless. */
async function reach<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw busy(RETRY_AFTER_SECONDS, cause);
  }
}

function itemId(context: RequestContext): string {
  const checked = checkDocument(itemIdSchema, context.params.id);
  if (checked.kind === 'valid') return checked.document;
  throw invalidItem(checked.issues.map(({ message }) => ({ path: 'id', message })));
}

function answer(body: object, version: number): Response {
  const response = jsonResponse(body);
  response.headers.set('etag', `"${version}"`);
  return response;
}

function invalidItem(issues: Issue[]): ApiError {
  return invalidRequest('The item was not written; `issues` say what to change.', issues);
}

function busy(retryAfterSeconds: number, cause?: unknown): ApiError {
  const message = 'The catalog is busy; send it again, which is harmless.';
  return new ApiError(503, 'unavailable', message, { retryAfterSeconds, cause });
}

function unknownItem(): ApiError {
  return new ApiError(404, 'not_found', 'There is no item with this id.');
}
