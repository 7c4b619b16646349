/** Back-fills: which segments every profile has been, or is to be, asked for. */
import type { CountedSql } from '../objects/counted-sql.ts';

export interface Fill {
  segment: string;
  /** Of the segment; 0: nobody needs it any more, and profiles are to forget it. */
  version: number;
  /** Not begun before: until then, an isolate somewhere may not know of the change. */
  readyAt: number;
  /** The walk that it goes along with, by when that began; null while it waits for one. */
  walkAt: number | null;
  doneAt: number | null;
}

export function createFills(sql: CountedSql): void {
  sql.all(
    `CREATE TABLE IF NOT EXISTS fills (segment TEXT PRIMARY KEY, version INTEGER NOT NULL, ready_at INTEGER NOT NULL,
     walk_at INTEGER, done_at INTEGER) WITHOUT ROWID`,
  );
}

export function readFills(sql: CountedSql): Fill[] {
  return sql
    .all<{
      segment: string;
      version: number;
      ready_at: number;
      walk_at: number | null;
      done_at: number | null;
    }>('SELECT segment, version, ready_at, walk_at, done_at FROM fills ORDER BY segment')
    .map((row) => ({
      segment: row.segment,
      version: row.version,
      readyAt: row.ready_at,
      walkAt: row.walk_at,
      doneAt: row.done_at,
    }));
}

export function putFill(sql: CountedSql, { segment, version, readyAt, walkAt, doneAt }: Fill): void {
  sql.all(
    `INSERT INTO fills (segment, version, ready_at, walk_at, done_at) VALUES (?1, ?2, ?3, ?4, ?5)
     ON CONFLICT (segment) DO UPDATE SET version = ?2, ready_at = ?3, walk_at = ?4, done_at = ?5`,
    segment,
    version,
    readyAt,
    walkAt,
    doneAt,
  );
}

export function removeFill(sql: CountedSql, segment: string): void {
  sql.all('DELETE FROM fills WHERE segment = ?', segment);
}
