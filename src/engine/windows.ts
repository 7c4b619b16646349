/** From when on a condition's window counts: (start, now]. */
import { durationMs } from './duration.ts';
import type { Scope } from './scope.ts';
import type { Window } from './trigger.ts';

export type WindowStart = (scope: Scope) => number;

const EVER: WindowStart = () => Number.NEGATIVE_INFINITY;

export function compileWindow(window: Window | undefined): WindowStart {
  if (!window) return EVER;
  if ('last' in window) {
    const spanMs = durationMs(window.last);
    return (scope) => scope.now - spanMs;
  }
  if ('since' in window) {
    // One millisecond earlier: what started the session or run is inside.
    return window.since === 'session'
      ? (scope) => scope.draft.meta.sessionOpenedBy - 1
      : (scope) => (scope.entry?.event.timestamp ?? scope.now) - 1;
  }
  throw new Error('a calendar window cannot be judged yet');
}
