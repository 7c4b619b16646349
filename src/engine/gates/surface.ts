import type { Round } from '../round.ts';
import { SECOND_MS } from '../time/duration.ts';

/** A surface is busy this long after a message on it was handed out and not acknowledged. */
const SURFACE_BUSY_MS = 30 * SECOND_MS;

/** Until when a surface is busy; null where it is free. One that was taken in this very round has just become so. */
export function busyUntil(round: Round, surface: string, isTaken: boolean): number | null {
  let until = isTaken ? round.now + SURFACE_BUSY_MS : null;
  for (const [id, message] of round.draft.entries('inbox')) {
    if (message.surface !== surface || message.channel !== 'in_app' || message.shownAt !== undefined)
      continue;
    const handedAt = round.handed.get(id);
    if (handedAt === undefined || round.now - handedAt >= SURFACE_BUSY_MS) continue;
    until = Math.max(until ?? 0, handedAt + SURFACE_BUSY_MS);
  }
  return until;
}
