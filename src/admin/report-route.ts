/** `triggers/:id/report`, `reports/messages` and `reports/audience`: what became of messages and of people, in numbers. */

import type { Env } from '../bindings.ts';
import { compileTrigger } from '../engine/compile/compile-trigger.ts';
import { experimentOf } from '../engine/runs/experiment.ts';
import { DAY_MS } from '../engine/time/duration.ts';
import { dayOf, instantReading, localTimeOf } from '../engine/time/zone-time.ts';
import type { Trigger } from '../engine/trigger.ts';
import { invalidRequest } from '../http/api-error.ts';
import { jsonResponse } from '../http/json-response.ts';
import type { RequestContext, Route } from '../http/route.ts';
import type {
  AudienceReportAnswer,
  MessageReportAnswer,
  TriggerReportAnswer,
} from '../protocol/report-schema.ts';
import { type DaySpan, readAudience, weekOf } from '../store/audience-report.ts';
import { loadConfig } from '../store/config-cache.ts';
import { readDecisionReport } from '../store/decision-report.ts';
import { readExperiment, readHoldout } from '../store/experiment-report.ts';
import { readGuardrail, readGuardrailPauses } from '../store/guardrails.ts';
import { readDocument } from '../store/read-documents.ts';
import { type ReportSpan, readTriggerReport } from '../store/trigger-report.ts';
import { notFound } from './document-response.ts';
import { guardrailWords } from './guardrail-words.ts';
import { instantOf } from './instant-of.ts';
import { readerLanguage } from './reader-language.ts';

/** What a report reads grows with its span. */
const USUAL_MESSAGE_DAYS = 90;
const USUAL_AUDIENCE_DAYS = 28;
const MOST_AUDIENCE_DAYS = 92;

export function reportRoutes(): Route[] {
  const auth = 'admin';
  return [
    { method: 'GET', path: '/admin/api/triggers/:id/report', auth, handle: triggerReport },
    {
      method: 'GET',
      path: '/admin/api/reports/messages',
      auth,
      handle: (_request, context) => messageReport(context),
    },
    {
      method: 'GET',
      path: '/admin/api/reports/audience',
      auth,
      handle: (_request, context) => audienceReport(context),
    },
  ];
}

/** `?from=` and `?to=` (instants) bound it by when the messages were decided; the experiment is told as a whole. */
async function triggerReport(request: Request, context: RequestContext): Promise<Response> {
  const { env, params, now } = context;
  const id = params.id ?? '';
  const stored = await readDocument(env, 'trigger', id);
  if (!stored) throw notFound('trigger', id);
  const { policies, triggers } = await loadConfig(env);
  const document = triggers.get(id)?.document ?? (stored.document as unknown as Trigger);
  const { span, ...told } = spanOf(context);
  const [numbers, decisions, experiment, guardrail] = await Promise.all([
    readTriggerReport(env.DB, id, span, { currency: policies.workspace.currency, now }),
    decisionReport(context, id, span),
    experimentReport(env, document),
    guardrailReport(request, context, document),
  ]);
  const answer: TriggerReportAnswer = {
    ...{ trigger: id, ...told, ...numbers },
    ...{ decisions, experiment, guardrail },
  };
  return jsonResponse(answer);
}

/** Also where they are no longer kept: some may be left. */
async function decisionReport({ env, now }: RequestContext, trigger: string, span: ReportSpan) {
  const { policies } = await loadConfig(env);
  const { sinceAt, ...counted } = await readDecisionReport(env.DB, trigger, span, { now });
  return {
    isKept: policies.workspace.exportDecisions === true,
    since: sinceAt === null ? null : new Date(sinceAt).toISOString(),
    ...counted,
  };
}

async function experimentReport(env: Env, document: Trigger) {
  const config = await loadConfig(env);
  const { workspace, holdout } = config.policies;
  const compiled = compileTrigger({ document, version: 0, state: 'live', activatedAt: 0 });
  const experiment = experimentOf(compiled, config);
  if (experiment === null) return null;
  return readExperiment(env.DB, document, experiment, {
    currency: workspace.currency,
    workspaceShare: holdout.share,
  });
}

async function guardrailReport(request: Request, context: RequestContext, document: Trigger) {
  const { env } = context;
  const { policies } = await loadConfig(env);
  const [count, pauses] = await Promise.all([
    readGuardrail(env, policies.guardrails, document),
    readGuardrailPauses(env),
  ]);
  const pause = pauses.get(document.id);
  if (!count && !pause) return null;
  const language = await readerLanguage(request, context);
  return {
    ...(count && { ...count, sinceAt: new Date(count.sinceAt).toISOString() }),
    ...(pause && {
      pausedAt: new Date(pause.pausedAt).toISOString(),
      why: guardrailWords(pause, language),
    }),
  };
}

/** The same of all triggers together, and of each: `perTrigger`; the workspace's hold-out is told as a whole. */
async function messageReport(context: RequestContext): Promise<Response> {
  const { env, now } = context;
  const { policies } = await loadConfig(env);
  const { span, ...told } = spanOf(context);
  const { currency } = policies.workspace;
  const { share } = policies.holdout;
  const [numbers, holdout] = await Promise.all([
    readTriggerReport(env.DB, null, span, { currency, now }),
    share > 0 ? readHoldout(env.DB, share, currency) : null,
  ]);
  const answer: MessageReportAnswer = { ...told, ...numbers, perTrigger: numbers.perTrigger ?? {}, holdout };
  return jsonResponse(answer);
}

function spanOf({ url, now }: RequestContext) {
  const toAt = instantOf(url, 'to') ?? now + 1;
  const fromAt = instantOf(url, 'from') ?? toAt - USUAL_MESSAGE_DAYS * DAY_MS;
  return { span: { fromAt, toAt }, from: new Date(fromAt).toISOString(), to: new Date(toAt).toISOString() };
}

/** `?from=` and `?to=` are days (`2026-12-01`) on the workspace's clock, both included. */
async function audienceReport({ env, url, now }: RequestContext): Promise<Response> {
  const { workspace, reports } = (await loadConfig(env)).policies;
  const today = dayOf(localTimeOf(workspace.tz, now));
  const last = dayParam(url, 'to') ?? today;
  const first = dayParam(url, 'from') ?? last - USUAL_AUDIENCE_DAYS + 1;
  if (last < first || last - first >= MOST_AUDIENCE_DAYS) {
    throw invalidRequest(`A report is of 1 to ${MOST_AUDIENCE_DAYS} days.`, [
      { path: 'from', message: `expected a day at most ${MOST_AUDIENCE_DAYS - 1} days before \`to\`` },
    ]);
  }
  const span = { from: first, to: last + 1 };
  const entered = {
    fromAt: instantReading(workspace.tz, span.from * DAY_MS),
    toAt: instantReading(workspace.tz, span.to * DAY_MS),
  };
  const { days, cohorts, journey } = await readAudience(env.DB, span, entered);
  const answer: AudienceReportAnswer = {
    from: dateOf(first),
    to: dateOf(last),
    /** What is told at all: see the policy `reports`. */
    told: { journey: reports.journey, activity: reports.activity },
    days: everyDay(span, days).map(({ day, active }) => ({ day: dateOf(day), active })),
    cohorts: cohorts.map(({ week, ...cohort }) => ({ week: dateOf(week * 7 - 3), ...cohort })),
    isLastWeekOpen: weekOf(last) === weekOf(today),
    journey,
  };
  return jsonResponse(answer);
}

/** With those on which nobody was active. */
function everyDay({ from, to }: DaySpan, days: { day: number; active: number }[]) {
  const active = new Map(days.map((one) => [one.day, one.active]));
  return Array.from({ length: to - from }, (_, i) => ({ day: from + i, active: active.get(from + i) ?? 0 }));
}

function dateOf(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

/** Throws 400. */
function dayParam(url: URL, name: 'from' | 'to'): number | null {
  const text = url.searchParams.get(name);
  if (text === null) return null;
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(at)) return at / DAY_MS;
  throw invalidRequest(`\`${name}\` must be a day.`, [
    { path: name, message: 'expected a day such as `2026-12-01`' },
  ]);
}
