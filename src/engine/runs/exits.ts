/** Exits cancel a run at once, whatever step it stands at, with everything of it that is still under way. */

import type { CompiledExit, CompiledTrigger } from '../compile/compile-trigger.ts';
import { triggerOf } from '../config.ts';
import { explain, type Round, runScope } from '../round.ts';
import type { Run } from '../run-state.ts';
import type { Event } from '../vocabulary.ts';
import { cancelRun } from './cancel-run.ts';
import type { Happening } from './happening.ts';
import { isMet } from './later-event.ts';

/** Judges every run's exits on what happened; timers and settlements too. */
export function applyExits(round: Round, event: Event | null, happenings: Happening[]): void {
  for (const [, run] of [...round.draft.entries('runs')]) {
    const trigger = triggerOf(round.config, run.trigger, run.version);
    const exit = trigger?.exits.find((one) => exits(round, one, trigger, run, event, happenings));
    if (!trigger || !exit) continue;
    cancelRun(round, run, 'exited');
    explain(round, trigger, 'exited', { path: 'exit', values: { reason: exit.reason } });
  }
  // What was given up may be replayed, but not past an exit of the run that it was of.
  for (const [id, undelivered] of [...round.draft.entries('undelivered')]) {
    const { run } = undelivered;
    const trigger = run && triggerOf(round.config, run.trigger, run.version);
    if (!trigger || undelivered.exited) continue;
    if (!trigger.exits.some((one) => exits(round, one, trigger, run, event, happenings))) continue;
    round.draft.put('undelivered', id, { ...undelivered, exited: true });
  }
}

/** An exit without `on` is judged on every event and timer of the profile. */
function exits(
  round: Round,
  exit: CompiledExit,
  trigger: CompiledTrigger,
  run: Run,
  event: Event | null,
  happenings: Happening[],
): boolean {
  const { on, matchKey } = exit;
  if (on && !isMet(round, { on, matchKey }, trigger, run, event, happenings)) return false;
  return exit.check ? exit.check(runScope(round, run)) === null : on !== null;
}

/** For the dispatcher's last question: would one of the run's standing exits cancel it now? */
export function standsExited(round: Round, trigger: CompiledTrigger, run: Run): boolean {
  return trigger.exits.some((exit) => !exit.on && exit.check?.(runScope(round, run)) === null);
}
