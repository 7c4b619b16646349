/**
 * The layout of an object's tables has a version: the number of steps that led to it, and one. It stands in the table
 * `schema`; tables without it are of version 1. A step is taken once, together with the new version or not at all, when
 * an object of an older layout is first opened. A newer layout than this build knows is left alone: misread, it would be
 * damaged for the build that wrote it.
 */
import type { CountedSql } from './counted-sql.ts';

/** Takes the tables from one version to the next. */
export type SchemaStep = (sql: CountedSql) => void;

/** A newer build has written here. Whoever called tries again later, and meets that build, or this one brought up to date. */
export class NewerSchemaError extends Error {
  constructor(what: string, found: number, known: number) {
    super(`${what} is of version ${found}; this build knows versions up to ${known}. Nothing was changed.`);
    this.name = 'NewerSchemaError';
  }
}

/** Before the first use of tables that are there. Throws `NewerSchemaError`. */
export function openSchema(sql: CountedSql, steps: readonly SchemaStep[]): void {
  const known = steps.length + 1;
  const found = versionOf(sql);
  if (found > known) throw new NewerSchemaError('The layout of the tables', found, known);
  if (found === known) return;
  sql.transaction(() => {
    for (const step of steps.slice(found - 1)) step(sql);
    writeVersion(sql, known);
  });
}

/** With tables that are made in their newest layout. The first version needs no word of it, which spares rows. */
export function stampSchema(sql: CountedSql, steps: readonly SchemaStep[]): void {
  if (steps.length > 0) writeVersion(sql, steps.length + 1);
}

function versionOf(sql: CountedSql): number {
  if (!sql.hasTable('schema')) return 1;
  return sql.all<{ version: number }>('SELECT version FROM schema WHERE id = 0')[0]?.version ?? 1;
}

function writeVersion(sql: CountedSql, version: number): void {
  sql.all('CREATE TABLE IF NOT EXISTS schema (id INTEGER PRIMARY KEY, version INTEGER NOT NULL)');
  sql.all(
    'INSERT INTO schema (id, version) VALUES (0, ?1) ON CONFLICT (id) DO UPDATE SET version = ?1',
    version,
  );
}
