/**
 * The one table of a profile that is being erased, or was: row 0 says when, the others what other objects still hold of
 * it. When all of them are gone the whole database goes, and row 0 alone is written again: the tombstone.
 */
import type { CountedSql } from '../objects/counted-sql.ts';

export interface Erasure {
  v: 1;
  key: string;
  erasedAt: number;
  /** Others still hold something of it. */
  isPending: boolean;
  /** Idle profiles are deleted without a trace: they may come back with whatever they did. */
  leavesTombstone: boolean;
}

/** What another object holds: a watcher's row, a topic's, or an anonymous profile that has become this one's. */
export type Holding =
  | { kind: 'watcher'; itemId: string; profile: string }
  | { kind: 'topic'; topic: string; profile: string }
  | { kind: 'profile'; key: string };

export function readErasure(sql: CountedSql): Erasure | null {
  if (!sql.hasTable('erasure')) return null;
  const [row] = sql.all<{ body: string }>('SELECT body FROM erasure WHERE id = 0');
  return row ? (JSON.parse(row.body) as Erasure) : null;
}

/** To be called in a transaction, with whatever else the erasure removes. */
export function writeErasure(sql: CountedSql, erasure: Erasure, holdings: Holding[]): void {
  sql.all('CREATE TABLE IF NOT EXISTS erasure (id INTEGER PRIMARY KEY, body TEXT NOT NULL)');
  sql.all('DELETE FROM erasure');
  for (const [i, row] of [erasure, ...holdings].entries()) {
    sql.all('INSERT INTO erasure (id, body) VALUES (?, ?)', i, JSON.stringify(row));
  }
}

export function readHoldings(sql: CountedSql, limit: number): { id: number; holding: Holding }[] {
  return sql
    .all<{ id: number; body: string }>('SELECT id, body FROM erasure WHERE id > 0 ORDER BY id LIMIT ?', limit)
    .map(({ id, body }) => ({ id, holding: JSON.parse(body) as Holding }));
}

export function removeHolding(sql: CountedSql, id: number): void {
  sql.all('DELETE FROM erasure WHERE id = ?', id);
}
