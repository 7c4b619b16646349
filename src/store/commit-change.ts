/**
 * How configuration changes. A change reads, decides and writes against one head. Its single batch also writes the
 * audit row whose key is the new head: when another writer was faster, that key is taken, the whole batch is rolled
 * back, and the change is decided again on what is there now. So checks such as "nothing uses this template" still
 * hold when the write lands.
 */
import type { Env } from '../bindings.ts';
import { dropConfig } from './config-cache.ts';
import { type Packing, packStatements, selectPacking } from './config-packs.ts';

const MAX_ATTEMPTS = 20;

export interface AuditEntry {
  author: string;
  at: number;
  action: string;
  kind: string;
  id: string;
  beforeVersion?: number | null;
  afterVersion?: number | null;
  /** Why, where no person made it; as JSON. */
  detail?: string;
}

export type Plan<Done, Refused> =
  | { kind: 'write'; statements: D1PreparedStatement[]; audit: AuditEntry; done: Done }
  | { kind: 'refuse'; refused: Refused };

export type Committed<Done, Refused> =
  | { kind: 'done'; value: Done }
  | { kind: 'refused'; refused: Refused }
  /** Other writers were faster, again and again. */
  | { kind: 'busy' };

export async function commitChange<Done, Refused>(
  env: Env,
  plan: (head: number) => Promise<Plan<Done, Refused>>,
): Promise<Committed<Done, Refused>> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const { head, packing } = await readHead(env);
    const planned = await plan(head + 1);
    if (planned.kind === 'refuse') return { kind: 'refused', refused: planned.refused };
    try {
      await env.DB.batch([
        insertAudit(env, head + 1, planned.audit),
        ...planned.statements,
        env.DB.prepare('UPDATE config_head SET version = ?1 WHERE id = 1').bind(head + 1),
        ...packStatements(env, packing),
      ]);
      dropConfig();
      return { kind: 'done', value: planned.done };
    } catch (error) {
      // It may have been committed although the answer was lost.
      dropConfig();
      if (!/UNIQUE constraint failed: audit\.head/.test(String(error))) throw error;
    }
  }
  return { kind: 'busy' };
}

async function readHead(env: Env): Promise<{ head: number; packing: Packing }> {
  const session = env.DB.withSession('first-primary');
  const [heads, packings] = await session.batch<{ version: number } | Packing>([
    session.prepare('SELECT version FROM config_head WHERE id = 1'),
    selectPacking(session),
  ]);
  const row = heads?.results[0] as { version: number } | undefined;
  const packing = packings?.results[0] as Packing | undefined;
  if (!row || !packing) throw new Error('config_head is empty: the migrations have not been applied');
  return { head: row.version, packing };
}

function insertAudit(env: Env, head: number, entry: AuditEntry): D1PreparedStatement {
  return env.DB.prepare(
    `INSERT INTO audit (head, at, author, action, kind, id, before_version, after_version, detail)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)`,
  ).bind(
    head,
    entry.at,
    entry.author,
    entry.action,
    entry.kind,
    entry.id,
    entry.beforeVersion ?? null,
    entry.afterVersion ?? null,
    entry.detail ?? null,
  );
}
