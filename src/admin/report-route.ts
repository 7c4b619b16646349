/** `triggers/:id/report`: what became of a trigger's messages, in numbers. */
import { jsonResponse } from '../http/json-response.ts';
import type { RequestContext, Route } from '../http/route.ts';
import { readDocument } from '../store/read-documents.ts';
import { readTriggerReport } from '../store/trigger-report.ts';
import { notFound } from './document-response.ts';
import { instantOf } from './instant-of.ts';

export function reportRoute(): Route {
  return {
    method: 'GET',
    path: '/admin/api/triggers/:id/report',
    auth: 'admin',
    handle: (_request, context) => report(context),
  };
}

/** `?from=` and `?to=` (instants) bound it by when the messages were decided. */
async function report({ env, params, url }: RequestContext): Promise<Response> {
  const id = params.id ?? '';
  if (!(await readDocument(env, 'trigger', id))) throw notFound('trigger', id);
  const span = {
    fromAt: instantOf(url, 'from') ?? 0,
    toAt: instantOf(url, 'to') ?? Number.MAX_SAFE_INTEGER,
  };
  return jsonResponse({ trigger: id, ...(await readTriggerReport(env.DB, id, span)) });
}
