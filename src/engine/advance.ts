/**
 * Runs at their steps. Within one round every run goes on until it waits, ends or reaches a send; the sends reached are
 * judged together; then those runs go on, until nothing moves any more.
 */
import type { CompiledStep, CompiledTrigger } from './compile-trigger.ts';
import { triggerOf } from './config.ts';
import { explain, type Round, runScope } from './round.ts';
import { resolveSends, type SendRequest } from './send.ts';
import type { Run } from './state.ts';
import { tally } from './trigger-log.ts';

/** More steps than any document has: a cycle without a wait can't spin. */
const MAX_STEPS_PER_ROUND = 500;

export function advanceAll(round: Round, runs: Run[]): void {
  let moving = runs;
  const taken = new Map<string, string>();
  while (moving.length > 0) {
    const requests = moving.flatMap((run) => {
      const trigger = triggerOf(round.config, run.trigger, run.version);
      const request = trigger ? advance(round, trigger, run) : null;
      return request ? [request] : [];
    });
    moving = resolveSends(round, requests, taken).map((run) => ({ ...run, step: (run.step ?? 0) + 1 }));
  }
}

/** Moves one run on: to the send it reaches, or (null) to where it waits or ends. */
function advance(round: Round, trigger: CompiledTrigger, run: Run): SendRequest | null {
  let at = run.step ?? trigger.steps.length;
  for (let moved = 0; moved < MAX_STEPS_PER_ROUND; moved++) {
    const step = trigger.steps[at];
    if (!step || step.kind === 'end') break;
    if (step.kind === 'send') return { run: { ...run, step: at, dueAt: null }, trigger, step };
    if (step.kind === 'branch') at = branchFrom(round, run, step, at);
    else if (isOver(round, run, at)) at += 1;
    else {
      round.draft.put('runs', run.id, { ...run, step: at, dueAt: round.now + step.delayMs });
      if (round.current) explain(round, trigger, 'waiting', { path: `steps.${step.id}` });
      return null;
    }
  }
  end(round, run);
  return null;
}

/** Whether the run has stood at this wait, and its time has come. */
function isOver(round: Round, run: Run, at: number): boolean {
  return run.step === at && run.dueAt !== null && run.dueAt <= round.now;
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

/** The steps are through. A run without any send was no entry; one with open messages stays until they close. */
function end(round: Round, run: Run): void {
  const { draft } = round;
  if (run.sends > 0) tally(draft, run, 'entry', '', run.startedAt);
  if (run.open.length > 0) draft.put('runs', run.id, { ...run, step: null, dueAt: null });
  else draft.remove('runs', run.id);
}
