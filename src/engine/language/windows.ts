/** From when on a condition's window counts: (start, now]. */
import type { CapWindow } from '../documents.ts';
import type { Scope } from '../scope.ts';
import { timeZoneOf } from '../send/locale.ts';
import { durationMs } from '../time/duration.ts';
import { firstZone } from '../time/zone-offset.ts';
import { startOf } from '../time/zone-time.ts';
import type { Window } from '../trigger.ts';

/** Exclusive: windows that begin with a midnight, session or run begin a millisecond earlier, to hold that instant. */
export type WindowStart<S = Scope> = (scope: S) => number;

const EVER: WindowStart = () => Number.NEGATIVE_INFINITY;

/** A window that doesn't speak of a run or session needs less of a scope. */
export function compileWindow(window: CapWindow): WindowStart<Pick<Scope, 'draft' | 'config' | 'now'>>;
export function compileWindow(window: Window | undefined, what?: 'events' | 'sends'): WindowStart;
/** What is counted is told by its own time (`events`), or by the object's clock (`sends`). */
export function compileWindow(window: Window | undefined, what: 'events' | 'sends' = 'events'): WindowStart {
  if (!window) return EVER;
  if ('last' in window) {
    const spanMs = durationMs(window.last);
    return (scope) => scope.now - spanMs;
  }
  if ('since' in window) {
    if (window.since === 'session') {
      const began = what === 'events' ? 'sessionOpenedBy' : 'sessionStartedAt';
      return (scope) => scope.draft.meta[began] - 1;
    }
    return (scope) => (scope.entry?.event.timestamp ?? scope.now) - 1;
  }
  const { calendar, count } = window;
  return (scope) => startOf(calendar, calendarZone(window, scope), scope.now, count) - 1;
}

/** Whose calendar a window goes by. */
export function calendarZone(
  { tz }: { tz?: 'user' | 'workspace' },
  { draft, config }: Pick<Scope, 'draft' | 'config'>,
): string {
  const { workspace } = config.policies;
  return tz === 'workspace' ? firstZone(workspace.tz) : timeZoneOf(draft, workspace);
}
