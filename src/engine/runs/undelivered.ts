/**
 * Messages that were given up, for a person who wants one sent after all:
 *
 *     settled as failed → undelivered → replayed: in the outbox again, under its id
 *                              ├ exited: its run would have been cancelled since
 *                              └ forgotten: expired, or ten newer ones came
 *
 * Kept in the profile, because what a message says about its user is nobody else's to keep. Its run is kept with it, so that a
 * claim asks the same questions as before; while it lies here it holds no run open and blocks no entry.
 */
import type { Draft } from '../delta.ts';
import { OFFER_AGAIN_MS, putOut, type Round } from '../round.ts';
import type { Run } from '../run-state.ts';
import type { MessageEntry } from '../vocabulary.ts';

export interface Undelivered {
  entry: MessageEntry;
  /** As it was; null for a test message, which has none. */
  run: Run | null;
  /** An exit of its run was met since. */
  exited?: true;
}

/** Each is up to 8 KB, and is in every snapshot of the profile until it expires. */
const UNDELIVERED_LIMIT = 10;

/** Before its run is closed. */
export function keepUndelivered({ draft, now }: Round, entry: MessageEntry): void {
  forgetExpired(draft, now);
  const { leaseUntil: _, offered: __, ...kept } = entry;
  draft.put('undelivered', entry.id, { entry: kept, run: draft.get('runs', entry.runId) ?? null });
  const ids = [...draft.entries('undelivered')].map(([id]) => id);
  for (const id of ids.slice(0, Math.max(0, ids.length - UNDELIVERED_LIMIT))) draft.remove('undelivered', id);
}

export function forgetExpired(draft: Draft, now: number): void {
  for (const [id, { entry }] of [...draft.entries('undelivered')]) {
    if (entry.input.expiresAt <= now) draft.remove('undelivered', id);
  }
}

/** Back into the outbox, with its run, where that has ended meanwhile. */
export function takeBack(round: Round, { entry, run }: Undelivered): void {
  const { draft, now } = round;
  draft.remove('undelivered', entry.id);
  const current = draft.get('runs', entry.runId);
  if (current) draft.put('runs', current.id, { ...current, open: [...current.open, entry.id] });
  else if (run) {
    draft.put('runs', run.id, { ...run, step: null, dueAt: null, held: null, open: [entry.id] });
  }
  putOut(round, { ...entry, replayOf: entry.attempts, retryAt: now + OFFER_AGAIN_MS });
}
