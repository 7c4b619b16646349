/** What triggers answered to each event, as the facts tell of it where the workspace exports decisions. */
import type { Answer } from '../engine/reporting/report-facts.ts';
import type { StoredLine } from '../protocol/workspace-export-schema.ts';
import type { ExportRows, ExportSpan } from './export-rows.ts';
import type { ProfileFacts } from './profile-facts.ts';
import { readCursor, type TimeCursor } from './time-cursor.ts';

const DAY_MS = 86_400_000;
/** The stream gives up after hours, and what it gave up can be replayed as long as there is a row. */
export const DECISIONS_KEPT_MS = 14 * DAY_MS;
/** A value that is bound may have 2 MB, and a character three bytes. */
const CHARS_PER_STATEMENT = 500_000;
/** Of up to a hundred lines each. */
const PAGE_ROWS = 500;

export function keepDecisions(db: D1Database, profiles: readonly ProfileFacts[]): D1PreparedStatement[] {
  const rows = profiles.flatMap(({ profileKey, facts }) =>
    facts.flatMap(({ seq, at, decided, first }) =>
      decided ? [JSON.stringify({ ...decided, ...(first ?? { profile: profileKey, seq }), at })] : [],
    ),
  );
  return inParts(rows).map((part) =>
    db
      .prepare(
        `INSERT INTO decisions (profile_key, fact_seq, event_key, event_name, answers, decided_at)
         SELECT value ->> 'profile', value ->> 'seq', value ->> 'eventKey', value ->> 'name', value ->> 'answers', value ->> 'at'
         FROM json_each(?1) WHERE true ON CONFLICT DO NOTHING`,
      )
      .bind(`[${part.join()}]`),
  );
}

function inParts(rows: readonly string[]): string[][] {
  const parts: string[][] = [];
  let chars = Number.POSITIVE_INFINITY;
  for (const row of rows) {
    if (chars + row.length > CHARS_PER_STATEMENT) {
      parts.push([]);
      chars = 0;
    }
    chars += row.length;
    parts.at(-1)?.push(row);
  }
  return parts;
}

interface DecisionRow {
  profile_key: string;
  fact_seq: number;
  event_key: string;
  event_name: string;
  answers: string;
  decided_at: number;
}

/** Oldest first. Null for a cursor that is none. */
export async function exportDecisions(
  db: D1Database,
  { fromAt, toAt }: ExportSpan,
  cursor: string | null,
): Promise<ExportRows<StoredLine> | null> {
  const after = cursor === null ? { at: fromAt, profile: '', seq: 0 } : placeOf(readCursor(cursor));
  if (!after) return null;
  const { results } = await db
    .prepare(
      `SELECT * FROM decisions WHERE (decided_at, profile_key, fact_seq) > (?1, ?2, ?3) AND decided_at < ?4
        ORDER BY decided_at, profile_key, fact_seq LIMIT ?5`,
    )
    .bind(after.at, after.profile, after.seq, toAt, PAGE_ROWS)
    .all<DecisionRow>();
  const last = results.at(-1);
  const isFull = results.length === PAGE_ROWS && last;
  const lines = results.flatMap(decisionLines);
  return {
    lines,
    cursor: isFull ? `${last.decided_at.toString(36)}.${last.fact_seq}.${last.profile_key}` : null,
  };
}

export async function hasDecisions(db: D1Database, { fromAt, toAt }: ExportSpan): Promise<boolean> {
  const found = await db
    .prepare('SELECT 1 FROM decisions WHERE decided_at >= ?1 AND decided_at < ?2 LIMIT 1')
    .bind(fromAt, toAt)
    .first();
  return found !== null;
}

function placeOf(after: TimeCursor | null) {
  const [, seq = '', profile = ''] = /^(\d{1,15})\.(.+)$/su.exec(after?.id ?? '') ?? [];
  return after && profile !== '' ? { at: after.createdAt, profile, seq: Number(seq) } : null;
}

/** Those of these facts, in the order of their keys; `names`: profile keys and numbers. */
export function namedDecisions(
  db: Pick<D1Database, 'prepare'>,
  names: readonly (readonly [profile: string, seq: number, ...rest: unknown[]])[],
): D1PreparedStatement {
  return db
    .prepare(
      `SELECT * FROM decisions WHERE (profile_key, fact_seq) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?1))
        ORDER BY profile_key, fact_seq`,
    )
    .bind(JSON.stringify(names));
}

/** A line for each answer; its id is the same whenever it is told. */
export function decisionLines(row: DecisionRow): StoredLine[] {
  const { profile_key: profile, fact_seq, event_key: eventKey, event_name: name } = row;
  const at = new Date(row.decided_at).toISOString();
  return (JSON.parse(row.answers) as Answer[]).map((answer, i) => {
    return { type: 'decision', id: `${profile}:${fact_seq}:${i}`, profile, eventKey, name, at, ...answer };
  });
}

/** Removes the oldest of those that need no longer be kept; whether there may be more. */
export async function clearDecisions(db: D1Database, now: number, limit: number): Promise<boolean> {
  const { meta } = await db
    .prepare(
      `DELETE FROM decisions WHERE (profile_key, fact_seq) IN
        (SELECT profile_key, fact_seq FROM decisions WHERE decided_at < ?1 ORDER BY decided_at LIMIT ?2)`,
    )
    .bind(now - DECISIONS_KEPT_MS, limit)
    .run();
  return meta.changes >= limit;
}
