import type { Env } from '../bindings.ts';
import type { JsonObject } from '../engine/vocabulary.ts';
import type { Page } from './read-documents.ts';

/** Who changed what, when. `beforeVersion` and `afterVersion` are of documents; null for keys and `stop-all`. */
interface AuditRecord {
  id: string;
  at: number;
  author: string;
  action: string;
  kind: string;
  document: string;
  beforeVersion: number | null;
  afterVersion: number | null;
  /** Why, where no person made the change. */
  detail: JsonObject | null;
}

interface AuditRow {
  head: number;
  at: number;
  author: string;
  action: string;
  kind: string;
  id: string;
  before_version: number | null;
  after_version: number | null;
  detail: string | null;
}

/** Newest first. */
export async function listAudit(
  env: Env,
  page: { limit: number; cursor: number | null },
): Promise<Page<AuditRecord>> {
  const { results } = await env.DB.withSession('first-primary')
    .prepare('SELECT * FROM audit WHERE head < ?1 ORDER BY head DESC LIMIT ?2')
    .bind(page.cursor ?? Number.MAX_SAFE_INTEGER, page.limit + 1)
    .all<AuditRow>();
  const rows = results.slice(0, page.limit);
  const last = results.length > page.limit ? rows.at(-1) : undefined;
  return { items: rows.map(toRecord), cursor: last ? String(last.head) : null };
}

function toRecord(row: AuditRow): AuditRecord {
  return {
    id: String(row.head),
    at: row.at,
    author: row.author,
    action: row.action,
    kind: row.kind,
    document: row.id,
    beforeVersion: row.before_version,
    afterVersion: row.after_version,
    detail: row.detail === null ? null : (JSON.parse(row.detail) as JsonObject),
  };
}
