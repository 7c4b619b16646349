/** Deliveries and conversions of all profiles, a bounded page of rows at a time, for who takes them elsewhere. */
import type { StoredLine, WorkspaceLine } from '../protocol/workspace-export-schema.ts';
import { decisionLines, namedDecisions } from './decisions.ts';
import { type DeliveryStatus, statusOfRank } from './delivery-status.ts';
import { readCursor, type TimeCursor } from './time-cursor.ts';

export interface ExportSpan {
  fromAt: number;
  toAt: number;
}

export interface ExportRows<Line = WorkspaceLine> {
  lines: Line[];
  /** Null: these were the last. */
  cursor: string | null;
}

/**
 * Some of them by name: a message's id, or a profile's key and the number of the fact that told of it, and of decisions
 * how many lines that fact has.
 */
export interface ExportNames {
  deliveries: string[];
  conversions: [profile: string, seq: number][];
  decisions: [profile: string, seq: number, lines: number][];
}

type MessageLine = Extract<StoredLine, { type: 'delivery' | 'conversion' }>;

const PAGE_ROWS = 1_000;
/** Conversions have no index by time alone: so many rows are looked at for a page. */
const LOOKED_AT_ROWS = 5_000;

interface ByTrigger {
  profile_key: string;
  trigger_id: string;
  trigger_version: number;
  variant: string | null;
}

interface DeliveryRow extends ByTrigger {
  id: string;
  channel: string;
  status: number;
  reason: string;
  attempts: number;
  created_at: number;
  sent_at: number | null;
}

const SELECT_DELIVERIES =
  'SELECT id, profile_key, trigger_id, trigger_version, variant, channel, status, reason, attempts, created_at, sent_at FROM deliveries';

/** Oldest first. Null for a cursor that is none. */
export async function exportDeliveries(
  db: D1Database,
  { fromAt, toAt }: ExportSpan,
  cursor: string | null,
): Promise<ExportRows<MessageLine> | null> {
  const after: TimeCursor | null = cursor === null ? { createdAt: fromAt, id: '' } : readCursor(cursor);
  if (!after) return null;
  const { results } = await db
    .prepare(
      `${SELECT_DELIVERIES} WHERE (created_at, id) > (?1, ?2) AND created_at < ?3 AND test = 0
        ORDER BY created_at, id LIMIT ?4`,
    )
    .bind(after.createdAt, after.id, toAt, PAGE_ROWS)
    .all<DeliveryRow>();
  const lines = results.map(deliveryLine);
  const last = results.at(-1);
  const isFull = results.length === PAGE_ROWS && last;
  return { lines, cursor: isFull ? `${last.created_at.toString(36)}.${last.id}` : null };
}

interface ConversionRow extends ByTrigger {
  fact_seq: number;
  goal: string;
  held_out: number;
  value: number | null;
  sent_at: number;
  converted_at: number;
}

const CONVERSION_CURSOR = /^(-?\d{1,15})\.(.{1,160})$/su;

/** In the order of profiles. Null for a cursor that is none. */
export async function exportConversions(
  db: D1Database,
  { fromAt, toAt }: ExportSpan,
  cursor: string | null,
): Promise<ExportRows<MessageLine> | null> {
  const [, seq, key] = cursor === null ? [null, '0', ''] : (CONVERSION_CURSOR.exec(cursor) ?? []);
  if (seq === undefined || key === undefined) return null;
  const { results } = await db
    .prepare(
      'SELECT * FROM conversions WHERE (profile_key, fact_seq) > (?1, ?2) ORDER BY profile_key, fact_seq LIMIT ?3',
    )
    .bind(key, Number(seq), LOOKED_AT_ROWS)
    .all<ConversionRow>();
  const lines = results
    .filter(({ converted_at }) => converted_at >= fromAt && converted_at < toAt)
    .map(conversionLine);
  const last = results.at(-1);
  const isFull = results.length === LOOKED_AT_ROWS && last;
  return { lines, cursor: isFull ? `${last.fact_seq}.${last.profile_key}` : null };
}

/**
 * As they are now, each kind in the order of its ids; those that aren't there, or were sent by hand to try them, are left out.
 * From the primary: what has just been written is seen.
 */
export async function exportNamed(db: D1Database, names: ExportNames): Promise<StoredLine[]> {
  const primary = db.withSession('first-primary');
  const [deliveries, conversions, decisions] = await primary.batch([
    primary
      .prepare(`${SELECT_DELIVERIES} WHERE id IN (SELECT value FROM json_each(?1)) AND test = 0 ORDER BY id`)
      .bind(JSON.stringify(names.deliveries)),
    primary
      .prepare(
        `SELECT * FROM conversions WHERE (profile_key, fact_seq) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?1))
          ORDER BY profile_key, fact_seq`,
      )
      .bind(JSON.stringify(names.conversions)),
    namedDecisions(primary, names.decisions),
  ]);
  return [
    ...((deliveries?.results ?? []) as DeliveryRow[]).map(deliveryLine),
    ...((conversions?.results ?? []) as ConversionRow[]).map(conversionLine),
    ...((decisions?.results ?? []) as Parameters<typeof decisionLines>[0][]).flatMap(decisionLines),
  ];
}

function deliveryLine(row: DeliveryRow): MessageLine {
  const { id, channel, reason, attempts } = row;
  const status: DeliveryStatus = statusOfRank(row.status);
  const times = { createdAt: iso(row.created_at), sentAt: row.sent_at === null ? null : iso(row.sent_at) };
  return { type: 'delivery', id, ...by(row), channel, status, reason, attempts, ...times };
}

function conversionLine(row: ConversionRow): MessageLine {
  const { goal, value } = row;
  const times = { sentAt: iso(row.sent_at), convertedAt: iso(row.converted_at) };
  const id = `${row.profile_key}:${row.fact_seq}`;
  return { type: 'conversion', id, ...by(row), goal, heldOut: row.held_out === 1, value, ...times };
}

function by({ profile_key, trigger_id, trigger_version, variant }: ByTrigger) {
  return { profile: profile_key, trigger: trigger_id, version: trigger_version, variant };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
