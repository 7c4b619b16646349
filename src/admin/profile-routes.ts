/** What is known about one user, and why each trigger answered each of their events as it did. */

import { explainTrace } from '../engine/explain.ts';
import type { Language } from '../engine/explain-condition.ts';
import type { Trigger } from '../engine/trigger.ts';
import { invalidRequest } from '../http/api-error.ts';
import { jsonResponse } from '../http/json-response.ts';
import type { RequestContext, Route } from '../http/route.ts';
import { profileRef } from '../protocol/profile-key.ts';
import type { ExplainedEvent, ProfileRpc } from '../protocol/rpc.ts';
import { profileStub } from '../protocol/stubs.ts';
import { loadConfig } from '../store/config-cache.ts';
import { loadTriggerVersions } from '../store/document-versions.ts';
import { notFound } from './document-response.ts';
import { readLimit } from './request-document.ts';

const ANONYMOUS = 'anon:';
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
  const { env, url } = context;
  const events = await (await stubOf(context)).decisions(readLimit(url));
  const language = await languageOf(request, context);
  const documents = await triggersOf(context, events);
  const items = events.map(({ event, triggers }) => ({
    event: { ...event, timestamp: iso(event.timestamp) },
    triggers: triggers.map((trace) => ({
      ...trace,
      text: explainTrace(trace, documents.get(`${trace.id}@${trace.version}`), language),
    })),
  }));
  return jsonResponse({ items, cursor: null });

  /** `?lang=`, else what the reader's browser asks for, else the workspace's. */
  async function languageOf({ headers }: Request, { url: asked }: RequestContext): Promise<Language> {
    const wanted = asked.searchParams.get('lang') ?? headers.get('accept-language')?.slice(0, 2);
    if (wanted === 'ko' || wanted === 'en') return wanted;
    return (await loadConfig(env)).policies.workspace.locale.startsWith('ko') ? 'ko' : 'en';
  }
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
  const asked = params.userId ?? '';
  const isAnonymous = asked.startsWith(ANONYMOUS);
  const id = isAnonymous ? asked.slice(ANONYMOUS.length) : asked;
  if (id === '') throw invalidRequest('A user id, or `anon:` and an anonymous id, must stand in the path.');
  const { key } = await profileRef(env, isAnonymous ? 'anonymous' : 'user', id);
  return profileStub(env, key);
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
