/** What D1 holds of one profile, for its owner: deliveries, conversions, hold-outs, segments and dead letters. */
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
    yield* paged(db, CONVERSIONS, key, toConversion);
    yield* paged(db, HOLDOUTS, key, toHoldout);
    yield* paged(db, SHADOW_SENDS, key, toShadowSend);
    yield* paged(db, MEMBERSHIPS, key, toMembership);
    yield* paged(db, LETTERS, key, toLetter);
  }
}

const CONVERSIONS = `SELECT * FROM conversions WHERE profile_key = ?1 ORDER BY fact_seq LIMIT ?2 OFFSET ?3`;
const HOLDOUTS = `SELECT * FROM holdouts WHERE profile_key = ?1 ORDER BY id LIMIT ?2 OFFSET ?3`;
const SHADOW_SENDS = `SELECT * FROM shadow_sends WHERE profile_key = ?1 ORDER BY fact_seq LIMIT ?2 OFFSET ?3`;
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

interface ConversionRow extends ByTrigger {
  goal: string;
  held_out: number;
  value: number | null;
  sent_at: number;
  converted_at: number;
}

function toConversion(row: ConversionRow): ExportLine {
  const { goal, value } = row;
  const times = { sentAt: iso(row.sent_at), convertedAt: iso(row.converted_at) };
  return { type: 'conversion', ...byTrigger(row), goal, heldOut: row.held_out === 1, value, ...times };
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
