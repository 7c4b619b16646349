import { jsonResponse } from '../http/json-response.ts';
import type { Route } from '../http/route.ts';
import { dueJson, NOTHING_DUE, TOKEN_REQUIRED } from '../protocol/message-json.ts';
import type { IngestDeps } from './deps.ts';
import { mayReadMoved, proofOf } from './identity.ts';
import { messageQuery } from './message-query.ts';
import { nextMessages } from './profile-calls.ts';
import { mayActFor, subjectOfQuery } from './subject.ts';

/** In-app messages: what to show next, and whether one may still be shown. */
export function messageRoutes(deps: IngestDeps): Route[] {
  return [
    {
      method: 'GET',
      path: '/v1/messages/next',
      auth: 'any',
      async handle(request, context) {
        const { env, url } = context;
        // One in-app message at a time, unless more are asked for; cards lie beside each other.
        const query = { inAppLimit: 1, ...messageQuery(url.searchParams) };
        if (query.limit !== undefined) query.inAppLimit = query.limit;
        const profile = await subjectOfQuery(env, url.searchParams);
        const proof = await proofOf(deps, request, context);
        if (!mayActFor(proof, profile)) return jsonResponse(TOKEN_REQUIRED);
        const first = await nextMessages(deps, env, profile.key, query);
        if (first.kind === 'done') return jsonResponse(dueJson(first.due));
        if (!mayReadMoved(proof)) return jsonResponse(TOKEN_REQUIRED);
        const second = await nextMessages(deps, env, first.to.key, query);
        return jsonResponse(second.kind === 'done' ? dueJson(second.due) : NOTHING_DUE);
      },
    },
    {
      method: 'GET',
      path: '/v1/messages/:id/valid',
      auth: 'any',
      async handle(_request, { env, params, now }) {
        const config = await deps.loadConfig(env);
        return jsonResponse({ valid: deps.messageIsValid(config, params.id ?? '', now) });
      },
    },
  ];
}
