/** How far the daily exports have come: one row, which each part overwrites. */
import type { CountedSql } from '../objects/counted-sql.ts';

export const EXPORTED_KINDS = ['deliveries', 'conversions', 'decisions'] as const;
export type ExportedKind = (typeof EXPORTED_KINDS)[number];

/** What is written next. */
export interface ExportPlace {
  /** Midnight UTC, when the day begins. */
  dayAt: number;
  /** Null: the day is through. */
  kind: ExportedKind | null;
  /** Parts and lines of this kind so far. */
  parts: number;
  lines: number;
  cursor: string | null;
}

/** Null where no day has been begun. */
export function readExportPlace(sql: CountedSql): ExportPlace | null {
  if (!sql.hasTable('daily_export')) return null;
  const [row] = sql.all<{
    day_at: number;
    kind: ExportedKind | null;
    parts: number;
    lines: number;
    cursor: string | null;
  }>('SELECT day_at, kind, parts, lines, cursor FROM daily_export');
  if (!row) return null;
  const { day_at: dayAt, ...rest } = row;
  return { dayAt, ...rest };
}

export function putExportPlace(sql: CountedSql, { dayAt, kind, parts, lines, cursor }: ExportPlace): void {
  sql.all(
    `CREATE TABLE IF NOT EXISTS daily_export (id INTEGER PRIMARY KEY, day_at INTEGER NOT NULL, kind TEXT,
     parts INTEGER NOT NULL, lines INTEGER NOT NULL, cursor TEXT)`,
  );
  sql.all(
    `INSERT INTO daily_export (id, day_at, kind, parts, lines, cursor) VALUES (0, ?1, ?2, ?3, ?4, ?5)
     ON CONFLICT (id) DO UPDATE SET day_at = ?1, kind = ?2, parts = ?3, lines = ?4, cursor = ?5`,
    dayAt,
    kind,
    parts,
    lines,
    cursor,
  );
}
