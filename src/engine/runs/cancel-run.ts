import type { Reason } from '../reasons.ts';
import { putFact, type Round } from '../round.ts';
import type { Held, Run } from '../run-state.ts';
import type { Channel } from '../trigger.ts';
import type { Fact } from '../vocabulary.ts';
import { tally } from './trigger-log.ts';

/**
 * Ends a run now: no step of it comes any more, and what it has not yet shown or sent is taken back, the unseen message
 * in the inbox as well as the one in the outbox. One that a dispatcher holds at this moment is past recall.
 */
export function cancelRun(round: Round, run: Run, reason: Reason): void {
  for (const id of run.open) cancelMessage(round, id, reason);
  if (run.held) cancelHeld(round, run, run.held, reason);
  if (run.step !== null) countEntry(round, run);
  round.draft.remove('runs', run.id);
}

/** Once a run's steps are over, whichever way: one without any send was no entry. */
export function countEntry({ draft }: Round, run: Run): void {
  if (run.sends > 0) tally(draft, run, 'entry', '', run.startedAt);
}

/** What was announced as held won't come. */
export function cancelHeld(round: Round, run: Run, held: Held, reason: Reason): void {
  for (const [channel, id] of Object.entries(held.messages)) {
    if (channel === 'in_app' || channel === 'card') continue;
    const { trigger, version, variant } = run;
    const message = { id, trigger, version, variant, channel: channel as Channel, createdAt: held.reachedAt };
    putFact(round, { kind: 'message_cancelled', message: { ...message, reason } });
  }
}

export function cancelMessage(round: Round, id: string, reason: Reason): void {
  const { draft, now } = round;
  const seen = draft.get('inbox', id);
  if (seen && seen.shownAt === undefined) {
    draft.remove('inbox', id);
    putFact(round, { kind: 'message_cancelled', message: factOf(seen, reason) });
    return;
  }
  const leaving = draft.get('outbox', id);
  if (leaving?.kind !== 'message' || (leaving.leaseUntil ?? 0) > now) return;
  draft.remove('outbox', id);
  // Of what a provider may have got, nobody can say that it was taken back.
  const isUnknown = leaving.mayBeSent || leaving.leaseUntil !== undefined;
  const told = isUnknown ? 'unknown_outcome' : reason;
  putFact(round, { kind: 'message_cancelled', message: factOf({ ...leaving.input, id }, told) });
}

/** What D1 keeps of a message. */
export function factOf(
  message: Omit<NonNullable<Fact['message']>, 'reason'>,
  reason: Reason,
): NonNullable<Fact['message']> {
  const { id, trigger, version, variant, channel, createdAt, test } = message;
  return { id, trigger, version, variant, channel, reason, createdAt, ...(test && { test }) };
}

/** A message is settled, seen or gone: an exit has nothing to take back. The run ends with its last one. */
export function closeMessage(round: Round, runId: string, messageId: string): void {
  const run = round.draft.get('runs', runId);
  if (!run?.open.includes(messageId)) return;
  const open = run.open.filter((id) => id !== messageId);
  if (open.length === 0 && run.step === null) round.draft.remove('runs', runId);
  else round.draft.put('runs', runId, { ...run, open });
}
