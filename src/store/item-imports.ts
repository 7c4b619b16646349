/** How far each import of items has come, in D1: one row an import, written once a part. */
import type { ImportError, ImportProgress } from '../protocol/item-import.ts';

const KEPT_ERRORS = 100;
const KEPT_MS = 90 * 24 * 60 * 60 * 1000;

export interface ImportStep {
  id: string;
  /** Where it stood when the part began; if it has been taken further since, nothing is changed. */
  from: number;
  linesDone: number;
  accepted: number;
  errors: ImportError[];
  rejected: number;
}

interface ImportRow {
  id: string;
  lines_done: number;
  accepted: number;
  rejected: number;
  errors: string;
  created_at: number;
  updated_at: number;
}

const COLUMNS = 'id, lines_done, accepted, rejected, errors, created_at, updated_at';

/** Null where nothing of it is done. */
export async function readImport(db: D1Database, id: string): Promise<ImportProgress | null> {
  const row = await db
    .withSession('first-primary')
    .prepare(`SELECT ${COLUMNS} FROM item_imports WHERE id = ?`)
    .bind(id)
    .first<ImportRow>();
  return row && progressOf(row);
}

/** Answers where it stands then. */
export async function takeImportStep(
  db: D1Database,
  { id, from, linesDone, accepted, rejected, errors }: ImportStep,
  now: number,
): Promise<ImportProgress> {
  const step = db
    .prepare(
      `INSERT INTO item_imports (${COLUMNS}) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?6
       WHERE ?7 = 0 OR EXISTS (SELECT 1 FROM item_imports WHERE id = ?1)
       ON CONFLICT (id) DO UPDATE SET lines_done = ?2, accepted = accepted + ?3, rejected = rejected + ?4, errors = (
         SELECT json_group_array(json(value)) FROM (
           SELECT value FROM json_each(item_imports.errors) UNION ALL SELECT value FROM json_each(?5) LIMIT ?8)),
         updated_at = ?6
       WHERE lines_done = ?7`,
    )
    .bind(
      id,
      linesDone,
      accepted,
      rejected,
      JSON.stringify(errors.slice(0, KEPT_ERRORS)),
      now,
      from,
      KEPT_ERRORS,
    );
  const old = db.prepare('DELETE FROM item_imports WHERE updated_at < ?').bind(now - KEPT_MS);
  const read = db.prepare(`SELECT ${COLUMNS} FROM item_imports WHERE id = ?`).bind(id);
  const [, result] = from === 0 ? await db.batch([step, read, old]) : await db.batch([step, read]);
  const [row] = (result?.results ?? []) as ImportRow[];
  if (!row) throw new Error('an import has no row after its step');
  return progressOf(row);
}

function progressOf(row: ImportRow): ImportProgress {
  return {
    id: row.id,
    linesDone: row.lines_done,
    accepted: row.accepted,
    rejected: row.rejected,
    errors: JSON.parse(row.errors) as ImportError[],
    createdAt: new Date(row.created_at).toISOString(),
    updatedAt: new Date(row.updated_at).toISOString(),
  };
}
