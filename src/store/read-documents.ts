import type { Env } from '../bindings.ts';
import type { Versioned } from '../engine/config.ts';
import type { Trigger } from '../engine/trigger.ts';
import { type DocumentKind, type DocumentState, shownStatus } from './document-state.ts';
import {
  type DocumentRow,
  SHOWN,
  type StoredDocument,
  standingOf,
  toStored,
  type VersionRow,
} from './stored-document.ts';

/** `cursor` is null on the last page. */
export interface Page<T> {
  items: T[];
  cursor: string | null;
}

/** Null where there is none, or it was deleted. */
export async function readDocument(env: Env, kind: DocumentKind, id: string): Promise<StoredDocument | null> {
  const row = await readRow(env, kind, id);
  return row === null || row.state === 'deleted' ? null : toStored(row);
}

/** The row, also of a deleted document. */
export async function readRow(env: Env, kind: DocumentKind, id: string): Promise<DocumentRow | null> {
  return env.DB.withSession('first-primary')
    .prepare(`${SHOWN} WHERE d.kind = ?1 AND d.id = ?2`)
    .bind(kind, id)
    .first<DocumentRow>();
}

/** Newest first, by when they were created. */
export async function listDocuments(
  env: Env,
  kind: DocumentKind,
  page: { limit: number; cursor: number | null },
): Promise<Page<StoredDocument>> {
  const { results } = await env.DB.withSession('first-primary')
    .prepare(
      `${SHOWN} WHERE d.kind = ?1 AND d.state <> 'deleted' AND d.created_head < ?2
        ORDER BY d.created_head DESC LIMIT ?3`,
    )
    .bind(kind, page.cursor ?? Number.MAX_SAFE_INTEGER, page.limit + 1)
    .all<DocumentRow>();
  const rows = results.slice(0, page.limit);
  const last = results.length > page.limit ? rows.at(-1) : undefined;
  return { items: rows.map(toStored), cursor: last ? String(last.created_head) : null };
}

interface StoredVersion {
  version: number;
  status: DocumentState | 'superseded';
  document: unknown;
  createdAt: number;
  author: string;
}

/** Every version of a document, newest first. Null where there is no such document. */
export async function listVersions(
  env: Env,
  kind: DocumentKind,
  id: string,
): Promise<StoredVersion[] | null> {
  const row = await readRow(env, kind, id);
  if (row === null || row.state === 'deleted') return null;
  const standing = standingOf(row);
  const { results } = await env.DB.withSession('first-primary')
    .prepare(
      `SELECT version, body, etag, created_at, author FROM document_versions
        WHERE kind = ?1 AND id = ?2 ORDER BY version DESC`,
    )
    .bind(kind, id)
    .all<VersionRow>();
  return results.map((version) => ({
    version: version.version,
    status: statusOf(version.version),
    document: JSON.parse(version.body),
    createdAt: version.created_at,
    author: version.author,
  }));

  function statusOf(version: number): StoredVersion['status'] {
    if (version === standing.draftVersion) return shownStatus(standing);
    return version === standing.liveVersion ? standing.state : 'superseded';
  }
}

/** Ids of a kind, whatever their state; not the deleted ones. */
export async function documentIds(env: Env, kind: DocumentKind): Promise<Set<string>> {
  const { results } = await env.DB.withSession('first-primary')
    .prepare(`SELECT id FROM documents WHERE kind = ?1 AND state <> 'deleted'`)
    .bind(kind)
    .all<{ id: string }>();
  return new Set(results.map(({ id }) => id));
}

/** The triggers that aren't put away, in the versions that are, or may next be, in force. */
export async function triggersInUse(env: Env): Promise<Versioned<Trigger>[]> {
  const { results } = await env.DB.withSession('first-primary')
    .prepare(
      `SELECT v.version, v.body FROM documents d
         JOIN document_versions v ON v.kind = d.kind AND v.id = d.id
          AND v.version IN (d.draft_version, d.live_version)
        WHERE d.kind = 'trigger' AND (d.state IN ('draft', 'live', 'paused') OR v.version = d.draft_version)
          AND d.state <> 'deleted'`,
    )
    .all<{ version: number; body: string }>();
  return results.map(({ version, body }) => ({ version, document: JSON.parse(body) as Trigger }));
}
