import type { CountedSql } from '../objects/counted-sql.ts';
import type { WatcherRow } from '../protocol/catalog-rpc.ts';
import { ANY_INTEREST, type Interest, SUBSCRIBED } from './interest.ts';
import type { WatchPlace } from './watch-plan.ts';

/** A watcher's row. The order of a place's rows, and so of a price drop's fan-out, is reference, then profile. */
export interface FanOutCursor extends WatchPlace {
  profile: string;
}

/** Where a walk through all rows stands: who waits for the item's return first, the longest first; then by profile. */
export interface NewsCursor {
  rank: number;
  since: number;
  profile: string;
}

export function createWatchers(sql: CountedSql): void {
  sql.all(
    `CREATE TABLE IF NOT EXISTS watchers (currency TEXT NOT NULL, reference INTEGER NOT NULL, profile TEXT NOT NULL,
     relations INTEGER NOT NULL DEFAULT ${ANY_INTEREST}, since INTEGER NOT NULL DEFAULT 0,
     PRIMARY KEY (currency, reference, profile)) WITHOUT ROWID`,
  );
}

/** From rows that only said at which price they began. */
export function addInterest(sql: CountedSql): void {
  sql.all(`ALTER TABLE watchers ADD COLUMN relations INTEGER NOT NULL DEFAULT ${ANY_INTEREST}`);
  sql.all('ALTER TABLE watchers ADD COLUMN since INTEGER NOT NULL DEFAULT 0');
}

/** Null where no row stands there. */
export function interestAt(sql: CountedSql, place: WatchPlace, profile: string): Interest | null {
  const [row] = sql.all<{ relations: number; since: number }>(
    'SELECT relations, since FROM watchers WHERE currency = ? AND reference = ? AND profile = ?',
    place.currency,
    place.reference,
    profile,
  );
  return row ?? null;
}

export function putWatcher(sql: CountedSql, place: WatchPlace, profile: string, interest: Interest): void {
  sql.all(
    `INSERT INTO watchers (currency, reference, profile, relations, since) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET relations = excluded.relations, since = excluded.since`,
    place.currency,
    place.reference,
    profile,
    interest.relations,
    interest.since,
  );
}

/** One row: where one stands already, at any of these places, only what has changed of it. True: there was none. */
export function keepWatcher(
  sql: CountedSql,
  places: [WatchPlace, ...WatchPlace[]],
  profile: string,
  interest: Interest,
): boolean {
  for (const place of places) {
    const known = interestAt(sql, place, profile);
    if (known === null) continue;
    const isSame = known.relations === interest.relations && known.since === interest.since;
    if (!isSame) putWatcher(sql, place, profile, interest);
    return false;
  }
  putWatcher(sql, places[0], profile, interest);
  return true;
}

export function removeWatcher(sql: CountedSql, place: WatchPlace, profile: string): void {
  sql.all(
    'DELETE FROM watchers WHERE currency = ? AND reference = ? AND profile = ?',
    place.currency,
    place.reference,
    profile,
  );
}

/** `fence.ts`'s rows, which come after all currencies, are none. */
export function hasWatchers(sql: CountedSql): boolean {
  return sql.all("SELECT 1 AS found FROM watchers WHERE currency < '~' LIMIT 1").length > 0;
}

/** Reads the whole shard. */
export function countWatchers(sql: CountedSql): number {
  return sql.all<{ n: number }>('SELECT COUNT(*) AS n FROM watchers')[0]?.n ?? 0;
}

/** All rows, in the order of their key; those after the cursor. */
export function rowsAfter(sql: CountedSql, cursor: FanOutCursor, limit: number): WatcherRow[] {
  return sql.all<Record<keyof WatcherRow, SqlStorageValue>>(
    `SELECT currency, reference, profile, relations, since FROM watchers
     WHERE (currency, reference, profile) > (?, ?, ?) ORDER BY currency, reference, profile LIMIT ?`,
    cursor.currency,
    cursor.reference,
    cursor.profile,
    limit,
  ) as unknown as WatcherRow[];
}

/** In one statement: a row at a time would be ten times the work. */
export function adoptRows(sql: CountedSql, rows: WatcherRow[]): void {
  sql.all(
    `INSERT OR IGNORE INTO watchers (currency, reference, profile, relations, since)
     SELECT value->>0, value->>1, value->>2, value->>3, value->>4 FROM json_each(?)`,
    JSON.stringify(rows.map((row) => [row.currency, row.reference, row.profile, row.relations, row.since])),
  );
}

/** As one: row by row, each would be paid for. */
export function removeAllWatchers(sql: CountedSql): void {
  sql.all('DROP TABLE watchers');
  createWatchers(sql);
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

/** The next watchers with one of these relations, whatever their price. Reads the whole shard, so ask for many at once. */
export function relatedAfter(
  sql: CountedSql,
  { rank, since, profile }: NewsCursor,
  relations: number,
  limit: number,
): (FanOutCursor & NewsCursor)[] {
  return sql.all<{ currency: string; reference: number; profile: string; rank: number; since: number }>(
    `SELECT currency, reference, profile, (relations & ${SUBSCRIBED}) = 0 AS rank, since FROM watchers
     WHERE (relations & ?) <> 0 AND ((relations & ${SUBSCRIBED}) = 0, since, profile) > (?, ?, ?)
     ORDER BY rank, since, profile LIMIT ?`,
    relations,
    rank,
    since,
    profile,
    limit,
  );
}
