/** The rows of one index object: which profiles exist, in the order of their keys. */
import type { RegistryRpc } from '../protocol/rpc.ts';

export const MAX_PAGE = 1000;

export function createProfiles(sql: SqlStorage): void {
  sql.exec(
    'CREATE TABLE IF NOT EXISTS profiles (key TEXT PRIMARY KEY, created_at INTEGER NOT NULL) WITHOUT ROWID',
  );
}

export function hasProfiles(sql: SqlStorage): boolean {
  return sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'profiles'").toArray().length > 0;
}

/** Answers how many rows were written: one for each profile that wasn't known. */
export function addProfiles(sql: SqlStorage, profiles: Parameters<RegistryRpc['add']>[0]): number {
  const cursor = sql.exec(
    `INSERT INTO profiles (key, created_at)
     SELECT value ->> 'key', value ->> 'createdAt' FROM json_each(?) WHERE true
     ON CONFLICT (key) DO NOTHING`,
    JSON.stringify(profiles),
  );
  cursor.toArray();
  return cursor.rowsWritten;
}

/** The keys after `after`; one more than `limit` where there are more. */
export function keysAfter(sql: SqlStorage, after: string, limit: number): string[] {
  return sql
    .exec<{ key: string }>('SELECT key FROM profiles WHERE key > ? ORDER BY key LIMIT ?', after, limit + 1)
    .toArray()
    .map((row) => row.key);
}
