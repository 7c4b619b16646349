import { jsonResponse } from '../http/json-response.ts';
import { issuesOf, parseBody } from '../http/parse-schema.ts';
import { readJson } from '../http/read-body.ts';
import type { RequestContext, Route } from '../http/route.ts';
import type { Rejection } from '../protocol/events.ts';
import { consentBatch, MAX_CONSENT_BATCH, parseConsents, userConsent } from './consent-schema.ts';
import type { IngestDeps } from './deps.ts';
import type { Group } from './group-by-profile.ts';
import { inParallel } from './in-parallel.ts';
import { consentEvent } from './own-events.ts';
import { ingest } from './profile-calls.ts';
import { subjectOfPath } from './subject.ts';

const MAX_PARALLEL = 40;

/** Consents as the app's backend records them, kept as a ledger in which the newest by `at` is in force. */
export function consentRoutes(deps: IngestDeps): Route[] {
  return [
    {
      method: 'PUT',
      path: '/v1/profiles/:userId/consents',
      auth: 'server',
      async handle(request, { env, params, now }) {
        const profile = await subjectOfPath(env, params.userId);
        const list = parseConsents(await readJson(request));
        const maker = { now, origin: 'server' } as const;
        const events = await Promise.all(list.map((consent) => consentEvent(consent, maker)));
        await ingest(deps, env, { profile, events });
        return jsonResponse({ success: true });
      },
    },
    {
      method: 'POST',
      path: '/v1/consents/batch',
      auth: 'server',
      async handle(request, context) {
        const what = `The body is {"consents": [{"userId", …}]} with at most ${MAX_CONSENT_BATCH} of them.`;
        const { consents } = parseBody(consentBatch, await readJson(request), what);
        const { groups, rejected } = await groupConsents(context, consents);
        await inParallel(groups, MAX_PARALLEL, ({ profile, events }) =>
          ingest(deps, context.env, { profile, events }),
        );
        return jsonResponse({ success: true, ...(rejected.length > 0 && { rejected }) });
      },
    },
  ];
}

type Consents = Pick<Group, 'profile' | 'events'>;

async function groupConsents(context: RequestContext, consents: unknown[]) {
  const groups = new Map<string, Consents>();
  const rejected: Rejection[] = [];
  for (const [index, raw] of consents.entries()) {
    const { data, error } = userConsent.safeParse(raw);
    if (!data) {
      const message = issuesOf(error)
        .map((issue) => `${issue.path} ${issue.message}`.trim())
        .join('; ');
      rejected.push({ index, code: 'invalid_request', message });
      continue;
    }
    const profile = await subjectOfPath(context.env, String(data.userId));
    const group = groups.get(profile.key) ?? { profile, events: [] };
    group.events.push(await consentEvent(data, { now: context.now, origin: 'server' }));
    groups.set(profile.key, group);
  }
  return { groups: [...groups.values()], rejected };
}
