/**
 * What one shard knows of which items go together: for each of its items two bounded lists, of the others that the same
 * people viewed and bought, in one row that is written with each sample. One object more than the shards there are,
 * `catalog-popular`, keeps the shop's most popular items in the same way.
 *
 * Samples are hints. They are taken once or never, and a list is as good without the lost ones: nothing is settled,
 * nothing tried again. Only item ids stand here, nobody's key.
 */
import {
  goingTogether,
  type ItemLists,
  mostPopular,
  NO_LISTS,
  notePopular,
  noteTogether,
} from '../engine/recommend/item-lists.ts';
import type { ItemListKind, ItemSample } from '../engine/recommend/item-sample.ts';
import { emptyTop, type Scored, type TopList } from '../engine/recommend/top-list.ts';
import type { CountedSql } from '../objects/counted-sql.ts';

/** Of the popular items, memory is ahead of the disk for so long at most: many samples are one row. */
const WRITE_AFTER_MS = 5_000;
/** No item's id. */
const POPULAR = '';

export class Together {
  readonly #sql: CountedSql;
  #hasTable: boolean | undefined;
  #popular: { list: TopList; writtenAt: number } | null = null;

  constructor(sql: CountedSql) {
    this.#sql = sql;
  }

  /** One row; none of an item that nothing else was near. */
  note(sample: ItemSample, now: number): void {
    if (sample.with.length === 0) return;
    this.#write(sample.itemId, noteTogether(this.#read(sample.itemId) ?? NO_LISTS, sample, now));
  }

  /** One row for all that come within five seconds. */
  notePopular(samples: readonly ItemSample[], now: number): void {
    const known = this.#popularNow();
    const list = notePopular(known.list, samples, now);
    const isDue = now - known.writtenAt >= WRITE_AFTER_MS;
    this.#popular = { list, writtenAt: isDue ? now : known.writtenAt };
    if (isDue) this.#write(POPULAR, { v: 1, viewed: list });
  }

  /** Best first. */
  goingWith(itemId: string, list: ItemListKind, now: number): Scored[] {
    const lists = this.#read(itemId);
    return lists ? goingTogether(lists, list, now) : [];
  }

  popular(now: number): Scored[] {
    return mostPopular(this.#popularNow().list, now);
  }

  /** The item is gone. */
  forget(itemId: string): void {
    if (this.#exists()) this.#sql.all('DELETE FROM together WHERE id = ?', itemId);
  }

  #popularNow() {
    this.#popular ??= { list: this.#read(POPULAR)?.viewed ?? emptyTop(), writtenAt: 0 };
    return this.#popular;
  }

  #read(id: string): ItemLists | null {
    if (!this.#exists()) return null;
    const [row] = this.#sql.all<{ body: string }>('SELECT body FROM together WHERE id = ?', id);
    return row ? (JSON.parse(row.body) as ItemLists) : null;
  }

  #write(id: string, lists: ItemLists): void {
    if (!this.#exists()) {
      this.#sql.all(
        'CREATE TABLE IF NOT EXISTS together (id TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID',
      );
      this.#hasTable = true;
    }
    this.#sql.all(
      'INSERT INTO together (id, body) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body',
      id,
      JSON.stringify(lists),
    );
  }

  #exists(): boolean {
    this.#hasTable ??= this.#sql.hasTable('together');
    return this.#hasTable;
  }
}
