/** Rows of `documents` and `document_versions` as the admin API reads and writes them. */
import type { Env } from '../bindings.ts';
import type { JsonObject } from '../engine/vocabulary.ts';
import {
  type DocumentKind,
  type DocumentState,
  type Standing,
  shownStatus,
  shownVersion,
} from './document-state.ts';

/** A document as a reader is shown it: the draft where there is one. */
export interface StoredDocument {
  kind: DocumentKind;
  id: string;
  version: number;
  status: DocumentState;
  /** The version in force; null where none is. */
  liveVersion: number | null;
  /** Whether that version decides, or is paused. */
  liveStatus: 'live' | 'paused' | null;
  document: JsonObject;
  /** Strong; changes with the content and with where the document stands. */
  etag: string;
  createdAt: number;
  changedAt: number;
  author: string;
}

export interface StandingRow {
  kind: DocumentKind;
  id: string;
  state: DocumentState;
  live_version: number | null;
  draft_version: number | null;
  last_version: number;
  activated_at: number | null;
  changed_at: number;
  created_head: number;
}

export interface VersionRow {
  version: number;
  body: string;
  etag: string;
  created_at: number;
  author: string;
}

export type DocumentRow = StandingRow & VersionRow;

/** A document's row beside the version that a reader is shown; `shownVersion` in SQL. */
export const SHOWN = `SELECT d.kind, d.id, d.state, d.live_version, d.draft_version, d.last_version, d.activated_at,
       d.changed_at, d.created_head, v.version, v.body, v.etag, v.created_at, v.author
  FROM documents d
  JOIN document_versions v ON v.kind = d.kind AND v.id = d.id
   AND v.version = coalesce(d.draft_version, d.live_version, d.last_version)`;

export function standingOf(row: StandingRow): Standing {
  return {
    state: row.state,
    liveVersion: row.live_version,
    draftVersion: row.draft_version,
    lastVersion: row.last_version,
    activatedAt: row.activated_at,
  };
}

export function toStored(row: DocumentRow): StoredDocument {
  const standing = standingOf(row);
  const version = shownVersion(standing);
  const status = shownStatus(standing);
  const liveStatus = row.state === 'live' || row.state === 'paused' ? row.state : null;
  return {
    kind: row.kind,
    id: row.id,
    version,
    status,
    liveVersion: liveStatus && row.live_version,
    liveStatus,
    document: JSON.parse(row.body) as JsonObject,
    etag: `"${version}-${status}-${row.etag}"`,
    createdAt: row.created_at,
    changedAt: row.changed_at,
    author: row.author,
  };
}

export function putStanding(
  env: Env,
  row: {
    kind: DocumentKind;
    id: string;
    standing: Standing;
    changedAt: number;
    createdHead: number;
    head: number;
  },
): D1PreparedStatement {
  const { standing } = row;
  return env.DB.prepare(
    `INSERT OR REPLACE INTO documents (kind, id, state, live_version, draft_version, last_version, activated_at,
       changed_at, created_head, changed_head) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)`,
  ).bind(
    row.kind,
    row.id,
    standing.state,
    standing.liveVersion,
    standing.draftVersion,
    standing.lastVersion,
    standing.activatedAt,
    row.changedAt,
    row.createdHead,
    row.head,
  );
}

export function putVersion(env: Env, kind: DocumentKind, id: string, row: VersionRow): D1PreparedStatement {
  return env.DB.prepare(
    `INSERT OR REPLACE INTO document_versions (kind, id, version, body, etag, created_at, author)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)`,
  ).bind(kind, id, row.version, row.body, row.etag, row.created_at, row.author);
}

/** Of a body's text: 128 bits of SHA-256. */
export async function contentTag(body: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(body));
  return [...new Uint8Array(digest, 0, 16)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
