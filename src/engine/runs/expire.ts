import { putFact, type Round } from '../round.ts';
import { settledOf } from './acknowledge.ts';
import { cancelMessage, closeMessage, factOf } from './cancel-run.ts';
import { forgetExpired } from './undelivered.ts';

/** In-app messages whose time has run out leave the inbox; so do those that wait in the outbox. */
export function expireMessages(round: Round): void {
  const { draft, now } = round;
  for (const [id, message] of [...draft.entries('inbox')]) {
    if (message.expiresAt > now) continue;
    draft.remove('inbox', id);
    draft.put('settled', id, settledOf(message, message.key, now));
    closeMessage(round, message.runId, id);
    if (message.shownAt === undefined) {
      putFact(round, { kind: 'message_expired', message: factOf(message, 'expired') });
    }
  }
  for (const [id, entry] of [...draft.entries('outbox')]) {
    if (entry.kind !== 'message' || entry.input.expiresAt > now) continue;
    cancelMessage(round, id, 'expired');
    closeMessage(round, entry.runId, id);
  }
  forgetExpired(draft, now);
}
