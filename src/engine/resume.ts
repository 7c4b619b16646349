/**
 * What time does to a profile: waits that have ended, messages that have expired, offers that nobody settled. Called by
 * the alarm; finding nothing due is no error, alarms may come early.
 */
import { advanceAll } from './advance.ts';
import type { Decision } from './decide.ts';
import { HOUR_MS } from './duration.ts';
import { applyExits } from './exits.ts';
import { expireMessages } from './expire.ts';
import { OFFER_AGAIN_MS, type Round, type RoundInput, startRound } from './round.ts';
import type { ProfileState } from './state.ts';
import type { OutboxEntry } from './vocabulary.ts';

export function resume(input: RoundInput): Decision {
  const round = startRound(input, null);
  const { now } = round;
  const due = [...round.draft.entries('runs')].some(([, run]) => run.dueAt !== null && run.dueAt <= now);
  expireMessages(round);
  if (due) {
    applyExits(round, null, []);
    const runs = [...round.draft.entries('runs')].map(([, run]) => run);
    advanceAll(
      round,
      runs.filter((run) => run.step !== null && run.dueAt !== null && run.dueAt <= now),
    );
  }
  offerAgain(round);
  return { delta: round.draft.delta(), effects: round.effects, trace: round.trace, duplicate: false };
}

/** Nobody settled these: offer them again, more and more seldom. */
function offerAgain(round: Round): void {
  const { draft, now } = round;
  for (const [id, entry] of [...draft.entries('outbox')]) {
    if (entry.retryAt > now) continue;
    const offered = (entry.offered ?? 0) + 1;
    const again: OutboxEntry = { ...entry, offered, retryAt: now + backOffMs(offered) };
    draft.put('outbox', id, again);
    round.effects.push(again);
  }
}

/** Doubles with every offer, from 60 s after the second one to an hour. */
function backOffMs(offered: number): number {
  return Math.min(HOUR_MS, OFFER_AGAIN_MS * 2 ** Math.min(offered, 7));
}

/** When the profile has to be woken next; null where nothing waits for time. */
export function nextDueAt(state: ProfileState): number | null {
  let due = Number.POSITIVE_INFINITY;
  for (const run of state.runs.values()) if (run.dueAt !== null) due = Math.min(due, run.dueAt);
  for (const entry of state.outbox.values()) due = Math.min(due, entry.retryAt);
  return due === Number.POSITIVE_INFINITY ? null : due;
}
