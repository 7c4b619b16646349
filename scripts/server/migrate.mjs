/**
 * Applies `migrations/*.sql` in the order of their names, each once. Notes them in the table that
 * `wrangler d1 migrations apply` uses, so that either can go on where the other stopped.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const MIGRATIONS = new URL('../../migrations/', import.meta.url);

const TABLE = `CREATE TABLE IF NOT EXISTS d1_migrations(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT UNIQUE,
  applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL
)`;

/**
 * @param {D1Database} database
 * @returns {Promise<string[]>} the names of those applied now
 */
export async function migrate(database) {
  await database.prepare(TABLE).run();
  const { results } = await database.prepare('SELECT name FROM d1_migrations').all();
  const known = new Set(results.map((row) => row.name));
  const pending = readdirSync(fileURLToPath(MIGRATIONS))
    .filter((name) => name.endsWith('.sql') && !known.has(name))
    .sort();
  for (const name of pending) await apply(database, name);
  return pending;
}

/** All statements and the note in one batch, which is a transaction: a migration that fails leaves nothing. */
async function apply(database, name) {
  const { unstable_splitSqlQuery } = await import('wrangler');
  const statements = unstable_splitSqlQuery(readFileSync(new URL(name, MIGRATIONS), 'utf8'));
  try {
    await database.batch([
      ...statements.map((sql) => database.prepare(sql)),
      database.prepare('INSERT INTO d1_migrations (name) VALUES (?)').bind(name),
    ]);
  } catch (error) {
    throw new Error(`The migration ${name} failed and was not applied: ${error.message}`, { cause: error });
  }
}
