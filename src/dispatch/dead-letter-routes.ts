/** What was given up, newest first, and sending it after all. */
import * as z from 'zod';
import { routeFor } from '../channels/registry.ts';
import { CHANNELS } from '../engine/trigger.ts';
import type { JsonObject } from '../engine/vocabulary.ts';
import { ApiError, invalidRequest } from '../http/api-error.ts';
import { jsonResponse } from '../http/json-response.ts';
import { parseBody } from '../http/parse-schema.ts';
import { readJson } from '../http/read-body.ts';
import type { RequestContext, Route } from '../http/route.ts';
import { profileStub } from '../protocol/stubs.ts';
import {
  type DeadLetterFilter,
  type ListedDeadLetter,
  listDeadLetters,
  readDeadLetter,
} from '../store/dead-letters.ts';
import { oneOf, readPageQuery } from './delivery-query.ts';
import { type ReplayDeps, replayLetter } from './replay-letter.ts';

/** `force`: send it although it may have arrived. */
export const replaySchema = z.strictObject({ force: z.boolean().exactOptional() });

const MAX_BODY_BYTES = 1024;
const TEXT_FILTERS = ['source', 'code', 'trigger', 'messageId'] as const;

export function deadLetterRoutes(deps: ReplayDeps = { profile: profileStub, route: routeFor }): Route[] {
  const path = '/admin/api/dead-letters';
  return [
    { method: 'GET', path, auth: 'admin', handle: (_, context) => list(context) },
    {
      method: 'POST',
      path: `${path}/:id/replay`,
      auth: 'admin',
      handle: (request, context) => replay(request, context, deps),
    },
  ];
}

async function list({ env, url }: RequestContext): Promise<Response> {
  const { items, cursor } = await listDeadLetters(env.DB, readFilter(url.searchParams));
  return jsonResponse({ items: items.map(present), cursor });
}

/** Throws 400. */
function readFilter(query: URLSearchParams): DeadLetterFilter {
  const { page, issues } = readPageQuery(query);
  const filter: DeadLetterFilter = { ...page };
  for (const name of TEXT_FILTERS) {
    const text = query.get(name);
    if (text !== null) filter[name] = text;
  }
  const channel = oneOf('channel', CHANNELS, query, issues);
  if (channel) filter.channel = channel;
  const replayed = oneOf('replayed', ['true', 'false'], query, issues);
  if (replayed) filter.replayed = replayed === 'true';
  if (issues.length > 0) throw invalidRequest('The query is not one that can be answered.', issues);
  return filter;
}

async function replay(request: Request, context: RequestContext, deps: ReplayDeps): Promise<Response> {
  const { env, key, now } = context;
  const id = context.params.id ?? '';
  const { force = false } = await readOptions(request);
  const letter = await readDeadLetter(env.DB, id);
  if (!letter) throw new ApiError(404, 'not_found', `There is no dead letter \`${id}\`.`);
  const by = { author: key?.id ?? 'unknown', now, isForced: force };
  const outcome = await replayLetter(env, letter, by, deps);
  return jsonResponse({ id, messageId: letter.messageId, outcome });
}

/** A body is optional. */
async function readOptions(request: Request): Promise<z.infer<typeof replaySchema>> {
  if (!request.body || request.headers.get('content-length') === '0') return {};
  const body = await readJson(request, MAX_BODY_BYTES);
  return parseBody(replaySchema, body, 'The body must be {} or {"force": true}.');
}

/** Whose it was is in the delivery. */
function present({ profileKey: _, ...letter }: ListedDeadLetter): JsonObject {
  const { createdAt, expiresAt, replayedAt, body, ...rest } = letter;
  return {
    ...rest,
    body: body as JsonObject | null,
    createdAt: toIso(createdAt),
    expiresAt: expiresAt === null ? null : toIso(expiresAt),
    replayedAt: replayedAt === null ? null : toIso(replayedAt),
  };
}

function toIso(at: number): string {
  return new Date(at).toISOString();
}
