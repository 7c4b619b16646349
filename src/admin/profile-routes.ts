/** What is known about one user, and why each trigger answered each of their events as it did. */

import { explainTrace } from '../engine/explain/explain.ts';
import type { Trigger } from '../engine/trigger.ts';
import { jsonResponse } from '../http/json-response.ts';
import type { RequestContext, Route } from '../http/route.ts';
import type { ExplainedEvent, ProfileRpc } from '../protocol/rpc.ts';
import { profileStub } from '../protocol/stubs.ts';
import { loadTriggerVersions } from '../store/document-versions.ts';
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
  return jsonResponse({
    ...view,
    firstSeenAt: iso(view.firstSeenAt),
    lastSeenAt: iso(view.lastSeenAt),
    sessions: { ...view.sessions, lastAt: view.sessions.lastAt === null ? null : iso(view.sessions.lastAt) },
    consents: view.consents.map((consent) => ({ ...consent, at: iso(consent.at) })),
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
  const events = await (await stubOf(context)).decisions(readLimit(context.url));
  const language = await readerLanguage(request, context);
  const documents = await triggersOf(context, events);
  const items = events.map(({ event, triggers }) => ({
    event: { ...event, timestamp: iso(event.timestamp) },
    triggers: triggers.map((trace) => ({
      ...trace,
      text: explainTrace(trace, documents.get(`${trace.id}@${trace.version}`), language),
    })),
  }));
  return jsonResponse({ items, cursor: null });
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
  const { key } = await subjectOf(env, params.userId ?? '');
  return profileStub(env, key);
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
