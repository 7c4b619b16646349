/**
 * Runs at their steps. Within one round the runs go on one after the other, in the order in which they win: each until it
 * waits, is held or ends, so that all its sends come before those of a lesser one.
 *
 *     collecting → at a step → waiting (for a time, or for something to happen) → at the next step → …
 *                     │  └ at a send: sent or refused → at the next step; held → waiting at the same send
 *                     └ past the last step: ended, but kept while an exit could still take back one of its messages
 */

import { winsBefore } from '../compile/compile-config.ts';
import type { CompiledStep, CompiledWait } from '../compile/compile-steps.ts';
import type { CompiledTrigger } from '../compile/compile-trigger.ts';
import { triggerOf } from '../config.ts';
import { setTrait } from '../fold/traits.ts';
import { instantOf } from '../language/operators.ts';
import { explain, type Round, runScope } from '../round.ts';
import type { Run } from '../run-state.ts';
import { timeZoneOf } from '../send/locale.ts';
import { resolveSend, type SendRequest } from '../send/send.ts';
import { DAY_MS } from '../time/duration.ts';
import { nextTimeOfDay } from '../time/zone-time.ts';
import { countEntry } from './cancel-run.ts';
import { COLLECTING } from './group.ts';

/** More steps than any document has: a cycle without a wait can't spin. */
const MAX_STEPS_PER_ROUND = 500;

export function advanceAll(round: Round, runs: Run[]): void {
  const known = runs.flatMap((run) => {
    const trigger = triggerOf(round.config, run.trigger, run.version);
    if (!trigger) standStill(round, run);
    return trigger ? [{ run, trigger }] : [];
  });
  known.sort((a, b) => winsBefore(a.trigger, b.trigger));
  for (const { run, trigger } of known) {
    const passage = beginPassage(run, round.now);
    let request = advance(round, trigger, run, passage);
    while (request) {
      const sent = resolveSend(round, request);
      request = sent && advance(round, trigger, { ...sent, step: (sent.step ?? 0) + 1 }, passage);
    }
  }
}

/** A run's way through one round. */
interface Passage {
  /** The step that it stood at, where its time is over; once: coming back to it begins it anew. */
  over: number | null;
  /** The steps that it has left. */
  left: Set<number>;
}

/** Whether what it stood at is over, or it comes to the step: for the first time in this round, or back to it. */
type Coming = 'over' | 'new' | 'again';

function beginPassage({ dueAt, step }: Run, now: number): Passage {
  return { over: dueAt !== null && dueAt <= now ? step : null, left: new Set() };
}

function comesTo(passage: Passage, at: number): Coming {
  if (passage.over === at) {
    passage.over = null;
    passage.left.add(at);
    return 'over';
  }
  if (passage.left.has(at)) return 'again';
  passage.left.add(at);
  return 'new';
}

/** Its version can't be found: nobody knows what comes next. Looked for again, but not at every instant. */
function standStill({ draft, now }: Round, run: Run): void {
  if (run.dueAt !== null) draft.put('runs', run.id, { ...run, dueAt: now + DAY_MS });
}

/** Moves one run on: to the send it reaches, or (null) to where it waits or ends. */
function advance(round: Round, trigger: CompiledTrigger, run: Run, passage: Passage): SendRequest | null {
  let at = run.step === COLLECTING ? 0 : (run.step ?? trigger.steps.length);
  for (let moved = 0; moved < MAX_STEPS_PER_ROUND; moved++) {
    const step = trigger.steps[at];
    if (!step || step.kind === 'end') break;
    if (step.kind === 'send') return { run: { ...run, step: at, dueAt: null }, trigger, step };
    const next = leave(round, trigger, { ...run, step: at }, step, comesTo(passage, at));
    if (next === null) return null;
    at = next;
  }
  end(round, run);
  return null;
}

type Passing = Exclude<CompiledStep, { kind: 'send' | 'end' }>;

/** The index of the step that follows; null where the run now stands at this one. */
function leave(
  round: Round,
  trigger: CompiledTrigger,
  run: Run & { step: number },
  step: Passing,
  how: Coming,
): number | null {
  const next = run.step + 1;
  switch (step.kind) {
    case 'branch': {
      const scope = runScope(round, run);
      const taken = step.branches.find(({ check }) => !check || check(scope) === null);
      return taken && taken.to >= 0 ? taken.to : next;
    }
    case 'split':
      return step.arms.get(run.variant ?? '') ?? next;
    case 'set':
      setTraits(round, run, step);
      return next;
    case 'waitFor':
      return how === 'over'
        ? step.onTimeout
        : standAt(round, trigger, run, step.id, round.now + step.timeoutMs);
    case 'wait':
      return how === 'over' ? next : wait(round, trigger, run, step, how === 'again');
  }
}

function wait(
  round: Round,
  trigger: CompiledTrigger,
  run: Run & { step: number },
  step: Extract<CompiledStep, { kind: 'wait' }>,
  isAgain: boolean,
): number | null {
  // At the instant at which it has left the wait, it waits for the next time.
  const dueAt = endOf(round, run, step.wait, isAgain ? round.now + 1 : round.now);
  if (dueAt === null || (isAgain && dueAt <= round.now)) {
    // What it waits until is missing, and going on without would send too early; or it is past for good, and going on
    // would send in circles. The run ends.
    explain(round, trigger, 'not_matched', { path: `steps.${step.id}.wait.until` });
    return trigger.steps.length;
  }
  return dueAt <= round.now ? run.step + 1 : standAt(round, trigger, run, step.id, dueAt);
}

function standAt(round: Round, trigger: CompiledTrigger, run: Run, stepId: string, dueAt: number): null {
  round.draft.put('runs', run.id, { ...run, dueAt, held: null });
  explain(round, trigger, 'waiting', { path: `steps.${stepId}` });
  return null;
}

/** When the wait ends, read as the step is entered; null where what it waits until is missing. */
function endOf(round: Round, run: Run, asked: CompiledWait, from: number): number | null {
  switch (asked.kind) {
    case 'for':
      return round.now + asked.delayMs;
    case 'time': {
      const zone = timeZoneOf(round.draft, round.config.policies.workspace);
      return nextTimeOfDay(zone, from, asked.timeMs, asked.days);
    }
    case 'until': {
      const at = instantOf(asked.read(runScope(round, run))[0]);
      return at === null ? null : at + asked.offsetMs;
    }
  }
}

function setTraits(round: Round, run: Run, step: Extract<CompiledStep, { kind: 'set' }>): void {
  const scope = runScope(round, run);
  for (const [name, read] of step.traits) setTrait(round.draft, name, read(scope) ?? null, round.now);
}

/** The steps are through. A run with open messages stays until they close. */
function end(round: Round, run: Run): void {
  const { draft } = round;
  countEntry(round, run);
  const ended: Run = { ...run, step: null, dueAt: null, held: null };
  if (run.open.length > 0) draft.put('runs', run.id, ended);
  else draft.remove('runs', run.id);
}
