/**
 * Runs at their steps. Within one round the runs go on one after the other, in the order in which they win: each until it
 * waits or ends, so that all its sends come before those of a lesser one.
 */
import { countEntry } from './cancel-run.ts';
import { winsBefore } from './compile-config.ts';
import type { CompiledStep, CompiledTrigger } from './compile-trigger.ts';
import { triggerOf } from './config.ts';
import { DAY_MS } from './duration.ts';
import { explain, type Round, runScope } from './round.ts';
import { resolveSend, type SendRequest, type Taken } from './send.ts';
import type { Run } from './state.ts';

/** More steps than any document has: a cycle without a wait can't spin. */
const MAX_STEPS_PER_ROUND = 500;

export function advanceAll(round: Round, runs: Run[]): void {
  const taken: Taken = { surfaces: new Map(), sends: [] };
  const known = runs.flatMap((run) => {
    const trigger = triggerOf(round.config, run.trigger, run.version);
    if (!trigger) standStill(round, run);
    return trigger ? [{ run, trigger }] : [];
  });
  known.sort((a, b) => winsBefore(a.trigger, b.trigger));
  for (const { run, trigger } of known) {
    let request = advance(round, trigger, run);
    while (request) {
      const sent = resolveSend(round, request, taken);
      request = advance(round, trigger, { ...sent, step: (sent.step ?? 0) + 1 });
    }
  }
}

/** Its version can't be found: nobody knows what comes next. Looked for again, but not at every instant. */
function standStill({ draft, now }: Round, run: Run): void {
  if (run.dueAt !== null) draft.put('runs', run.id, { ...run, dueAt: now + DAY_MS });
}

/** Moves one run on: to the send it reaches, or (null) to where it waits or ends. */
function advance(round: Round, trigger: CompiledTrigger, run: Run): SendRequest | null {
  let at = run.step ?? trigger.steps.length;
  // The wait that it has stood at, once: coming back to it begins it anew.
  let over = run.dueAt !== null && run.dueAt <= round.now ? run.step : null;
  for (let moved = 0; moved < MAX_STEPS_PER_ROUND; moved++) {
    const step = trigger.steps[at];
    if (!step || step.kind === 'end') break;
    if (step.kind === 'send') return { run: { ...run, step: at, dueAt: null }, trigger, step };
    if (step.kind === 'branch') at = branchFrom(round, run, step, at);
    else if (at === over) {
      over = null;
      at += 1;
    } else {
      standAt(round, trigger, { ...run, step: at, dueAt: round.now + step.delayMs }, step.id);
      return null;
    }
  }
  end(round, run);
  return null;
}

function standAt(round: Round, trigger: CompiledTrigger, run: Run, stepId: string): void {
  round.draft.put('runs', run.id, run);
  if (round.current) explain(round, trigger, 'waiting', { path: `steps.${stepId}` });
}

function branchFrom(
  round: Round,
  run: Run,
  step: Extract<CompiledStep, { kind: 'branch' }>,
  at: number,
): number {
  const scope = runScope(round, run);
  const taken = step.branches.find(({ check }) => !check || check(scope) === null);
  return taken && taken.to >= 0 ? taken.to : at + 1;
}

/** The steps are through. A run with open messages stays until they close. */
function end(round: Round, run: Run): void {
  const { draft } = round;
  countEntry(round, run);
  if (run.open.length > 0) draft.put('runs', run.id, { ...run, step: null, dueAt: null });
  else draft.remove('runs', run.id);
}
