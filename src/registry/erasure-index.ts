/**
 * Profiles that were erased, by key: what was told of one before is not taken any more. `is_pending` until the profile
 * has said that its erasure is over; until then it is asked again and again.
 */
import type { CountedSql } from '../objects/counted-sql.ts';

export function createErasures(sql: CountedSql): void {
  sql.all(
    `CREATE TABLE IF NOT EXISTS erasures (key TEXT PRIMARY KEY, erased_at INTEGER NOT NULL, is_pending INTEGER NOT NULL)
     WITHOUT ROWID`,
  );
}

export function putErasure(sql: CountedSql, key: string, erasedAt: number): void {
  sql.all(
    `INSERT INTO erasures (key, erased_at, is_pending) VALUES (?1, ?2, 1)
     ON CONFLICT (key) DO UPDATE SET erased_at = max(erased_at, ?2), is_pending = 1`,
    key,
    erasedAt,
  );
}

export function settleErasure(sql: CountedSql, key: string): void {
  sql.all('UPDATE erasures SET is_pending = 0 WHERE key = ? AND is_pending = 1', key);
}

export function pendingErasures(sql: CountedSql, limit: number): { key: string; erasedAt: number }[] {
  return sql
    .all<{ key: string; erased_at: number }>(
      'SELECT key, erased_at FROM erasures WHERE is_pending = 1 LIMIT ?',
      limit,
    )
    .map(({ key, erased_at }) => ({ key, erasedAt: erased_at }));
}
