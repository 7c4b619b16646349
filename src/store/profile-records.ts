/** What D1 holds of one profile, for its owner: deliveries, what providers report of them, conversions, hold-outs, segments and dead letters. */

import { JOURNEY_STAGES, type ReactionKind } from '../engine/reporting/report-facts.ts';
import type { Channel } from '../engine/trigger.ts';
import type { Json, JsonObject } from '../engine/vocabulary.ts';
import type { ExportLine } from '../protocol/export-schema.ts';
import { listDeliveries } from './delivery-list.ts';
import { readCursor } from './time-cursor.ts';

const PAGE_ROWS = 200;

/** Rows as lines of an export, in pages. `keys`: all keys under which the profile's rows may stand. */
export async function* profileRecords(db: D1Database, keys: readonly string[]): AsyncGenerator<ExportLine[]> {
  let cursor: string | null = null;
  do {
    const after = cursor === null ? null : readCursor(cursor);
    const page = await listDeliveries(db, { profileKeys: keys, limit: PAGE_ROWS, ...(after && { after }) });
    yield page.items.map((item) => ({
      type: 'delivery' as const,
      id: item.id,
      trigger: item.trigger,
      version: item.version,
      variant: item.variant,
      channel: item.channel,
      status: item.status,
      reason: item.reason,
      attempts: item.attempts,
      createdAt: iso(item.createdAt),
      sentAt: item.sentAt === null ? null : iso(item.sentAt),
      content: item.content,
    }));
    cursor = page.cursor;
  } while (cursor !== null);
  for (const key of keys) {
    yield* paged(db, REPORTS, key, toReport);
    yield* paged(db, CONVERSIONS, key, toConversion);
    yield* paged(db, HOLDOUTS, key, toHoldout);
    yield* paged(db, EXPOSURES, key, toExposure);
    yield* paged(db, REACTIONS, key, toReaction);
    yield* paged(db, DAYS, key, toDay);
    yield* paged(db, STAGES, key, toStage);
    yield* paged(db, SHADOW_SENDS, key, toShadowSend);
    yield* paged(db, DECISIONS, key, toDecisions);
    yield* paged(db, MEMBERSHIPS, key, toMembership);
    yield* paged(db, LETTERS, key, toLetter);
  }
}

const REPORTS = `SELECT r.* FROM delivery_reports r JOIN deliveries d ON d.id = r.id
  WHERE d.profile_key = ?1 ORDER BY d.created_at, r.id, r.kind LIMIT ?2 OFFSET ?3`;
const CONVERSIONS = `SELECT * FROM conversions WHERE profile_key = ?1 ORDER BY fact_seq LIMIT ?2 OFFSET ?3`;
const HOLDOUTS = `SELECT * FROM holdouts WHERE profile_key = ?1 ORDER BY id LIMIT ?2 OFFSET ?3`;
const EXPOSURES = `SELECT * FROM exposures WHERE profile_key = ?1 ORDER BY trigger_id, experiment LIMIT ?2 OFFSET ?3`;
const REACTIONS = `SELECT * FROM reactions WHERE profile_key = ?1 ORDER BY fact_seq LIMIT ?2 OFFSET ?3`;
const DAYS = `SELECT * FROM active_days WHERE profile_key = ?1 ORDER BY day LIMIT ?2 OFFSET ?3`;
const STAGES = `SELECT * FROM journey_stages WHERE profile_key = ?1 ORDER BY stage LIMIT ?2 OFFSET ?3`;
const SHADOW_SENDS = `SELECT * FROM shadow_sends WHERE profile_key = ?1 ORDER BY fact_seq LIMIT ?2 OFFSET ?3`;
const DECISIONS = `SELECT * FROM decisions WHERE profile_key = ?1 ORDER BY fact_seq LIMIT ?2 OFFSET ?3`;
const MEMBERSHIPS = `SELECT * FROM segment_members WHERE profile_key = ?1 ORDER BY segment_id LIMIT ?2 OFFSET ?3`;
const LETTERS = `SELECT * FROM dead_letters WHERE profile_key = ?1 ORDER BY id LIMIT ?2 OFFSET ?3`;

async function* paged<Row>(
  db: D1Database,
  sql: string,
  key: string,
  toLine: (row: Row) => ExportLine,
): AsyncGenerator<ExportLine[]> {
  for (let offset = 0; ; offset += PAGE_ROWS) {
    const { results } = await db.prepare(sql).bind(key, PAGE_ROWS, offset).all<Row>();
    if (results.length > 0) yield results.map(toLine);
    if (results.length < PAGE_ROWS) return;
  }
}

interface ByTrigger {
  trigger_id: string;
  trigger_version: number;
  variant: string | null;
}

const byTrigger = ({ trigger_id, trigger_version, variant }: ByTrigger) => ({
  trigger: trigger_id,
  version: trigger_version,
  variant,
});

interface ReportRow {
  id: string;
  kind: string;
  provider: string;
  code: string;
  reported_at: number;
}

function toReport({ id: messageId, kind, provider, code, reported_at }: ReportRow): ExportLine {
  return { type: 'delivery_report', messageId, kind, provider, code, at: iso(reported_at) };
}

interface ConversionRow extends ByTrigger {
  goal: string;
  held_out: number;
  value: number | null;
  currency: string | null;
  channel: string | null;
  credited: number;
  sent_at: number;
  converted_at: number;
}

function toConversion(row: ConversionRow): ExportLine {
  const { goal, value, currency, channel } = row;
  const credited = row.credited === 1;
  const times = { sentAt: iso(row.sent_at), convertedAt: iso(row.converted_at) };
  return {
    type: 'conversion',
    ...byTrigger(row),
    goal,
    heldOut: row.held_out === 1,
    value,
    currency,
    channel,
    credited,
    ...times,
  };
}

interface HoldoutRow extends ByTrigger {
  id: string;
  channel: Channel;
  held_out_at: number;
}

function toHoldout(row: HoldoutRow): ExportLine {
  const { id, channel } = row;
  return { type: 'holdout', id, ...byTrigger(row), channel, heldOutAt: iso(row.held_out_at) };
}

interface ExposureRow {
  trigger_id: string;
  experiment: string;
  variant: string | null;
  held_out: number;
  exposed_at: number;
}

function toExposure({ trigger_id: trigger, experiment, variant, ...row }: ExposureRow): ExportLine {
  return {
    type: 'exposure',
    trigger,
    experiment,
    variant,
    heldOut: row.held_out === 1,
    at: iso(row.exposed_at),
  };
}

interface ReactionRow {
  trigger_id: string;
  variant: string | null;
  channel: string;
  kind: ReactionKind;
  held_out: number;
  sent_at: number;
  reacted_at: number;
}

function toReaction({ trigger_id: trigger, variant, channel, kind, ...row }: ReactionRow): ExportLine {
  const times = { sentAt: iso(row.sent_at), at: iso(row.reacted_at) };
  return { type: 'reaction', kind, trigger, variant, channel, heldOut: row.held_out === 1, ...times };
}

function toDay({ day }: { day: number }): ExportLine {
  return { type: 'active_day', day: iso(day * 86_400_000).slice(0, 10) };
}

function toStage({ stage, reached_at }: { stage: number; reached_at: number }): ExportLine {
  return { type: 'journey_stage', stage: JOURNEY_STAGES[stage] ?? 'entered', at: iso(reached_at) };
}

interface ShadowRow extends ByTrigger {
  channel: Channel;
  held_out: number;
  decided_at: number;
}

/** A message that a version in shadow would have sent. */
function toShadowSend(row: ShadowRow): ExportLine {
  const { channel, held_out, decided_at } = row;
  const decidedAt = iso(decided_at);
  return { type: 'shadow_send', ...byTrigger(row), channel, heldOut: held_out === 1, decidedAt };
}

interface DecisionsRow {
  event_key: string;
  event_name: string;
  answers: string;
  decided_at: number;
}

/** What the exports of decisions are made of. */
function toDecisions({ event_key: eventKey, event_name: name, ...row }: DecisionsRow): ExportLine {
  return {
    type: 'exported_decisions',
    eventKey,
    name,
    at: iso(row.decided_at),
    answers: JSON.parse(row.answers),
  };
}

interface MemberRow {
  segment_id: string;
  is_member: number;
  changed_at: number;
}

function toMembership({ segment_id: segment, is_member, changed_at }: MemberRow): ExportLine {
  return { type: 'segment_member', segment, member: is_member === 1, at: iso(changed_at) };
}

interface LetterRow {
  id: string;
  source: string;
  message_id: string | null;
  code: string;
  attempts: number;
  body: string | null;
  created_at: number;
}

function toLetter({
  id,
  source,
  message_id: messageId,
  code,
  attempts,
  body,
  created_at,
}: LetterRow): ExportLine {
  const parsed = body === null ? null : (JSON.parse(body) as Json & JsonObject);
  return {
    type: 'dead_letter',
    id,
    source,
    messageId,
    code,
    attempts,
    createdAt: iso(created_at),
    body: parsed,
  };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
