import { type DeliveryStatus, statusOfRank } from './delivery-status.ts';
import { cutPage, type TimeCursor } from './time-cursor.ts';

/** A message that was given up (`source` is `delivery`), or one that a queue could not get delivered. */
export interface DeadLetter {
  id: string;
  source: string;
  profileKey: string | null;
  messageId: string | null;
  code: string;
  /** With it, tells one failure of a message from the next. */
  attempts: number;
  /** The queue's message. */
  body: unknown;
  createdAt: number;
  /** Of the message; null where that isn't known. */
  expiresAt: number | null;
}

export interface ListedDeadLetter extends DeadLetter {
  /** Null where it has not been, or has failed again since. */
  replayedAt: number | null;
  /** Of the delivery that it is about, where D1 knows it. */
  trigger: string | null;
  channel: string | null;
  reason: string | null;
  status: DeliveryStatus | null;
}

export interface DeadLetterFilter {
  source?: string;
  code?: string;
  trigger?: string;
  channel?: string;
  messageId?: string;
  replayed?: boolean;
  after?: TimeCursor;
  limit: number;
}

/** One that was replayed and failed again is open again. */
const KEEP = `
INSERT INTO dead_letters (id, source, profile_key, message_id, code, attempts, body, created_at, expires_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
ON CONFLICT (id) DO UPDATE SET
  code = excluded.code, attempts = excluded.attempts, profile_key = excluded.profile_key, replayed_at = NULL
WHERE excluded.attempts > attempts`;

/** A statement that keeps a letter once for each failure. */
export function keepDeadLetter(db: D1Database, letter: DeadLetter): D1PreparedStatement {
  const { id, source, profileKey, messageId, code, attempts, createdAt, expiresAt } = letter;
  const body = letter.body === undefined ? null : JSON.stringify(letter.body);
  return db.prepare(KEEP).bind(id, source, profileKey, messageId, code, attempts, body, createdAt, expiresAt);
}

/** A statement that says that this failure of it was replayed. */
export function markReplayed(
  db: D1Database,
  { id, attempts }: Pick<DeadLetter, 'id' | 'attempts'>,
  at: number | null,
): D1PreparedStatement {
  return db
    .prepare('UPDATE dead_letters SET replayed_at = ?3 WHERE id = ?1 AND attempts = ?2')
    .bind(id, attempts, at);
}

const SELECT = `
SELECT l.*, d.trigger_id, d.channel, d.reason, d.status
FROM dead_letters l LEFT JOIN deliveries d ON d.id = l.message_id`;

export async function readDeadLetter(db: D1Database, id: string): Promise<ListedDeadLetter | null> {
  const row = await db
    .withSession('first-primary')
    .prepare(`${SELECT} WHERE l.id = ?1`)
    .bind(id)
    .first<Row>();
  return row && fromRow(row);
}

/** Newest first. Filters read past what doesn't match. */
export async function listDeadLetters(
  db: D1Database,
  filter: DeadLetterFilter,
): Promise<{ items: ListedDeadLetter[]; cursor: string | null }> {
  const conditions: string[] = [];
  const values: (string | number)[] = [];
  const where = (condition: string, ...bound: (string | number)[]) => {
    conditions.push(condition);
    values.push(...bound);
  };
  const { source, code, trigger, channel, messageId, replayed, after } = filter;
  if (source !== undefined) where('l.source = ?', source);
  if (code !== undefined) where('l.code = ?', code);
  if (messageId !== undefined) where('l.message_id = ?', messageId);
  if (trigger !== undefined) where('d.trigger_id = ?', trigger);
  if (channel !== undefined) where('d.channel = ?', channel);
  if (replayed !== undefined) where(`l.replayed_at IS ${replayed ? 'NOT NULL' : 'NULL'}`);
  if (after) where('(l.created_at, l.id) < (?, ?)', after.createdAt, after.id);
  const { results } = await db
    .prepare(
      `${SELECT} ${conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''}
       ORDER BY l.created_at DESC, l.id DESC LIMIT ?`,
    )
    .bind(...values, filter.limit + 1)
    .all<Row>();
  return cutPage(results.map(fromRow), filter.limit);
}

interface Row {
  id: string;
  source: string;
  profile_key: string | null;
  message_id: string | null;
  code: string;
  attempts: number;
  body: string | null;
  created_at: number;
  expires_at: number | null;
  replayed_at: number | null;
  trigger_id: string | null;
  channel: string | null;
  reason: string | null;
  status: number | null;
}

function fromRow(row: Row): ListedDeadLetter {
  return {
    id: row.id,
    source: row.source,
    profileKey: row.profile_key,
    messageId: row.message_id,
    code: row.code,
    attempts: row.attempts,
    body: row.body === null ? null : (JSON.parse(row.body) as unknown),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    replayedAt: row.replayed_at,
    trigger: row.trigger_id,
    channel: row.channel,
    reason: row.reason,
    status: row.status === null ? null : statusOfRank(row.status),
  };
}
