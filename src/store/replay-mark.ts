import type { Env } from '../bindings.ts';
import { type Committed, commitChange } from './commit-change.ts';
import { markReplayed, readDeadLetter } from './dead-letters.ts';

/**
 * Writes down that somebody replays this failure of a letter, together with the audit's entry. Of several who do so at once, one
 * is `done`; the others are refused with `replayed`.
 */
export async function claimReplay(
  env: Env,
  letter: { id: string; attempts: number },
  by: { author: string; now: number; isForced: boolean },
): Promise<Committed<{ replayedAt: number }, 'replayed'>> {
  const { author, now, isForced } = by;
  return commitChange<{ replayedAt: number }, 'replayed'>(env, async () => {
    const current = await readDeadLetter(env.DB, letter.id);
    if (!current || current.attempts !== letter.attempts || current.replayedAt !== null) {
      return { kind: 'refuse', refused: 'replayed' };
    }
    return {
      kind: 'write',
      statements: [markReplayed(env.DB, letter, now)],
      audit: {
        author,
        at: now,
        action: isForced ? 'replay_forced' : 'replay',
        kind: 'dead_letter',
        id: letter.id,
      },
      done: { replayedAt: now },
    };
  });
}

/** It could not be replayed after all. */
export async function unmarkReplay(env: Env, letter: { id: string; attempts: number }): Promise<void> {
  await markReplayed(env.DB, letter, null).run();
}
