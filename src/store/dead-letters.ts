import { cutPage, type TimeCursor } from './time-cursor.ts';

/** A message that was given up (`source` is `delivery`), or one that a queue could not get delivered. */
export interface DeadLetter {
  id: string;
  source: string;
  profileKey: string | null;
  messageId: string | null;
  code: string;
  attempts: number;
  /** The queue's message. */
  body: unknown;
  createdAt: number;
}

interface ListedDeadLetter extends DeadLetter {
  /** Of the delivery that it is about, where D1 knows it. */
  trigger: string | null;
  channel: string | null;
  reason: string | null;
}

const KEEP = `
INSERT INTO dead_letters (id, source, profile_key, message_id, code, attempts, body, created_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
ON CONFLICT (id) DO NOTHING`;

/** A statement that keeps a letter once. */
export function keepDeadLetter(db: D1Database, letter: DeadLetter): D1PreparedStatement {
  const { id, source, profileKey, messageId, code, attempts, createdAt } = letter;
  const body = letter.body === undefined ? null : JSON.stringify(letter.body);
  return db.prepare(KEEP).bind(id, source, profileKey, messageId, code, attempts, body, createdAt);
}

/** Newest first. */
export async function listDeadLetters(
  db: D1Database,
  options: { after?: TimeCursor; limit: number },
): Promise<{ items: ListedDeadLetter[]; cursor: string | null }> {
  const { after } = options;
  const { results } = await db
    .prepare(
      `SELECT l.*, d.trigger_id, d.channel, d.reason
       FROM dead_letters l LEFT JOIN deliveries d ON d.id = l.message_id
       ${after ? 'WHERE (l.created_at, l.id) < (?2, ?3)' : ''}
       ORDER BY l.created_at DESC, l.id DESC LIMIT ?1`,
    )
    .bind(options.limit + 1, ...(after ? [after.createdAt, after.id] : []))
    .all<Row>();
  return cutPage(results.map(fromRow), options.limit);
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
  trigger_id: string | null;
  channel: string | null;
  reason: string | null;
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
    trigger: row.trigger_id,
    channel: row.channel,
    reason: row.reason,
  };
}
