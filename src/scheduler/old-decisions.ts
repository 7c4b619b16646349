/** Decisions that D1 need no longer keep: looked for every half hour, and removed a bounded number a turn. */
import type { Env } from '../bindings.ts';
import { MINUTE_MS } from '../engine/time/duration.ts';
import { clearDecisions } from '../store/decisions.ts';

const LOOK_AGAIN_MS = 30 * MINUTE_MS;
const ROWS_PER_TURN = 5_000;

export class OldDecisions {
  readonly #env: () => Pick<Env, 'DB'>;
  /** In memory only: who doesn't know looks. */
  #lookAt = 0;

  constructor(env: () => Pick<Env, 'DB'>) {
    this.#env = env;
  }

  /** Null where nothing is known to be left. */
  dueAt(now: number): number | null {
    return this.#lookAt > 0 && this.#lookAt <= now ? now : null;
  }

  async clear(now: number): Promise<void> {
    if (now < this.#lookAt) return;
    let hasMore = false;
    try {
      hasMore = await clearDecisions(this.#env().DB, now, ROWS_PER_TURN);
    } catch {
      // What is kept too long waits for the next look.
    }
    this.#lookAt = hasMore ? now : now + LOOK_AGAIN_MS;
  }
}
