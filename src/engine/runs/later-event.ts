/** Whether what happens later is what a run listens to: for its exits, its goals, and the steps that wait for something. */
import type { CompiledOn } from '../compile/compile-on.ts';
import type { CompiledTrigger } from '../compile/compile-trigger.ts';
import { elements } from '../language/operators.ts';
import { type Round, scopeOf } from '../round.ts';
import type { Run, RunEntry } from '../run-state.ts';
import type { Event } from '../vocabulary.ts';
import type { Happening } from './happening.ts';
import { matchFirst } from './match-on.ts';

export function isMet(
  round: Round,
  { on, matchKey }: { on: CompiledOn; matchKey: boolean },
  trigger: CompiledTrigger,
  run: Pick<Run, 'key' | 'keyValues'> & { entry: RunEntry | null },
  event: Event | null,
  happenings: Happening[],
): boolean {
  // `item.` is the later event's; `entry.` is what started the run.
  const scope = scopeOf(round, run.entry, { trigger: trigger.id, key: run.key });
  const matched = matchFirst(on, happenings, event, scope, trigger.id);
  return matched?.kind === 'matched' && (!matchKey || sharesKey(round, trigger, run));
}

/** Any value under the key's paths in the later event equals the run's. */
function sharesKey(round: Round, trigger: CompiledTrigger, run: Pick<Run, 'keyValues'>): boolean {
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
