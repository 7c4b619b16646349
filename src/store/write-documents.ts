/** Changes of documents: each one batch of the document's rows, the new head and the audit row. */
import type { Env } from '../bindings.ts';
import type { JsonObject } from '../engine/vocabulary.ts';
import { type Committed, commitChange, type Plan } from './commit-change.ts';
import {
  activate,
  archive,
  type DocumentKind,
  pause,
  remove,
  replace,
  type Standing,
  shownVersion,
  writeDraft,
} from './document-state.ts';
import { readRow } from './read-documents.ts';
import {
  contentTag,
  type DocumentRow,
  putStanding,
  putVersion,
  type StoredDocument,
  standingOf,
  toStored,
} from './stored-document.ts';

export type Refusal<R> =
  | { kind: 'not_found' }
  | { kind: 'exists' }
  /** `If-Match` names a version that isn't the current one. */
  | { kind: 'stale' }
  | { kind: 'impossible'; message: string }
  /** The caller's own check says no. */
  | { kind: 'checked'; reason: R };

export type Written<R> = Committed<StoredDocument, Refusal<R>>;

interface Change<R> {
  kind: DocumentKind;
  id: string;
  author: string;
  now: number;
  ifMatch: string | null;
  /** Why, where no person changes it; as JSON. */
  detail?: string;
  /** Asked against what is there when the change is decided; a reason refuses it. `document` is the one that is shown now. */
  check?: (document: JsonObject | null) => Promise<R | null>;
  /** Further writes of the same transaction. */
  alongside?: (head: number) => D1PreparedStatement[];
}

/** `mode`: `create` refuses an id in use, `update` an unknown one. Triggers are written as drafts. */
export async function writeDocument<R>(
  env: Env,
  change: Change<R> & { document: JsonObject; mode: 'create' | 'update' | 'put' },
): Promise<Written<R>> {
  const body = JSON.stringify(change.document);
  const etag = await contentTag(body);
  return commitChange(env, async (head): Promise<Plan<StoredDocument, Refusal<R>>> => {
    const row = await readRow(env, change.kind, change.id);
    const existing = row?.state === 'deleted' ? null : row;
    const refusal = misplaced(change.mode, existing) ?? (await refusalOf(change, existing));
    if (refusal) return refuse(refusal);
    const before = row && standingOf(row);
    const standing = change.kind === 'trigger' ? writeDraft(before) : replace(before, change.now);
    return write(env, change, {
      action: existing ? 'update' : 'create',
      head,
      row: existing,
      standing,
      version: { version: shownVersion(standing), body, etag, created_at: change.now, author: change.author },
    });
  });
}

function misplaced(mode: 'create' | 'update' | 'put', existing: DocumentRow | null) {
  if (mode === 'create' && existing) return { kind: 'exists' as const };
  return mode === 'update' && !existing ? { kind: 'not_found' as const } : null;
}

export type StateChange = 'activate' | 'pause' | 'archive' | 'delete';

export async function changeState<R>(
  env: Env,
  change: Change<R> & { action: StateChange },
): Promise<Written<R>> {
  return commitChange(env, async (head): Promise<Plan<StoredDocument, Refusal<R>>> => {
    const row = await readRow(env, change.kind, change.id);
    if (row === null || row.state === 'deleted') return refuse({ kind: 'not_found' });
    const refusal = await refusalOf(change, row);
    if (refusal) return refuse(refusal);
    const moved = move(standingOf(row), change.action, change.now);
    if (moved.kind === 'impossible') return refuse(moved);
    return write(env, change, { action: change.action, head, row, standing: moved.to, version: null });
  });
}

function move(standing: Standing, action: StateChange, now: number) {
  switch (action) {
    case 'activate':
      return activate(standing, now);
    case 'pause':
      return pause(standing);
    case 'archive':
      return archive(standing);
    case 'delete':
      return { kind: 'moved' as const, to: remove(standing) };
    default:
      return action satisfies never;
  }
}

async function refusalOf<R>(change: Change<R>, row: DocumentRow | null): Promise<Refusal<R> | null> {
  const stored = row && toStored(row);
  if (!matches(change.ifMatch, stored?.etag)) return { kind: 'stale' };
  const reason = change.check ? await change.check(stored?.document ?? null) : null;
  return reason === null ? null : { kind: 'checked', reason };
}

/** RFC 9110, `If-Match`: `*` or a list of tags. */
function matches(ifMatch: string | null, etag: string | undefined): boolean {
  if (ifMatch === null) return true;
  const wanted = ifMatch.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return etag !== undefined && (wanted.includes('*') || wanted.includes(etag));
}

interface Write {
  action: string;
  head: number;
  row: DocumentRow | null;
  standing: Standing;
  version: Pick<DocumentRow, 'version' | 'body' | 'etag' | 'created_at' | 'author'> | null;
}

function write<R>(env: Env, change: Change<R>, made: Write): Plan<StoredDocument, Refusal<R>> {
  const { kind, id, author, now, detail } = change;
  const { head, row, standing, version } = made;
  const shown = version ?? row;
  if (!shown) throw new Error('a change needs a version');
  const createdHead = row?.created_head ?? head;
  const after: DocumentRow = {
    ...{ version: shown.version, body: shown.body, etag: shown.etag },
    ...{ created_at: shown.created_at, author: shown.author },
    ...{ kind, id, state: standing.state, live_version: standing.liveVersion },
    ...{ draft_version: standing.draftVersion, last_version: standing.lastVersion },
    ...{ activated_at: standing.activatedAt, changed_at: now, created_head: createdHead },
  };
  return {
    kind: 'write',
    statements: [
      ...(version ? [putVersion(env, kind, id, version)] : []),
      putStanding(env, { kind, id, standing, changedAt: now, createdHead, head }),
      ...(change.alongside?.(head) ?? []),
    ],
    audit: {
      author,
      at: now,
      action: made.action,
      kind,
      id,
      beforeVersion: row ? row.live_version : null,
      afterVersion: standing.state === 'deleted' ? null : shownVersion(standing),
      ...(detail !== undefined && { detail }),
    },
    done: toStored(after),
  };
}

function refuse<R>(refused: Refusal<R>): { kind: 'refuse'; refused: Refusal<R> } {
  return { kind: 'refuse', refused };
}
