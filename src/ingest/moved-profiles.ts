/**
 * Anonymous profiles that have become a known user's, so that later events go there at once. A link is for good, but
 * for the erasure of the user: then the profile that it leads to says so. The oldest go when there are too many. Holds userIds, in memory alone.
 */
import type { ProfileRef } from '../protocol/rpc.ts';

const MAX_KEPT = 5_000;

export class MovedProfiles {
  readonly #moved = new Map<string, ProfileRef>();

  to(profileKey: string): ProfileRef | undefined {
    return this.#moved.get(profileKey);
  }

  remember(profileKey: string, to: ProfileRef): void {
    if (this.#moved.size >= MAX_KEPT) {
      const oldest = this.#moved.keys().next();
      if (!oldest.done) this.#moved.delete(oldest.value);
    }
    this.#moved.set(profileKey, to);
  }

  forget(profileKey: string): void {
    this.#moved.delete(profileKey);
  }

  /** A user was erased: nothing leads there any more. */
  forgetAllTo(profileKey: string): void {
    for (const [from, to] of this.#moved) if (to.key === profileKey) this.#moved.delete(from);
  }
}

/** The isolate's own. */
export const movedProfiles = new MovedProfiles();
