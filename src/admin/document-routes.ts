/** `templates`, `segments`, `lookups`, `channels` and `policies`: a PUT creates or replaces, and is in force at once. */

import type { Env } from '../bindings.ts';
import type { ChannelSettings } from '../engine/documents.ts';
import type { JsonObject } from '../engine/vocabulary.ts';
import { jsonResponse } from '../http/json-response.ts';
import type { RequestContext, Route } from '../http/route.ts';
import type { EndpointHealth } from '../protocol/rpc.ts';
import { listDocuments, readDocument } from '../store/read-documents.ts';
import type { StoredDocument } from '../store/stored-document.ts';
import { changeState, writeDocument } from '../store/write-documents.ts';
import { forgetSecrets, secretOf, secretWritesOf } from './channel-secret-writes.ts';
import { faultsOfReplacing, usersOf } from './dependents.ts';
import { type DocumentResource, OTHER_DOCUMENTS } from './document-resources.ts';
import { documentResponse, notFound, type Objection, shown, writtenOrThrow } from './document-response.ts';
import { readDocumentBody, readPage } from './request-document.ts';
import { backfillOf } from './segment-routes.ts';
import { tellScheduler } from './tell-scheduler.ts';

export interface DocumentRoutesDeps {
  /** How a channel's provider is; null where there is nothing to say. */
  channelHealth?(env: Env, channel: ChannelSettings): Promise<EndpointHealth | null>;
}

export function documentRoutes(deps: DocumentRoutesDeps = {}): Route[] {
  return OTHER_DOCUMENTS.flatMap((resource) => {
    const one = `/admin/api/${resource.path}/:id`;
    const auth = 'admin' as const;
    return [
      {
        method: 'GET',
        path: `/admin/api/${resource.path}`,
        auth,
        handle: (_request, context) => list(context, resource),
      },
      { method: 'GET', path: one, auth, handle: (_request, context) => read(context, resource, deps) },
      { method: 'PUT', path: one, auth, handle: (request, context) => put(request, context, resource) },
      { method: 'DELETE', path: one, auth, handle: (request, context) => remove(request, context, resource) },
    ] satisfies Route[];
  });
}

export function changeOf(request: Request, context: RequestContext) {
  return {
    author: context.key?.id ?? 'unknown',
    now: context.now,
    ifMatch: request.headers.get('if-match'),
  };
}

async function list({ env, url }: RequestContext, resource: DocumentResource): Promise<Response> {
  const page = await listDocuments(env, resource.kind, readPage(url));
  return jsonResponse({ items: page.items.map(shown), cursor: page.cursor });
}

async function read(
  context: RequestContext,
  resource: DocumentResource,
  deps: DocumentRoutesDeps,
): Promise<Response> {
  const id = context.params.id ?? '';
  const stored = await readDocument(context.env, resource.kind, id);
  if (!stored) throw notFound(resource.kind, id);
  const health = await healthOf(context, stored, deps);
  const backfill = resource.kind === 'segment' ? await backfillOf(context.env, id) : null;
  return documentResponse(stored, {
    ...(await secretOf(context, stored)),
    ...(health && { health }),
    ...(backfill && { backfill }),
  });
}

async function healthOf(
  { env }: RequestContext,
  { kind, document }: StoredDocument,
  { channelHealth }: DocumentRoutesDeps,
): Promise<JsonObject | null> {
  const health =
    kind === 'channel' ? await channelHealth?.(env, document as unknown as ChannelSettings) : null;
  if (!health) return null;
  const { since, probeAt, ...rest } = health;
  return { ...rest, since: since && toIso(since), probeAt: probeAt && toIso(probeAt) };
}

function toIso(at: number): string {
  return new Date(at).toISOString();
}

async function put(request: Request, context: RequestContext, resource: DocumentResource): Promise<Response> {
  const { env } = context;
  const id = context.params.id ?? '';
  const { secret, callbackSecret, ...document } = await readDocumentBody(request, context, resource, id);
  const before = await readDocument(env, resource.kind, id);
  const isChannel = resource.kind === 'channel';
  const secretWrites = isChannel
    ? await secretWritesOf(context, before, document, { secret, callbackSecret })
    : [];
  const written = await writeDocument<Objection>(env, {
    ...changeOf(request, context),
    kind: resource.kind,
    id,
    document,
    mode: 'put',
    check: async () => {
      const issues = await faultsOfReplacing(env, resource.kind, { ...document, id });
      return issues.length === 0 ? null : { kind: 'invalid', issues };
    },
    alongside: () => secretWrites,
  });
  const stored = writtenOrThrow(written, resource.kind, id);
  if (resource.kind === 'segment') await tellScheduler(context);
  return documentResponse(stored, { status: before ? 200 : 201, ...(await secretOf(context, stored)) });
}

async function remove(
  request: Request,
  context: RequestContext,
  resource: DocumentResource,
): Promise<Response> {
  const { env } = context;
  const id = context.params.id ?? '';
  const forget = resource.kind === 'channel' ? await forgetSecrets(context, id) : [];
  const written = await changeState<Objection>(env, {
    ...changeOf(request, context),
    kind: resource.kind,
    id,
    action: 'delete',
    check: async () => {
      const issues = await usersOf(env, resource.kind, id);
      return issues.length === 0 ? null : { kind: 'in_use', issues };
    },
    alongside: () => forget,
  });
  writtenOrThrow(written, resource.kind, id);
  if (resource.kind === 'segment') await tellScheduler(context);
  return new Response(null, { status: 204 });
}
