/** `triggers`: written as drafts; `activate` puts the draft in force, everywhere within 10 s. */
import { checkTriggerReferences } from '../engine/checks/check-references.ts';
import type { Warning } from '../engine/checks/warning.ts';
import type { Trigger } from '../engine/trigger.ts';
import type { JsonObject } from '../engine/vocabulary.ts';
import { jsonResponse } from '../http/json-response.ts';
import type { RequestContext, Route } from '../http/route.ts';
import { forgetGuardrailPause, readGuardrailPauses } from '../store/guardrails.ts';
import { loadLiveDocuments } from '../store/live-documents.ts';
import { listDocuments, listVersions, readDocument } from '../store/read-documents.ts';
import { changeState, type StateChange, writeDocument } from '../store/write-documents.ts';
import { usersOf } from './dependents.ts';
import { TRIGGERS } from './document-resources.ts';
import { documentResponse, notFound, type Objection, shown, writtenOrThrow } from './document-response.ts';
import { changeOf } from './document-routes.ts';
import { guardrailWords } from './guardrail-words.ts';
import { knownDocuments } from './known-documents.ts';
import { readerLanguage } from './reader-language.ts';
import { readDocumentBody, readPage } from './request-document.ts';
import { endShadow } from './shadow-routes.ts';
import { tellScheduler } from './tell-scheduler.ts';

const ONE = '/admin/api/triggers/:id';
const auth = 'admin';

export function triggerRoutes(): Route[] {
  return [
    {
      method: 'GET',
      path: '/admin/api/triggers',
      auth,
      handle: listTriggers,
    },
    { method: 'POST', path: '/admin/api/triggers', auth, handle: create },
    { method: 'GET', path: ONE, auth, handle: (_request, context) => read(context) },
    { method: 'PUT', path: ONE, auth, handle: replaceDraft },
    { method: 'DELETE', path: ONE, auth, handle: remove },
    { method: 'POST', path: `${ONE}/activate`, auth, handle: activate },
    {
      method: 'POST',
      path: `${ONE}/pause`,
      auth,
      handle: (request, context) => move(request, context, 'pause'),
    },
    {
      method: 'POST',
      path: `${ONE}/archive`,
      auth,
      handle: (request, context) => move(request, context, 'archive'),
    },
    { method: 'GET', path: `${ONE}/versions`, auth, handle: (_request, context) => versions(context) },
  ];
}

/** With those that have paused themselves saying why. */
async function listTriggers(request: Request, context: RequestContext): Promise<Response> {
  const { env, url } = context;
  const [page, pauses] = await Promise.all([
    listDocuments(env, 'trigger', readPage(url)),
    readGuardrailPauses(env),
  ]);
  const language = await readerLanguage(request, context);
  const items = page.items.map((stored) => {
    const pause = pauses.get(stored.id);
    return { ...shown(stored), ...(pause && { guardrail: { why: guardrailWords(pause, language) } }) };
  });
  return jsonResponse({ items, cursor: page.cursor });
}

async function create(request: Request, context: RequestContext): Promise<Response> {
  const document = await readDocumentBody(request, context, TRIGGERS, null);
  const written = await writeDocument<Objection>(context.env, {
    ...changeOf(request, context),
    kind: 'trigger',
    id: document.id,
    document,
    mode: 'create',
  });
  return documentResponse(writtenOrThrow(written, 'trigger', document.id), { status: 201 });
}

async function read({ env, params }: RequestContext): Promise<Response> {
  const id = params.id ?? '';
  const stored = await readDocument(env, 'trigger', id);
  if (!stored) throw notFound('trigger', id);
  return documentResponse(stored);
}

async function replaceDraft(request: Request, context: RequestContext): Promise<Response> {
  const id = context.params.id ?? '';
  const document = await readDocumentBody(request, context, TRIGGERS, id);
  const written = await writeDocument<Objection>(context.env, {
    ...changeOf(request, context),
    kind: 'trigger',
    id,
    document,
    mode: 'update',
  });
  return documentResponse(writtenOrThrow(written, 'trigger', id));
}

/** Answers with the warnings that publishing it earned. */
async function activate(request: Request, context: RequestContext): Promise<Response> {
  const { env } = context;
  const id = context.params.id ?? '';
  let warnings: Warning[] = [];
  const written = await changeState<Objection>(env, {
    ...changeOf(request, context),
    kind: 'trigger',
    id,
    action: 'activate',
    alongside: () => [forgetGuardrailPause(env, id)],
    check: async (document) => {
      const trigger = document as unknown as Trigger;
      const known = await knownDocuments(env, await loadLiveDocuments(env));
      const result = checkTriggerReferences(trigger, known);
      warnings = result.warnings;
      // The document too: this version may know better than the one that took it in.
      const own = TRIGGERS.check(document as JsonObject, env);
      const issues = [...(own.kind === 'invalid' ? own.issues : []), ...result.issues];
      return issues.length === 0 ? null : { kind: 'invalid', issues };
    },
  });
  const stored = writtenOrThrow(written, 'trigger', id);
  await endShadow(request, context, id);
  await tellScheduler(context);
  return documentResponse(stored, { warnings });
}

async function move(request: Request, context: RequestContext, action: StateChange): Promise<Response> {
  const id = context.params.id ?? '';
  const written = await changeState<Objection>(context.env, {
    ...changeOf(request, context),
    kind: 'trigger',
    id,
    action,
  });
  const stored = writtenOrThrow(written, 'trigger', id);
  if (action === 'archive') await endShadow(request, context, id);
  await tellScheduler(context);
  return documentResponse(stored);
}

/** Stops a live one, too. Its versions stay, for the runs and messages that name them. */
async function remove(request: Request, context: RequestContext): Promise<Response> {
  const { env } = context;
  const id = context.params.id ?? '';
  const written = await changeState<Objection>(env, {
    ...changeOf(request, context),
    kind: 'trigger',
    id,
    action: 'delete',
    check: async () => {
      const issues = await usersOf(env, 'trigger', id);
      return issues.length === 0 ? null : { kind: 'in_use', issues };
    },
  });
  writtenOrThrow(written, 'trigger', id);
  await endShadow(request, context, id);
  await tellScheduler(context);
  return new Response(null, { status: 204 });
}

async function versions({ env, params }: RequestContext): Promise<Response> {
  const id = params.id ?? '';
  const found = await listVersions(env, 'trigger', id);
  if (!found) throw notFound('trigger', id);
  const items = found.map(({ version, status, document, createdAt, author }) => ({
    ...(document as JsonObject),
    version,
    status,
    updatedAt: new Date(createdAt).toISOString(),
    updatedBy: author,
  }));
  return jsonResponse({ items, cursor: null });
}
