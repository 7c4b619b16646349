/**
 * What a scanned condition looks through: the profile's events of one name, the one being decided among them, at most
 * the newest so many of those before it. `where` reads what history keeps of an event, of the one being decided too: an
 * answer mustn't change with the next event.
 */
import { keptEvent } from '../../event-view.ts';
import type { Scope, TestedEvent } from '../../scope.ts';
import type { EventContext } from '../../vocabulary.ts';

export const SCAN_LIMIT = 1_000;

/** After `afterAt`, in no certain order. */
export function eventsOf(
  { history, current }: Scope,
  name: string,
  afterAt: number,
  limit = SCAN_LIMIT,
): TestedEvent[] {
  const events = history.recent(name, afterAt, limit);
  return current?.name === name && current.timestamp > afterAt ? [keptView(current), ...events] : events;
}

/** Asked by every trigger of a round. */
const keptViews = new WeakMap<TestedEvent, TestedEvent>();

export function keptView(event: TestedEvent): TestedEvent {
  let kept = keptViews.get(event);
  if (!kept) {
    kept = keptEvent({ ...event, context: event.context as EventContext });
    keptViews.set(event, kept);
  }
  return kept;
}
