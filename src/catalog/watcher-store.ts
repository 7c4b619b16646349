import type { CountedSql } from '../objects/counted-sql.ts';
import type { WatchPlace } from './watch-plan.ts';

/** A watcher's row. The order of a place's rows, and so of a fan-out, is reference, then profile. */
export interface FanOutCursor extends WatchPlace {
  profile: string;
}

export function createWatchers(sql: CountedSql): void {
  sql.all(
    `CREATE TABLE IF NOT EXISTS watchers (currency TEXT NOT NULL, reference INTEGER NOT NULL, profile TEXT NOT NULL,
     PRIMARY KEY (currency, reference, profile)) WITHOUT ROWID`,
  );
}

export function hasWatcher(sql: CountedSql, place: WatchPlace, profile: string): boolean {
  const rows = sql.all(
    'SELECT 1 AS found FROM watchers WHERE currency = ? AND reference = ? AND profile = ?',
    place.currency,
    place.reference,
    profile,
  );
  return rows.length > 0;
}

export function addWatcher(sql: CountedSql, place: WatchPlace, profile: string): void {
  sql.all(
    'INSERT INTO watchers (currency, reference, profile) VALUES (?, ?, ?)',
    place.currency,
    place.reference,
    profile,
  );
}

export function removeWatcher(sql: CountedSql, place: WatchPlace, profile: string): void {
  sql.all(
    'DELETE FROM watchers WHERE currency = ? AND reference = ? AND profile = ?',
    place.currency,
    place.reference,
    profile,
  );
}

/** Wherever it stands: reads the whole shard, which nothing but an erasure does. */
export function forgetWatcher(sql: CountedSql, profile: string): void {
  sql.all('DELETE FROM watchers WHERE profile = ?', profile);
}

/** The next watchers after the cursor, within its currency. Reads only what it returns. */
export function watchersAfter(sql: CountedSql, cursor: FanOutCursor, limit: number): FanOutCursor[] {
  return sql.all<{ currency: string; reference: number; profile: string }>(
    `SELECT currency, reference, profile FROM watchers WHERE currency = ? AND (reference, profile) > (?, ?)
     ORDER BY reference, profile LIMIT ?`,
    cursor.currency,
    cursor.reference,
    cursor.profile,
    limit,
  );
}
