import type { Draft } from '../delta.ts';
import type { Policies } from '../documents.ts';
import { durationMs } from '../time/duration.ts';
import type { Event } from '../vocabulary.ts';

/**
 * A session is the client's: it opens with the first client event after a silence of `sessionTimeout` on the object's
 * clock, and every further one keeps it open. Server, system and imported events open none.
 */
export function foldSession(draft: Draft, event: Event, policies: Policies, now: number): boolean {
  if (event.origin !== 'client' || event.imported) return false;
  const { meta } = draft;
  const silentMs = now - meta.sessionLastAt;
  const opens = meta.sessionCount === 0 || silentMs > durationMs(policies.workspace.sessionTimeout);
  if (opens) {
    const { n, sumMs } = meta.sessionIntervals;
    const sinceLastMs = now - meta.sessionStartedAt;
    draft.setMeta({
      ...(meta.sessionStartedAt > 0 && { sessionIntervals: { n: n + 1, sumMs: sumMs + sinceLastMs } }),
      sessionCount: meta.sessionCount + 1,
      sessionStartedAt: now,
      sessionOpenedBy: event.timestamp,
      page: null,
    });
  }
  draft.setMeta({ sessionLastAt: now });
  return opens;
}
