/**
 * A message that was given up is taken back into the outbox, under its id. Whether it may still be sent is asked at the
 * claim, as of any other: consent, exits, expiry, recheck and pause.
 *
 * How often it had been tried names the failure that is replayed. So two people who replay the same dead letter, or one who
 * does so twice, send it once: the second finds it under way, or failed anew, which is another letter.
 */
import type { Delta } from './delta.ts';
import { type RoundInput, startRound } from './round.ts';
import { takeBack } from './runs/undelivered.ts';
import type { OutboxEntry } from './vocabulary.ts';

export interface ReplayInput extends RoundInput {
  messageId: string;
  /** Of the dead letter. */
  attempts: number;
}

export type Replay =
  /** `under_way`: it was replayed before. `overtaken`: it was, and has failed again since. */
  | { kind: 'replayed' | 'under_way' | 'overtaken' }
  /** `gone`: nothing is known of its content any more. */
  | { kind: 'refused'; reason: 'gone' | 'expired' | 'exited' };

export interface Replayed {
  delta: Delta;
  effects: OutboxEntry[];
  replay: Replay;
}

export function replay(input: ReplayInput): Replayed {
  const round = startRound(input, null);
  const { draft, now } = round;
  const answer = (result: Replay): Replayed => ({ delta: [], effects: [], replay: result });
  if (draft.get('outbox', input.messageId)?.kind === 'message') return answer({ kind: 'under_way' });
  const undelivered = draft.get('undelivered', input.messageId);
  if (!undelivered) return answer({ kind: 'refused', reason: 'gone' });
  const { entry, exited } = undelivered;
  if (entry.attempts !== input.attempts) return answer({ kind: 'overtaken' });
  if (entry.input.expiresAt <= now) return answer({ kind: 'refused', reason: 'expired' });
  if (exited) return answer({ kind: 'refused', reason: 'exited' });
  takeBack(round, undelivered);
  return { delta: draft.delta(), effects: round.effects, replay: { kind: 'replayed' } };
}
