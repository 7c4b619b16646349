/**
 * Who is in a segment. D1's lists hold keys alone; who they are is read from the profiles themselves, once for each on
 * the page.
 */
import type { Env } from '../bindings.ts';
import { neededSegments } from '../engine/compile/compile-config.ts';
import type { JsonObject } from '../engine/vocabulary.ts';
import { ApiError, invalidRequest } from '../http/api-error.ts';
import { jsonResponse } from '../http/json-response.ts';
import type { RequestContext, Route } from '../http/route.ts';
import { describeMoved } from '../protocol/follow-moved.ts';
import { profileStub, schedulerStub } from '../protocol/stubs.ts';
import { loadLiveDocuments } from '../store/live-documents.ts';
import { readDocument } from '../store/read-documents.ts';
import { countMembers, listMembers } from '../store/segment-members.ts';
import { notFound } from './document-response.ts';
import { readLimit } from './request-document.ts';

export function segmentRoutes(): Route[] {
  const auth = 'admin' as const;
  return [
    {
      method: 'GET',
      path: '/admin/api/segments/:id/count',
      auth,
      handle: (_request, context) => count(context),
    },
    {
      method: 'GET',
      path: '/admin/api/segments/:id/members',
      auth,
      handle: (_request, context) => members(context),
    },
  ];
}

async function count(context: RequestContext): Promise<Response> {
  const id = await listedSegment(context);
  return jsonResponse({ count: await countMembers(context.env.DB, id) });
}

async function members(context: RequestContext): Promise<Response> {
  const { env, url } = context;
  const limit = Math.min(readLimit(url), 100);
  const after = url.searchParams.get('cursor') ?? '';
  if (after.length > 200) {
    const issues = [{ path: 'cursor', message: 'expected the `cursor` of the page before' }];
    throw invalidRequest('`cursor` must be one that a list has answered.', issues);
  }
  const id = await listedSegment(context);
  const page = await listMembers(env.DB, id, { after, limit });
  const items = await Promise.all(page.keys.map((key) => memberOf(env, key)));
  return jsonResponse({ items, cursor: page.cursor });
}

/** One profile that doesn't answer hides nothing but its name. */
async function memberOf(env: Env, key: string): Promise<JsonObject> {
  try {
    const view = await describeMoved((of) => profileStub(env, of), key);
    const userId = view?.userId ?? null;
    return { userId, anonymousId: userId === null ? (view?.anonymousIds[0] ?? null) : null };
  } catch {
    return { userId: null, anonymousId: null };
  }
}

/** Throws 404, and 409 where the segment says that it keeps no list. */
async function listedSegment({ env, params }: RequestContext): Promise<string> {
  const id = params.id ?? '';
  const stored = await readDocument(env, 'segment', id);
  if (!stored) throw notFound('segment', id);
  if (stored.document.members !== false) return id;
  throw new ApiError(
    409,
    'not_listed',
    `The segment \`${id}\` keeps no list of its members: its \`members\` is false.`,
  );
}

/** How far the list, or what triggers hear of, has come since the segment was written; null where nobody needs it. */
export async function backfillOf(env: Env, id: string): Promise<JsonObject | null> {
  if (!neededSegments(await loadLiveDocuments(env)).has(id)) return null;
  try {
    const progress = await schedulerStub(env).fillProgress(id);
    if (!progress) return { state: 'waiting', share: 0, doneAt: null };
    const { state, share, doneAt } = progress;
    return { state, share, doneAt: doneAt === null ? null : new Date(doneAt).toISOString() };
  } catch {
    return { state: 'unknown', share: null, doneAt: null };
  }
}
