/** Objects as an older build left them: the tables of `tests/fixtures`, put into real ones. */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import type { CountedSql } from '../../src/objects/counted-sql.ts';

type Value = string | number | null | { base64: string };

export interface TableFixture {
  table: string;
  create: string;
  rows: Record<string, Value>[];
}

export interface WithSql {
  sql: CountedSql;
}

/** Fills an object that was never written, and puts it to sleep: whoever calls it next wakes it as it was left. */
export async function fillObject(stub: unknown, tables: TableFixture[]): Promise<void> {
  await inObject(stub, (_, { storage }) => {
    for (const { table, create, rows } of tables) {
      storage.sql.exec(create);
      for (const row of rows) {
        const names = Object.keys(row).map((name) => `"${name}"`);
        const marks = names.map(() => '?');
        storage.sql.exec(
          `INSERT INTO "${table}" (${names.join()}) VALUES (${marks.join()})`,
          ...Object.values(row).map(toSql),
        );
      }
    }
  });
  await evictDurableObject(stub as never);
}

export function inObject<T>(
  stub: unknown,
  work: (object: WithSql, state: DurableObjectState) => T | Promise<T>,
): Promise<T> {
  return runInDurableObject(stub as never, (object, state) => work(object as unknown as WithSql, state));
}

/** Every table's rows. */
export function contentsOf(stub: unknown): Promise<Record<string, unknown[]>> {
  return inObject(stub, (_, { storage }) => {
    const tables = storage.sql
      .exec<{ name: string }>(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'",
      )
      .toArray();
    return Object.fromEntries(
      tables.map(({ name }) => [name, storage.sql.exec(`SELECT * FROM "${name}"`).toArray()]),
    );
  });
}

function toSql(value: Value): SqlStorageValue {
  if (typeof value !== 'object' || value === null) return value;
  return Uint8Array.from(atob(value.base64), (char) => char.charCodeAt(0)).buffer;
}
