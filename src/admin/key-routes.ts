/** `keys`: a key is seen once, in the answer that creates it. */
import * as z from 'zod';
import { ApiError } from '../http/api-error.ts';
import { jsonResponse } from '../http/json-response.ts';
import { readJson } from '../http/read-body.ts';
import type { RequestContext, Route } from '../http/route.ts';
import { checkDocument, fields } from '../protocol/schema-kit.ts';
import { createKey, type KeyRecord, listKeys, revokeKey } from '../store/keys.ts';
import { busy, notFound } from './document-response.ts';
import { unprocessable } from './request-document.ts';

const MAX_KEY_BYTES = 4 * 1024;
const auth = 'admin';

const keyRequestSchema = fields({
  kind: z.enum(['write', 'server', 'admin']),
  label: z.string().trim().min(1).max(100),
});

export function keyRoutes(): Route[] {
  return [
    { method: 'GET', path: '/admin/api/keys', auth, handle: (_request, context) => list(context) },
    { method: 'POST', path: '/admin/api/keys', auth, handle: create },
    { method: 'DELETE', path: '/admin/api/keys/:id', auth, handle: (_request, context) => revoke(context) },
  ];
}

async function list({ env }: RequestContext): Promise<Response> {
  return jsonResponse({ items: (await listKeys(env)).map(shownKey), cursor: null });
}

async function create(request: Request, { env, key, now }: RequestContext): Promise<Response> {
  const checked = checkDocument(keyRequestSchema, await readJson(request, MAX_KEY_BYTES));
  if (checked.kind === 'invalid') throw unprocessable('key', checked.issues);
  const created = await createKey(env, { ...checked.document, author: key?.id ?? 'unknown', now });
  if (created.kind !== 'done') throw busy();
  return jsonResponse({ ...shownKey(created.value.record), key: created.value.key }, 201);
}

async function revoke({ env, key, now, params }: RequestContext): Promise<Response> {
  const id = params.id ?? '';
  if (id === key?.id) {
    throw new ApiError(409, 'in_use', 'This is the token that you are using; revoke it with another one.');
  }
  const revoked = await revokeKey(env, { id, author: key?.id ?? 'unknown', now });
  if (revoked.kind === 'busy') throw busy();
  if (revoked.kind === 'refused') throw notFound('key', id);
  return new Response(null, { status: 204 });
}

function shownKey({ createdAt, revokedAt, ...key }: KeyRecord) {
  return {
    ...key,
    createdAt: new Date(createdAt).toISOString(),
    revokedAt: revokedAt === null ? null : new Date(revokedAt).toISOString(),
  };
}
