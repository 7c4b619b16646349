import type { CountedSql } from '../objects/counted-sql.ts';
import { openSchema, type SchemaStep, stampSchema } from '../objects/schema.ts';
import { createPages } from './page-store.ts';
import { createStanding } from './standing-store.ts';
import { addInterest, createWatchers } from './watcher-store.ts';

/** From the first layout to today's. */
const STEPS: SchemaStep[] = [addInterest];

/** The tables of a watcher shard; made at the first write, so that a shard that nobody watches leaves nothing. */
export class WatcherTables {
  readonly #sql: CountedSql;
  #ready: boolean | undefined;

  constructor(sql: CountedSql) {
    this.#sql = sql;
  }

  exist(): boolean {
    if (this.#ready === undefined) {
      const exist = this.#sql.hasTable('standing');
      if (exist) openSchema(this.#sql, STEPS);
      this.#ready = exist;
    }
    return this.#ready;
  }

  /** Before a turn's first write, outside its transaction: what that rolls back must not include the tables. */
  prepare(): void {
    if (this.exist()) return;
    // All or none: without their stamp, tables of today would be taken for old ones.
    this.#sql.transaction(() => {
      createWatchers(this.#sql);
      createPages(this.#sql);
      createStanding(this.#sql);
      stampSchema(this.#sql, STEPS);
    });
    this.#ready = true;
  }
}
