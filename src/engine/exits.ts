/** Exits cancel a run at once, whatever step it stands at, with everything of it that is still under way. */
import { cancelRun } from './cancel-run.ts';
import type { CompiledExit, CompiledTrigger } from './compile-trigger.ts';
import { triggerOf } from './config.ts';
import { matchOn } from './enter.ts';
import { elements } from './operators.ts';
import { explain, type Round, runScope, scopeOf } from './round.ts';
import type { Run, RunEntry } from './state.ts';
import type { Event } from './vocabulary.ts';

/** Judges every run's exits on this event, or on a timer where `event` is null. */
export function applyExits(round: Round, event: Event | null, names: string[]): void {
  for (const [, run] of [...round.draft.entries('runs')]) {
    const trigger = triggerOf(round.config, run.trigger, run.version);
    const exit = trigger?.exits.find((one) => exits(round, one, trigger, run, event, names));
    if (!trigger || !exit) continue;
    cancelRun(round, run, 'exited');
    explain(round, trigger, 'exited', { path: 'exit', values: { reason: exit.reason } });
  }
}

/** An exit without `on` is judged on every event and timer of the profile. */
function exits(
  round: Round,
  exit: CompiledExit,
  trigger: CompiledTrigger,
  run: Run,
  event: Event | null,
  names: string[],
): boolean {
  if (exit.on) {
    if (!event || !names.includes(exit.on.event)) return false;
    // `item.` is the later event's; `entry.` is what started the run.
    const scope = { ...runScope(round, run), item: round.item };
    if (matchOn(exit.on, event, scope, trigger.id).kind === 'none') return false;
    if (exit.matchKey && !sharesKey(round, trigger, run)) return false;
  }
  return exit.check ? exit.check(runScope(round, run)) === null : exit.on !== null;
}

/** Any value under the key's paths in the later event equals the run's. */
function sharesKey(round: Round, trigger: CompiledTrigger, run: Run): boolean {
  const { current, item } = round;
  const entry = current && {
    event: current as RunEntry['event'],
    item,
    referencePrice: null,
    lookup: null,
  };
  const scope = scopeOf(round, entry, null);
  return trigger.key.every((read, i) => elements(read(scope)).some((value) => value === run.keyValues[i]));
}

/** For the dispatcher's last question: would one of the run's standing exits cancel it now? */
export function standsExited(round: Round, trigger: CompiledTrigger, run: Run): boolean {
  return trigger.exits.some((exit) => !exit.on && exit.check?.(runScope(round, run)) === null);
}
