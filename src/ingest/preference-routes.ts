import { jsonResponse } from '../http/json-response.ts';
import { parseBody } from '../http/parse-schema.ts';
import { readJson } from '../http/read-body.ts';
import type { Route } from '../http/route.ts';
import { preferences } from './consent-schema.ts';
import type { IngestDeps } from './deps.ts';
import { consentEvent } from './own-events.ts';
import { ownProof, writeOwn } from './own-profile.ts';
import { callProfile } from './profile-calls.ts';
import { consentsJson } from './profile-json.ts';
import { subjectOf, subjectOfQuery } from './subject.ts';

/** The user's own consents. A word given here counts from now: a client can't date it. */
export function preferenceRoutes(deps: IngestDeps): Route[] {
  return [
    {
      method: 'GET',
      path: '/v1/preferences',
      auth: 'any',
      async handle(request, context) {
        const profile = await subjectOfQuery(context.env, context.url.searchParams);
        await ownProof(deps, request, context, profile);
        const view = await callProfile(deps, context.env, profile.key, (rpc) => rpc.describe());
        return jsonResponse({ consents: view ? consentsJson(view) : [] });
      },
    },
    {
      method: 'PUT',
      path: '/v1/preferences',
      auth: 'any',
      async handle(request, context) {
        const body = await readJson(request);
        const { consents, ...ids } = parseBody(preferences, body, 'The body is {"userId", "consents": […]}.');
        const { searchParams } = context.url;
        const profile = await (hasIds(ids)
          ? subjectOf(context.env, ids)
          : subjectOfQuery(context.env, searchParams));
        const origin = context.key?.kind === 'server' ? 'server' : 'client';
        const maker = { now: context.now, origin } as const;
        const events = await Promise.all(
          consents.map(({ channel, purpose, granted, source, textVersion }) =>
            consentEvent({ channel, purpose, granted, source: source ?? 'preferences', textVersion }, maker),
          ),
        );
        await writeOwn(deps, request, context, profile, events);
        return jsonResponse({ success: true });
      },
    },
  ];
}

function hasIds(ids: { userId?: unknown; anonymousId?: unknown }): boolean {
  return Boolean(ids.userId ?? ids.anonymousId);
}
