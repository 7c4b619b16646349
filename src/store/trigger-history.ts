/** Which version of a trigger was in force at some head: the audit tells it of every head that ever was. */
import type { Env } from '../bindings.ts';

/** What was in force from a head on, until the next one. */
export interface InForce {
  head: number;
  /** Null: archived or deleted. */
  standing: { version: number; state: 'live' | 'paused' } | null;
}

interface ChangeRow {
  head: number;
  action: 'activate' | 'pause' | 'archive' | 'delete';
  after_version: number | null;
}

/** Oldest first; empty where it was never activated. */
export async function loadTriggerHistory(env: Env, id: string): Promise<InForce[]> {
  const { results } = await env.DB.withSession('first-primary')
    .prepare(
      `SELECT head, action, after_version FROM audit
        WHERE kind = 'trigger' AND id = ?1 AND action IN ('activate', 'pause', 'archive', 'delete') ORDER BY head`,
    )
    .bind(id)
    .all<ChangeRow>();
  let version = 0;
  return results.map(({ head, action, after_version }) => {
    // A pause keeps the version; what its row names may be a draft's.
    if (action === 'activate') version = after_version ?? version;
    const isInForce = action === 'activate' || action === 'pause';
    const state = action === 'pause' ? ('paused' as const) : ('live' as const);
    return { head, standing: isInForce ? { version, state } : null };
  });
}

export function inForceAt(history: InForce[], head: number): InForce['standing'] {
  return history.findLast((change) => change.head <= head)?.standing ?? null;
}
