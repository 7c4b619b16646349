/**
 * `export/decisions|deliveries|conversions|events`: what a deployment knows, as NDJSON, for who keeps it elsewhere. A request
 * answers as much as it may; its last line says where the next one goes on.
 *
 * Deliveries and conversions come from D1, which knows profiles by key alone. Events and decisions, those that sent nothing
 * too, come from the profiles themselves: no other place has them.
 */
import type { Env } from '../../bindings.ts';
import { eventKeyOf } from '../../engine/reporting/tell-decisions.ts';
import { invalidRequest } from '../../http/api-error.ts';
import type { RequestContext, Route } from '../../http/route.ts';
import type { RecordedEvent } from '../../protocol/profile-data-rpc.ts';
import type { ProfileRef } from '../../protocol/rpc.ts';
import { profileStub } from '../../protocol/stubs.ts';
import type { WorkspaceLine } from '../../protocol/workspace-export-schema.ts';
import {
  type ExportRows,
  type ExportSpan,
  exportConversions,
  exportDeliveries,
} from '../../store/export-rows.ts';
import { type Place, placeText, readPlace, START, sampledProfiles } from '../backtest/sampled-profiles.ts';
import { Spending } from '../backtest/spending.ts';
import { instantOf } from '../instant-of.ts';

type Read = (env: Env, span: ExportSpan, cursor: string | null) => Promise<ExportRows | null>;

const EXPORTS: Record<string, Read> = {
  deliveries: ({ DB }, span, cursor) => exportDeliveries(DB, span, cursor),
  conversions: ({ DB }, span, cursor) => exportConversions(DB, span, cursor),
  events: (env, span, cursor) => fromProfiles(env, span, cursor, eventLines),
  decisions: (env, span, cursor) => fromProfiles(env, span, cursor, decisionLines),
};

/** Of the 1,000 calls that one invocation may make. */
const CALLS = 900;
/** No profile is begun after so many. */
const LINES = 5_000;
/** What the longest life takes is left for the last profile. */
const CALLS_OF_A_LIFE = 50;
const PROFILES_A_PAGE = 200;

export function exportRoutes(): Route[] {
  return Object.entries(EXPORTS).map(([name, read]) => ({
    method: 'GET',
    path: `/admin/api/export/${name}`,
    auth: 'admin',
    handle: (_request, context) => answer(context, read),
  }));
}

/** `?from=` and `?to=` are instants: from ≤ then < to. */
async function answer({ env, url, now }: RequestContext, read: Read): Promise<Response> {
  const span = { fromAt: instantOf(url, 'from') ?? 0, toAt: instantOf(url, 'to') ?? now + 1 };
  const rows = await read(env, span, url.searchParams.get('cursor'));
  if (!rows) {
    const issues = [
      { path: 'cursor', message: 'expected the `cursor` of the last line of the answer before' },
    ];
    throw invalidRequest('`cursor` must be one that this export has answered.', issues);
  }
  const end: WorkspaceLine = { type: 'end', lines: rows.lines.length, cursor: rows.cursor };
  const body = [...rows.lines, end].map((line) => `${JSON.stringify(line)}\n`).join('');
  const headers = { 'content-type': 'application/x-ndjson; charset=utf-8', 'cache-control': 'no-store' };
  return new Response(body, { headers });
}

type Whose = { profile: string; userId: string | null; anonymousId: string | null };
type LinesOf = (event: RecordedEvent, whose: Whose) => WorkspaceLine[];

async function fromProfiles(
  env: Env,
  span: ExportSpan,
  cursor: string | null,
  linesOf: LinesOf,
): Promise<ExportRows | null> {
  const from = cursor === null ? START : readPlace(cursor);
  if (!from) return null;
  const spending = new Spending(CALLS);
  const lines: WorkspaceLine[] = [];
  let next: Place | null = from;
  for await (const step of sampledProfiles(env, from, PROFILES_A_PAGE, spending)) {
    const isFull = lines.length >= LINES || !spending.has(CALLS_OF_A_LIFE);
    if (step.key !== null && isFull) break;
    if (step.key !== null) {
      for await (const [event, whose] of eventsOf(env, step.key, span, spending)) {
        lines.push(...linesOf(event, whose));
      }
    }
    next = step.next;
  }
  return { lines, cursor: next && placeText(next) };
}

/** None of a profile that is gone, or has become another's, which tells them. */
async function* eventsOf(
  env: Env,
  key: string,
  { fromAt, toAt }: ExportSpan,
  spending: Spending,
): AsyncGenerator<[RecordedEvent, Whose]> {
  let whose: Whose = { profile: key, userId: null, anonymousId: null };
  let cursor: number | null = null;
  do {
    spending.spend();
    const part = await profileStub(env, key).recording(cursor, true);
    if (part.kind !== 'part') return;
    if (part.who) whose = whoseOf(part.who.profile);
    for (const event of part.events) {
      if (event.takenAt >= fromAt && event.takenAt < toAt) yield [event, whose];
    }
    cursor = part.cursor;
  } while (cursor !== null);
}

function whoseOf({ kind, id, key }: ProfileRef): Whose {
  return { profile: key, userId: kind === 'user' ? id : null, anonymousId: kind === 'anonymous' ? id : null };
}

function eventLines(
  { messageId, name, timestamp, properties, context, origin }: RecordedEvent,
  whose: Whose,
) {
  if (name === '$timer') return [];
  const line: WorkspaceLine = {
    ...{ type: 'event', ...whose, messageId, eventKey: eventKeyOf(messageId) },
    ...{ name, timestamp: iso(timestamp) },
    ...{ properties, context, origin },
  };
  return [line];
}

function decisionLines({ messageId: event, name, takenAt, trace = [] }: RecordedEvent, whose: Whose) {
  const about = { ...whose, event, eventKey: eventKeyOf(event), name, at: iso(takenAt) };
  return trace.map(({ id: trigger, ...decided }): WorkspaceLine => {
    return { type: 'decision', ...about, trigger, ...decided };
  });
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
