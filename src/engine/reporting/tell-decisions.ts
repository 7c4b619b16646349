/**
 * What every trigger answered, those that sent nothing too, for whoever counts it outside: told where the workspace has
 * `exportDecisions`, by a fact for each event that any trigger answered, and for each turn of the alarm or a dispatcher.
 *
 * Told are the answers that the event's own explanation has, without paths and values, which say what people typed. Not
 * told are triggers that the index ruled out (nothing was asked of them, and they would be most), and versions in shadow,
 * which have a report of their own.
 */
import { hashId } from '../hash.ts';
import { putFact, type Round } from '../round.ts';
import type { Event } from '../vocabulary.ts';
import type { Answer } from './report-facts.ts';

/** An event that more triggers have answered is told by several facts: one has to fit into a queue's message. */
const MAX_ANSWERS = 100;
/** A name may be as long as an event; nobody groups by more. */
const MAX_NAME_CHARS = 200;
/** As the log names a turn without an event, after the commit that it becomes. */
export const TIMER = '$timer';

/**
 * What an event is called where an erasure can't follow (a bucket, the space that a database doesn't overwrite): its id is
 * the client's own text, and may say whose it is.
 */
export function eventKeyOf(messageId: string): string {
  return hashId(messageId);
}

/** To be called once the round has reacted, before shadows are cast. `event` is null where time, or a dispatcher, set it off. */
export function tellDecisions(round: Round, event: Event | null): void {
  const { config, trace, draft } = round;
  if (trace.length === 0 || !config.policies.workspace.exportDecisions) return;
  const { messageId, name } = event ?? { messageId: `${TIMER}:${draft.meta.seq + 1}`, name: TIMER };
  // Half a character, which JSON can carry, is none in a database.
  const about = { eventKey: eventKeyOf(messageId), name: name.slice(0, MAX_NAME_CHARS).toWellFormed() };
  for (let from = 0; from < trace.length; from += MAX_ANSWERS) {
    const answers = trace.slice(from, from + MAX_ANSWERS).map(({ id, version, reason, messageId: sent }) => {
      const answer: Answer = { trigger: id, version, reason };
      return sent === undefined ? answer : { ...answer, messageId: sent };
    });
    putFact(round, { kind: 'decided', decided: { ...about, answers } });
  }
}
