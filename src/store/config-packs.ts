/**
 * Packs: copies of the documents in force, some 128 KB of them in a row, so that an isolate that starts reads a few rows
 * for ten thousand triggers instead of two for each.
 *
 * `documents` stays the truth, and each change there has a head of its own. A pack holds what had last changed between
 * two heads when it was packed. Packs follow each other without a gap; what changed after the last one, the tail, is
 * read from `documents`. A document that changes leaves its copy behind in a pack, and stands again in the tail, or in a
 * later pack, which is applied later. So nothing that a pack says, or fails to say, can hide a change: where a pack is
 * missing, the reader goes on with `documents` from there.
 *
 * Whoever changes a document packs the tail in the same batch once it has grown long; and packs everything anew, which
 * clears away what was left behind, once as much has been added as there was.
 */
import type { Env } from '../bindings.ts';
import type { DocumentKind, DocumentState } from './document-state.ts';

/** A document as the reader of packs, or of `documents`, gets it. `body` is null where nothing is in force. */
export interface LiveRow {
  kind: DocumentKind;
  id: string;
  state: DocumentState;
  live_version: number | null;
  activated_at: number | null;
  changed_head: number;
}

export interface PackedDocument {
  row: LiveRow;
  body: unknown;
}

export interface PackRow {
  from_head: number;
  to_head: number;
  /** JSON of `PackedDocument[]`. */
  body: string;
}

/** How things stand before a change. */
export interface Packing {
  /** The last head that is packed. */
  packed_to: number;
  /** Documents that changed since. */
  tail: number;
  /** Documents in packs, what is left behind in them too; and in those that were made when all was packed anew. */
  size: number;
  base: number;
}

/** Documents of the tail: at most so many are read one by one. */
const MAX_TAIL = 64;
/** Written into the statement: bound, a number is a fraction to SQLite, and so is what is divided by it. */
const PACK_BYTES = 128 * 1024;
/** Packs in one answer: some 2 MB. */
export const PAGE_PACKS = 16;

/** The documents that changed after a head, with what is in force of each. */
export const CHANGES = `FROM documents d
  LEFT JOIN document_versions v
    ON v.kind = d.kind AND v.id = d.id AND v.version = d.live_version AND d.state IN ('live', 'paused')`;

export function selectPacking(db: D1DatabaseSession): D1PreparedStatement {
  return db.prepare(
    `SELECT coalesce(max(to_head), 0) AS packed_to, coalesce(sum(size), 0) AS size,
            coalesce(sum(size) FILTER (WHERE is_base), 0) AS base,
            (SELECT count(*) FROM documents
              WHERE changed_head > (SELECT coalesce(max(to_head), 0) FROM config_packs)) AS tail
       FROM config_packs`,
  );
}

/** For the end of a change's batch; none where the tail is still short. */
export function packStatements({ DB }: Env, { packed_to, tail, size, base }: Packing): D1PreparedStatement[] {
  if (tail + 1 < MAX_TAIL) return [];
  if (size - base + tail < base) return [insertPacks(DB, packed_to, false)];
  return [DB.prepare('DELETE FROM config_packs'), insertPacks(DB, 0, true)];
}

/** Bodies are JSON and are put in as they stand. A document without one clears its copy in an earlier pack away. */
function insertPacks(db: D1Database, from: number, isBase: boolean): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO config_packs (to_head, from_head, size, is_base, body)
       WITH packed AS (
         SELECT d.changed_head AS at, '{"row":' || json_object('kind', d.kind, 'id', d.id, 'state', d.state,
                  'live_version', d.live_version, 'activated_at', d.activated_at, 'changed_head', d.changed_head)
                || ',"body":' || coalesce(v.body, 'null') || '}' AS entry
           ${CHANGES}
          WHERE d.changed_head > ?1
       ), placed AS (
         SELECT at, entry, (sum(octet_length(entry)) OVER (ORDER BY at) - octet_length(entry)) / ${PACK_BYTES} AS place
           FROM packed
       )
       SELECT max(at), lag(max(at), 1, ?1) OVER (ORDER BY place), count(*), ?2,
              '[' || group_concat(entry, ',') || ']'
         FROM placed GROUP BY place`,
    )
    .bind(from, isBase ? 1 : 0);
}

export function selectPacks(db: D1DatabaseSession, after: number): D1PreparedStatement {
  return db
    .prepare(
      `SELECT from_head, to_head, body FROM config_packs WHERE to_head > ?1 ORDER BY to_head LIMIT ${PAGE_PACKS}`,
    )
    .bind(after);
}

/**
 * Applies packs to what is known up to the head `at`. Answers up to which head all is known then: that of the last pack,
 * or of the one before a gap.
 */
export function applyPacks(
  packs: PackRow[],
  at: number,
  apply: (document: PackedDocument) => void,
): { at: number; hasGap: boolean } {
  let known = at;
  for (const { from_head, to_head, body } of packs) {
    if (from_head > known) return { at: known, hasGap: true };
    for (const document of JSON.parse(body) as PackedDocument[]) {
      // Packed anew while they were being read: what is known already is no older.
      if (document.row.changed_head > known) apply(document);
    }
    known = to_head;
  }
  return { at: known, hasGap: false };
}
