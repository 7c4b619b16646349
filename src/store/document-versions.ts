/** Versions that runs under way are pinned to. They never change, so that a bounded memory of them needs no expiry. */
import type { Env } from '../bindings.ts';
import type { Versioned } from '../engine/config.ts';
import type { Template } from '../engine/documents.ts';
import type { Trigger } from '../engine/trigger.ts';
import type { DocumentKind } from './document-state.ts';

interface VersionRef {
  id: string;
  version: number;
}

const MAX_KEPT = 500;
/** Two values each and the kind: D1 binds at most 100. */
const MAX_PAIRS = 49;

const kept = new Map<string, unknown>();

/** The trigger versions that exist among those asked for, in no particular order. */
export async function loadTriggerVersions(env: Env, wanted: VersionRef[]): Promise<Versioned<Trigger>[]> {
  return loadVersions<Trigger>(env, 'trigger', wanted);
}

/** Null where there is no such version. */
export async function loadTemplateVersion(env: Env, id: string, version: number): Promise<Template | null> {
  const [found] = await loadVersions<Template>(env, 'template', [{ id, version }]);
  return found?.document ?? null;
}

/** The database is another one: the same id and version may be another document there. */
export function forgetVersions(): void {
  kept.clear();
}

async function loadVersions<T>(env: Env, kind: DocumentKind, wanted: VersionRef[]): Promise<Versioned<T>[]> {
  const found: Versioned<T>[] = [];
  const missing: VersionRef[] = [];
  for (const ref of wanted) {
    const document = kept.get(keyOf(kind, ref));
    if (document === undefined) missing.push(ref);
    else found.push({ document: document as T, version: ref.version });
  }
  for (let from = 0; from < missing.length; from += MAX_PAIRS) {
    found.push(...(await readVersions<T>(env, kind, missing.slice(from, from + MAX_PAIRS))));
  }
  return found;
}

async function readVersions<T>(env: Env, kind: DocumentKind, refs: VersionRef[]): Promise<Versioned<T>[]> {
  const pairs = refs.map((_, i) => `(?${2 * i + 2}, ?${2 * i + 3})`).join(', ');
  const { results } = await env.DB.withSession('first-primary')
    .prepare(
      `SELECT v.id, v.version, v.body FROM document_versions v
         JOIN documents d ON d.kind = v.kind AND d.id = v.id
        WHERE v.kind = ?1 AND (v.id, v.version) IN (VALUES ${pairs})
          AND v.version IS NOT d.draft_version`,
    )
    .bind(kind, ...refs.flatMap(({ id, version }) => [id, version]))
    .all<{ id: string; version: number; body: string }>();
  return results.map((row) => {
    const document = JSON.parse(row.body) as T;
    if (kept.size >= MAX_KEPT) kept.clear();
    kept.set(keyOf(kind, row), document);
    return { document, version: row.version };
  });
}

function keyOf(kind: DocumentKind, { id, version }: VersionRef): string {
  return `${kind}/${id}@${version}`;
}
