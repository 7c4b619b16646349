/** `audit`, `stop-all`, and the sealing of secrets with a new key. */
import { invalidRequest } from '../http/api-error.ts';
import { jsonResponse } from '../http/json-response.ts';
import { readJson } from '../http/read-body.ts';
import type { RequestContext, Route } from '../http/route.ts';
import { listAudit } from '../store/audit.ts';
import { resealSecrets } from '../store/channel-secrets.ts';
import { loadConfig } from '../store/config-cache.ts';
import type { GuardrailCount } from '../store/guardrails.ts';
import { setStopped } from '../store/stop-all.ts';
import { busy } from './document-response.ts';
import { guardrailWords } from './guardrail-words.ts';
import { readerLanguage } from './reader-language.ts';
import { isObject, readPage } from './request-document.ts';
import { tellScheduler } from './tell-scheduler.ts';

const MAX_BODY_BYTES = 1024;

export function workspaceRoutes(): Route[] {
  return [
    { method: 'GET', path: '/admin/api/audit', auth: 'admin', handle: audit },
    {
      method: 'GET',
      path: '/admin/api/stop-all',
      auth: 'admin',
      handle: async (_request, { env }) => jsonResponse({ stopped: (await loadConfig(env)).stopped }),
    },
    { method: 'POST', path: '/admin/api/stop-all', auth: 'admin', handle: stopAll },
    {
      method: 'POST',
      path: '/admin/api/secrets/reseal',
      auth: 'admin',
      handle: (_request, context) => reseal(context),
    },
  ];
}

async function audit(request: Request, context: RequestContext): Promise<Response> {
  const { env, url } = context;
  const page = await listAudit(env, readPage(url));
  const language = await readerLanguage(request, context);
  const items = page.items.map(({ at, detail, ...entry }) => ({
    ...entry,
    at: new Date(at).toISOString(),
    // A guardrail is the only author that has to say why.
    why: detail && guardrailWords(detail as unknown as GuardrailCount, language),
  }));
  return jsonResponse({ items, cursor: page.cursor });
}

/** Names channels, never what is sealed. */
async function reseal({ env, key, now }: RequestContext): Promise<Response> {
  const done = await resealSecrets(env, { author: key?.id ?? 'unknown', now });
  if (done.kind !== 'done') throw busy();
  return jsonResponse(done.value);
}

async function stopAll(request: Request, context: RequestContext): Promise<Response> {
  const { env, key, now } = context;
  const body = await readJson(request, MAX_BODY_BYTES);
  const stopped = isObject(body) ? body.stopped : undefined;
  if (typeof stopped !== 'boolean') {
    throw invalidRequest('The body must be {"stopped": true} or {"stopped": false}.', [
      { path: 'stopped', message: 'expected true or false' },
    ]);
  }
  const done = await setStopped(env, { stopped, author: key?.id ?? 'unknown', now });
  if (done.kind !== 'done') throw busy();
  await tellScheduler(context);
  return jsonResponse(done.value);
}
