/** What is known about one user, and why each trigger answered each of their events as it did. */

import { explainTrace } from '../engine/explain/explain.ts';
import { explainRuledOut } from '../engine/explain/ruled-out.ts';
import { standingOf } from '../engine/send/law/consent-duties.ts';
import type { Trigger } from '../engine/trigger.ts';
import { jsonResponse } from '../http/json-response.ts';
import type { RequestContext, Route } from '../http/route.ts';
import { movedKey } from '../protocol/follow-moved.ts';
import type { ExplainedEvent, ProfileRpc } from '../protocol/rpc.ts';
import { profileStub } from '../protocol/stubs.ts';
import { loadConfig } from '../store/config-cache.ts';
import { loadTriggerVersions } from '../store/document-versions.ts';
import { inForceAt, loadTriggerHistory } from '../store/trigger-history.ts';
import { notFound } from './document-response.ts';
import { readerLanguage } from './reader-language.ts';
import { readLimit } from './request-document.ts';
import { subjectOf } from './subject.ts';

const auth = 'admin';

export function profileRoutes(): Route[] {
  return [
    {
      method: 'GET',
      path: '/admin/api/profiles/:userId',
      auth,
      handle: (_request, context) => describe(context),
    },
    {
      method: 'GET',
      path: '/admin/api/profiles/:userId/decisions',
      auth,
      handle: (request, context) => decisions(request, context),
    },
  ];
}

async function describe(context: RequestContext): Promise<Response> {
  const view = await (await stubOf(context)).describe();
  if (!view) throw notFound('profile', context.params.userId ?? '');
  const { law } = (await loadConfig(context.env)).policies;
  return jsonResponse({
    ...view,
    firstSeenAt: iso(view.firstSeenAt),
    lastSeenAt: iso(view.lastSeenAt),
    sessions: { ...view.sessions, lastAt: view.sessions.lastAt === null ? null : iso(view.sessions.lastAt) },
    consents: view.consents.map(({ confirmedUntil, ...consent }) => ({
      ...consent,
      at: iso(consent.at),
      ...(confirmedUntil !== undefined && { confirmedUntil: iso(confirmedUntil) }),
      renewal: standingOf(
        law.jurisdiction,
        { ...consent, ...(confirmedUntil && { confirmedUntil }) },
        context.now,
      ),
    })),
    relations: view.relations.map((relation) => ({ ...relation, since: iso(relation.since) })),
    timeline: view.timeline.map((event) => ({ ...event, timestamp: iso(event.timestamp) })),
    inbox: view.inbox.map((message) => ({
      ...message,
      createdAt: iso(message.createdAt),
      expiresAt: iso(message.expiresAt),
    })),
  });
}

async function decisions(request: Request, context: RequestContext): Promise<Response> {
  const asked = context.url.searchParams.get('trigger');
  const told = await (await stubOf(context)).decisions(readLimit(context.url));
  const events = asked === null ? told : await about(asked, told, context);
  const language = await readerLanguage(request, context);
  const documents = await triggersOf(context, events);
  const items = events.map(({ event, triggers, ruledOut }) => ({
    event: { ...event, timestamp: iso(event.timestamp) },
    // Very many listened, and those that the index ruled out are told one by one: `?trigger=`.
    ...(ruledOut && asked === null && { partial: true }),
    triggers: triggers.map((trace) => ({
      ...trace,
      text: explainTrace(trace, documents.get(`${trace.id}@${trace.version}`), language),
    })),
  }));
  return jsonResponse({ items, cursor: null });
}

/** What one trigger answered, also where the index ruled it out: then told now, by the version in force then. */
async function about(
  id: string,
  events: ExplainedEvent[],
  { env }: RequestContext,
): Promise<ExplainedEvent[]> {
  const own = events.map((one) => ({ ...one, triggers: one.triggers.filter((trace) => trace.id === id) }));
  const untold = own.flatMap(({ triggers, ruledOut }) =>
    triggers.length === 0 && ruledOut ? [ruledOut] : [],
  );
  if (untold.length === 0) return own;
  const history = await loadTriggerHistory(env, id);
  const versions = new Set(untold.flatMap(({ head }) => inForceAt(history, head)?.version ?? []));
  const documents = await loadTriggerVersions(
    env,
    [...versions].map((version) => ({ id, version })),
  );
  return own.map((one) => {
    const standing = one.ruledOut && inForceAt(history, one.ruledOut.head);
    const found = documents.find(({ version }) => version === standing?.version);
    if (one.triggers.length > 0 || !one.ruledOut || !standing || !found) return one;
    const trace = explainRuledOut({ ...found, state: standing.state }, one.ruledOut);
    return trace ? { ...one, triggers: [trace] } : one;
  });
}

async function triggersOf({ env }: RequestContext, events: ExplainedEvent[]): Promise<Map<string, Trigger>> {
  const wanted = new Map(
    events.flatMap(({ triggers }) =>
      triggers.map(({ id, version }) => [`${id}@${version}`, { id, version }]),
    ),
  );
  const found = await loadTriggerVersions(env, [...wanted.values()]);
  return new Map(found.map(({ document, version }) => [`${document.id}@${version}`, document]));
}

async function stubOf({ env, params }: RequestContext): Promise<ProfileRpc> {
  const { key, kind } = await subjectOf(env, params.userId ?? '');
  const stub = (of: string) => profileStub(env, of);
  return stub(kind === 'anonymous' ? await movedKey(stub, key) : key);
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
