import type { CountedSql } from '../objects/counted-sql.ts';
import { openSchema, type SchemaStep, stampSchema } from '../objects/schema.ts';
import type { Previous } from './coalesce.ts';
import type { ItemRecord } from './item-record.ts';
import type { TopicsOwed } from './topics-owed.ts';

/** A change that a watcher shard, or the item's topics, haven't confirmed. One row each: later changes are told together. */
export interface PendingPush {
  itemId: string;
  /** A watcher shard's name, or `TOPICS`. */
  shard: string;
  /** The version that is to be told. */
  version: number;
  previous: Previous | TopicsOwed;
}

/** From the first layout to today's. */
const STEPS: SchemaStep[] = [];

/** The tables of one catalog shard; made at the first write. */
export class ItemStore {
  readonly #sql: CountedSql;
  #ready: boolean | undefined;

  constructor(sql: CountedSql) {
    this.#sql = sql;
  }

  /** Before a turn's first write, outside its transaction: what that rolls back must not include the tables. */
  prepare(): void {
    if (this.#exists()) return;
    this.#sql.all('CREATE TABLE IF NOT EXISTS items (id TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID');
    this.#sql.all(
      `CREATE TABLE IF NOT EXISTS pushes (item_id TEXT NOT NULL, shard TEXT NOT NULL, version INTEGER NOT NULL,
       previous TEXT NOT NULL, PRIMARY KEY (item_id, shard)) WITHOUT ROWID`,
    );
    stampSchema(this.#sql, STEPS);
    this.#ready = true;
  }

  read(itemId: string): ItemRecord | null {
    if (!this.#exists()) return null;
    const [row] = this.#sql.all<{ body: string }>('SELECT body FROM items WHERE id = ?', itemId);
    return row === undefined ? null : (JSON.parse(row.body) as ItemRecord);
  }

  write(itemId: string, record: ItemRecord): void {
    this.#sql.all(
      'INSERT INTO items (id, body) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body',
      itemId,
      JSON.stringify(record),
    );
  }

  pendingOf(itemId: string): PendingPush[] {
    return this.#exists()
      ? this.#pushes('SELECT item_id, shard, version, previous FROM pushes WHERE item_id = ?', itemId)
      : [];
  }

  /** In the order of the key, from after (`itemId`, `shard`). */
  pendingAfter(itemId: string, shard: string, limit: number): PendingPush[] {
    if (!this.#exists()) return [];
    return this.#pushes(
      'SELECT item_id, shard, version, previous FROM pushes WHERE (item_id, shard) > (?, ?) ORDER BY item_id, shard LIMIT ?',
      itemId,
      shard,
      limit,
    );
  }

  hasPending(): boolean {
    return this.#exists() && this.#sql.all('SELECT 1 AS found FROM pushes LIMIT 1').length > 0;
  }

  owe(push: PendingPush): void {
    this.#sql.all(
      `INSERT INTO pushes (item_id, shard, version, previous) VALUES (?, ?, ?, ?)
       ON CONFLICT (item_id, shard) DO UPDATE SET version = excluded.version, previous = excluded.previous`,
      push.itemId,
      push.shard,
      push.version,
      JSON.stringify(push.previous),
    );
  }

  /** Confirmed, unless a later change is owed by now. */
  settle(push: PendingPush): void {
    this.#sql.all(
      'DELETE FROM pushes WHERE item_id = ? AND shard = ? AND version = ?',
      push.itemId,
      push.shard,
      push.version,
    );
  }

  /** The shard is owed nothing any more. */
  forgive(itemId: string, shard: string): void {
    this.#sql.all('DELETE FROM pushes WHERE item_id = ? AND shard = ?', itemId, shard);
  }

  #pushes(query: string, ...bindings: SqlStorageValue[]): PendingPush[] {
    return this.#sql
      .all<{ item_id: string; shard: string; version: number; previous: string }>(query, ...bindings)
      .map((row) => ({
        itemId: row.item_id,
        shard: row.shard,
        version: row.version,
        previous: JSON.parse(row.previous) as PendingPush['previous'],
      }));
  }

  #exists(): boolean {
    if (this.#ready === undefined) {
      const exist = this.#sql.hasTable('items');
      if (exist) openSchema(this.#sql, STEPS);
      this.#ready = exist;
    }
    return this.#ready;
  }
}
