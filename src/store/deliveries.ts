/**
 * One row a message. Whoever learns something writes the whole row: the first makes it, later ones only raise it (see
 * `delivery-status.ts`). Repeating a write writes nothing.
 */

import type { Reason } from '../engine/reasons.ts';
import type { Channel } from '../engine/trigger.ts';
import { type DeliveryStatus, statusOfRank, statusRank } from './delivery-status.ts';

export interface DeliveryRecord {
  id: string;
  profileKey: string;
  trigger: string;
  version: number;
  variant: string | null;
  channel: Channel;
  status: DeliveryStatus;
  reason: Reason;
  /** How often the provider was asked; 0 where the writer doesn't know. */
  attempts: number;
  createdAt: number;
  sentAt: number | null;
  updatedAt: number;
  /** When the app said so first; absent where this writer hasn't heard of it. */
  shownAt?: number;
  clickedAt?: number;
  dismissedAt?: number;
  /** Sent by hand to a test user: listed, and counted nowhere. */
  test?: true;
}

/** D1 takes at most 2 MB in one bound value; a record is some 300 bytes. */
const RECORDS_PER_STATEMENT = 1_000;

const MARKS = ['shown_at', 'clicked_at', 'dismissed_at'];
const earlier = (column: string) =>
  `min(coalesce(${column}, excluded.${column}), coalesce(excluded.${column}, ${column}))`;

const RAISE = `
INSERT INTO deliveries
  (id, profile_key, trigger_id, trigger_version, variant, channel, status, reason, attempts, created_at, sent_at, updated_at,
   test, shown_at, clicked_at, dismissed_at)
SELECT
  value ->> 'id', value ->> 'profileKey', value ->> 'trigger', value ->> 'version', value ->> 'variant',
  value ->> 'channel', value ->> 'rank', value ->> 'reason', value ->> 'attempts', value ->> 'createdAt',
  value ->> 'sentAt', value ->> 'updatedAt', coalesce(value ->> 'test', 0),
  value ->> 'shownAt', value ->> 'clickedAt', value ->> 'dismissedAt'
FROM json_each(?1)
WHERE true
ON CONFLICT (id) DO UPDATE SET
  reason = CASE WHEN excluded.status > status THEN excluded.reason ELSE reason END,
  status = max(status, excluded.status),
  attempts = max(attempts, excluded.attempts),
  sent_at = ${earlier('sent_at')},
  updated_at = max(updated_at, excluded.updated_at),
  ${MARKS.map((mark) => `${mark} = ${earlier(mark)}`).join(',\n  ')}
WHERE excluded.status > status
  OR excluded.attempts > attempts
  OR (excluded.sent_at IS NOT NULL AND (sent_at IS NULL OR excluded.sent_at < sent_at))
  ${MARKS.map((mark) => `OR (excluded.${mark} IS NOT NULL AND excluded.${mark} < coalesce(${mark}, excluded.${mark} + 1))`).join('\n  ')}`;

/** Statements for one `db.batch`, together with what else must be written. Few, however many records there are. */
export function raiseDeliveries(db: D1Database, records: readonly DeliveryRecord[]): D1PreparedStatement[] {
  const statements: D1PreparedStatement[] = [];
  for (let from = 0; from < records.length; from += RECORDS_PER_STATEMENT) {
    const rows = records
      .slice(from, from + RECORDS_PER_STATEMENT)
      .map(({ status, ...record }) => ({ ...record, rank: statusRank(status) }));
    statements.push(db.prepare(RAISE).bind(JSON.stringify(rows)));
  }
  return statements;
}

/** A statement: what was given up after so many attempts is open again. Later failures stay. */
export function reopenDelivery(
  db: D1Database,
  id: string,
  attempts: number,
  at: number,
): D1PreparedStatement {
  const givenUp = (['unknown', 'failed', 'dead'] as const).map(statusRank).join(', ');
  return db
    .prepare(
      `UPDATE deliveries SET status = ?3, reason = 'queued', updated_at = max(updated_at, ?4)
       WHERE id = ?1 AND attempts <= ?2 AND status IN (${givenUp})`,
    )
    .bind(id, attempts, statusRank('queued'), at);
}

/** What earlier attempts recorded; null where none did. Read from the primary: it decides whether to send again. */
export async function readDelivery(
  db: D1Database,
  id: string,
): Promise<{ status: DeliveryStatus; reason: string; attempts: number; sentAt: number | null } | null> {
  const row = await db
    .withSession('first-primary')
    .prepare('SELECT status, reason, attempts, sent_at FROM deliveries WHERE id = ?1')
    .bind(id)
    .first<{ status: number; reason: string; attempts: number; sent_at: number | null }>();
  if (!row) return null;
  return {
    status: statusOfRank(row.status),
    reason: row.reason,
    attempts: row.attempts,
    sentAt: row.sent_at,
  };
}
