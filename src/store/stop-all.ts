import type { Env } from '../bindings.ts';
import { type Committed, commitChange } from './commit-change.ts';

/** Pauses every trigger at once, or lets those that are live go on. In force everywhere within 10 s. */
export async function setStopped(
  env: Env,
  request: { stopped: boolean; author: string; now: number },
): Promise<Committed<{ stopped: boolean }, never>> {
  const { stopped, author, now } = request;
  return commitChange(env, async () => ({
    kind: 'write' as const,
    statements: [env.DB.prepare('UPDATE config_head SET stopped = ?1 WHERE id = 1').bind(stopped ? 1 : 0)],
    audit: { author, at: now, action: stopped ? 'stop' : 'resume', kind: 'workspace', id: 'stop-all' },
    done: { stopped },
  }));
}
