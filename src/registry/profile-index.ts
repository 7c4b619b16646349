/** The rows of one index object: which profiles exist, in the order of their keys, and which may have gone idle. */
import { DAY_MS } from '../engine/time/duration.ts';
import type { CountedSql } from '../objects/counted-sql.ts';
import { openSchema, type SchemaStep, stampSchema } from '../objects/schema.ts';
import type { RegistryRpc } from '../protocol/rpc.ts';
import { createErasures } from './erasure-index.ts';

export const MAX_PAGE = 1000;
/** An anonymous profile that nobody has seen for so long is deleted. */
export const IDLE_MS = 90 * DAY_MS;

/** Version 2: when a profile is asked whether it is idle (null: `IDLE_MS` after its creation), and erasures. */
const STEPS: SchemaStep[] = [
  (sql) => {
    sql.all('ALTER TABLE profiles ADD COLUMN check_at INTEGER');
    createErasures(sql);
  },
];

/** False where nothing was ever written. Throws where a newer build has. */
export function openProfiles(sql: CountedSql): boolean {
  if (!sql.hasTable('profiles')) return false;
  openSchema(sql, STEPS);
  return true;
}

export function createProfiles(sql: CountedSql): void {
  sql.transaction(() => {
    sql.all(
      `CREATE TABLE IF NOT EXISTS profiles (key TEXT PRIMARY KEY, created_at INTEGER NOT NULL, check_at INTEGER)
       WITHOUT ROWID`,
    );
    createErasures(sql);
    stampSchema(sql, STEPS);
  });
}

/** One row for each profile that isn't known; none for what was told of one before it was erased. */
export function addProfiles(sql: CountedSql, profiles: Parameters<RegistryRpc['add']>[0]): void {
  sql.run(
    `INSERT INTO profiles (key, created_at)
     SELECT value ->> 'key', value ->> 'createdAt' FROM json_each(?)
     WHERE NOT EXISTS (SELECT 1 FROM erasures WHERE key = value ->> 'key' AND erased_at >= value ->> 'createdAt')
     ON CONFLICT (key) DO NOTHING`,
    JSON.stringify(profiles),
  );
}

export function removeProfile(sql: CountedSql, key: string): void {
  sql.all('DELETE FROM profiles WHERE key = ?', key);
}

/** The keys after `after`; one more than `limit` where there are more. */
export function keysAfter(sql: CountedSql, after: string, limit: number): string[] {
  return sql
    .all<{ key: string }>('SELECT key FROM profiles WHERE key > ? ORDER BY key LIMIT ?', after, limit + 1)
    .map((row) => row.key);
}

/** Profiles that are to be asked whether they are idle. Reads the shard, which is cheaper than an index to be kept. */
export function keysToAsk(sql: CountedSql, now: number, limit: number): string[] {
  return sql
    .all<{ key: string }>(
      'SELECT key FROM profiles WHERE coalesce(check_at, created_at + ?) <= ? LIMIT ?',
      IDLE_MS,
      now,
      limit,
    )
    .map((row) => row.key);
}

/** When the profile is asked next; null for never. */
export function askAgain(sql: CountedSql, key: string, at: number | null): void {
  sql.all('UPDATE profiles SET check_at = ? WHERE key = ?', at ?? Number.MAX_SAFE_INTEGER, key);
}

/** When the first profile is to be asked; null where there is none. */
export function nextAskAt(sql: CountedSql): number | null {
  const [row] = sql.all<{ at: number | null }>(
    'SELECT MIN(coalesce(check_at, created_at + ?)) AS at FROM profiles',
    IDLE_MS,
  );
  return row?.at === undefined || row.at === Number.MAX_SAFE_INTEGER ? null : row.at;
}
