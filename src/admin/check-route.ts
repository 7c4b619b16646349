/** `triggers/check`: what publishing a draft would refuse, and what it would warn of; nothing is stored. */
import { checkTriggerReferences } from '../engine/checks/check-references.ts';
import type { Issue } from '../engine/checks/issue.ts';
import type { Warning } from '../engine/checks/warning.ts';
import type { Trigger } from '../engine/trigger.ts';
import { invalidRequest } from '../http/api-error.ts';
import { jsonResponse } from '../http/json-response.ts';
import { readJson } from '../http/read-body.ts';
import type { RequestContext, Route } from '../http/route.ts';
import { withoutReadOnly } from '../protocol/document-checks.ts';
import { loadLiveDocuments } from '../store/live-documents.ts';
import { TRIGGERS } from './document-resources.ts';
import { knownDocuments } from './known-documents.ts';
import { isObject } from './request-document.ts';

/** Answers `{ issues, warnings }`, each `{ path, message }`, a warning also `{ code, values }`: 200 whatever they are, for the draft may be half written. */
export function checkRoute(): Route {
  return {
    method: 'POST',
    path: '/admin/api/triggers/check',
    auth: 'admin',
    async handle(request, { env }) {
      const body = await readJson(request, TRIGGERS.maxBytes);
      if (!isObject(body)) throw invalidRequest('The body must be a JSON object: one trigger.');
      return jsonResponse(await check(body, env));
    },
  };
}

async function check(
  body: Parameters<typeof withoutReadOnly>[0],
  env: RequestContext['env'],
): Promise<{ issues: Issue[]; warnings: Warning[] }> {
  const own = TRIGGERS.check(withoutReadOnly(body), env);
  if (own.kind === 'invalid') return { issues: own.issues, warnings: [] };
  const trigger = own.document as Trigger;
  const known = await knownDocuments(env, await loadLiveDocuments(env));
  // It may speak of itself, though nobody has stored it yet.
  return checkTriggerReferences(trigger, { ...known, triggers: new Set([...known.triggers, trigger.id]) });
}
