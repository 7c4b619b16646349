import type { Channel } from '../engine/trigger.ts';
import type { JsonObject } from '../engine/vocabulary.ts';
import type { DeliveryRecord } from './deliveries.ts';
import { type DeliveryStatus, statusOfRank, statusRank } from './delivery-status.ts';
import { cutPage, type TimeCursor } from './time-cursor.ts';

export interface DeliveryFilter {
  trigger?: string;
  /** All keys under which one user's deliveries may stand. */
  profileKeys?: readonly string[];
  channel?: Channel;
  status?: DeliveryStatus;
  after?: TimeCursor;
  limit: number;
}

export interface ListedDelivery extends Omit<DeliveryRecord, 'reason'> {
  reason: string;
  /** What the development provider kept. */
  content: JsonObject | null;
}

interface Row {
  id: string;
  profile_key: string;
  trigger_id: string;
  trigger_version: number;
  variant: string | null;
  channel: Channel;
  status: number;
  reason: string;
  attempts: number;
  created_at: number;
  sent_at: number | null;
  updated_at: number;
  test: number;
  content: string | null;
}

/** Newest first. A filter by channel or status alone reads past what doesn't match; trigger and profile are indexed. */
export async function listDeliveries(
  db: D1Database,
  filter: DeliveryFilter,
): Promise<{ items: ListedDelivery[]; cursor: string | null }> {
  const conditions: string[] = [];
  const values: (string | number)[] = [];
  const where = (condition: string, ...bound: (string | number)[]) => {
    conditions.push(condition);
    values.push(...bound);
  };
  if (filter.trigger !== undefined) where('d.trigger_id = ?', filter.trigger);
  if (filter.profileKeys) {
    where('d.profile_key IN (SELECT value FROM json_each(?))', JSON.stringify(filter.profileKeys));
  }
  if (filter.channel) where('d.channel = ?', filter.channel);
  if (filter.status) where('d.status = ?', statusRank(filter.status));
  if (filter.after) where('(d.created_at, d.id) < (?, ?)', filter.after.createdAt, filter.after.id);
  const { results } = await db
    .prepare(
      `SELECT d.*, c.content FROM deliveries d LEFT JOIN delivery_contents c ON c.id = d.id
       ${conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''}
       ORDER BY d.created_at DESC, d.id DESC LIMIT ?`,
    )
    .bind(...values, filter.limit + 1)
    .all<Row>();
  return cutPage(results.map(fromRow), filter.limit);
}

function fromRow(row: Row): ListedDelivery {
  return {
    id: row.id,
    profileKey: row.profile_key,
    trigger: row.trigger_id,
    version: row.trigger_version,
    variant: row.variant,
    channel: row.channel,
    status: statusOfRank(row.status),
    reason: row.reason,
    attempts: row.attempts,
    createdAt: row.created_at,
    sentAt: row.sent_at,
    updatedAt: row.updated_at,
    ...(row.test === 1 && { test: true as const }),
    content: row.content === null ? null : (JSON.parse(row.content) as JsonObject),
  };
}
