/**
 * What providers report of deliveries. A delivery's status only rises (`delivery-status.ts`); the first report of each kind
 * is kept beside it. Writing any of it twice is writing it once.
 */
import type { ReportKind } from '../engine/runs/hear-report.ts';
import type { Channel } from '../engine/trigger.ts';
import { type DeliveryStatus, statusRank } from './delivery-status.ts';

export interface DeliveryReport {
  /** The message's id. */
  id: string;
  kind: ReportKind;
  provider: string;
  code: string;
  reportedAt: number;
}

/** A complaint is about a message that arrived; an opt-out says nothing of it. */
const STATUS_OF: { [K in ReportKind]: DeliveryStatus | null } = {
  delivered: 'delivered',
  opened: 'shown',
  clicked: 'clicked',
  failed: 'failed',
  bounced: 'failed',
  refused: 'failed',
  complained: 'delivered',
  opted_out: null,
};

/** Whether such a report says how its delivery stands. */
export function changesDelivery(kind: ReportKind): boolean {
  return STATUS_OF[kind] !== null;
}

/** Statements: the report, and what it says of its delivery. Of a message that isn't there, nothing. */
export function keepReport(db: D1Database, report: DeliveryReport, now: number): D1PreparedStatement[] {
  const { id, kind, provider, code, reportedAt } = report;
  const kept = db
    .prepare(
      `INSERT INTO delivery_reports (id, kind, provider, code, reported_at) VALUES (?1, ?2, ?3, ?4, ?5)
       ON CONFLICT (id, kind) DO NOTHING`,
    )
    .bind(id, kind, provider, code, reportedAt);
  const status = STATUS_OF[kind];
  if (status === null) return [kept];
  const reason = status === 'failed' ? 'provider_error' : status === 'delivered' ? 'sent' : 'shown';
  const raised = db
    .prepare(
      // What was taken for lost was sent after all, some time before this.
      `UPDATE deliveries SET status = ?2, reason = ?3, sent_at = coalesce(sent_at, ?4), updated_at = max(updated_at, ?5)
       WHERE id = ?1 AND status < ?2`,
    )
    .bind(id, statusRank(status), reason, status === 'failed' ? null : reportedAt, now);
  return [kept, raised];
}

export interface Reported {
  profileKey: string;
  channel: Channel;
}

/** Whose messages these are; without those that nobody knows. */
export async function reportedMessages(
  db: D1Database,
  ids: readonly string[],
): Promise<Map<string, Reported>> {
  if (ids.length === 0) return new Map();
  const { results } = await db
    .withSession('first-primary')
    .prepare('SELECT id, profile_key, channel FROM deliveries WHERE id IN (SELECT value FROM json_each(?1))')
    .bind(JSON.stringify(ids))
    .all<{ id: string; profile_key: string; channel: Channel }>();
  return new Map(results.map(({ id, profile_key, channel }) => [id, { profileKey: profile_key, channel }]));
}

const DAY_MS = 86_400_000;

/** A statement that counts reports that led to no message. */
export function countStrays(db: D1Database, provider: string, n: number, now: number): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO stray_reports (provider, day, n) VALUES (?1, ?2, ?3)
       ON CONFLICT (provider, day) DO UPDATE SET n = n + ?3`,
    )
    .bind(provider, Math.floor(now / DAY_MS), n);
}

/** How many there were in the last seven days. */
export async function strayReports(db: D1Database, provider: string, now: number): Promise<number> {
  const row = await db
    .prepare('SELECT sum(n) AS n FROM stray_reports WHERE provider = ?1 AND day > ?2')
    .bind(provider, Math.floor(now / DAY_MS) - 7)
    .first<{ n: number | null }>();
  return row?.n ?? 0;
}
