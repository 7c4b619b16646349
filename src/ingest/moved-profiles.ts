/**
 * Isolate cache: anonymous profiles that have become a known user's, so that later events go there at once. A link is
 * for good, so an entry can't go stale; the oldest go when there are too many. Holds userIds, in memory alone.
 */
import type { ProfileRef } from '../protocol/rpc.ts';

const MAX_CACHED = 5_000;
const moved = new Map<string, ProfileRef>();

export function movedTo(profileKey: string): ProfileRef | undefined {
  return moved.get(profileKey);
}

export function rememberMoved(profileKey: string, to: ProfileRef): void {
  if (moved.size >= MAX_CACHED) {
    const oldest = moved.keys().next();
    if (!oldest.done) moved.delete(oldest.value);
  }
  moved.set(profileKey, to);
}
