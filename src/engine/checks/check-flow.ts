/** Where a run can go: every step must be reached by some run, and no run may go round without ever waiting. */

import type { Step } from '../trigger.ts';
import type { Issue } from './issue.ts';
import { nearestName } from './nearest-name.ts';
import { refusedAt } from './refusal.ts';

export function checkFlow(steps: Step[]): Issue[] {
  const ids = steps.map(({ id }) => id);
  const targets = [...steps.entries()].flatMap(([index, step]) => checkBranches(step, `steps.${index}`, ids));
  // Where a branch leads nowhere, what it would have reached is not known.
  return targets.length > 0 ? targets : [...checkReached(steps, ids), ...checkRounds(steps, ids)];
}

/** Where a step names another: the id and the place it is written. */
function jumpsOf(step: Step, path: string): { to: string; at: string }[] {
  if ('branch' in step)
    return step.branch.map(({ goto }, i) => ({ to: goto, at: `${path}.branch.${i}.goto` }));
  if ('split' in step) {
    return Object.entries(step.split).map(([variant, to]) => ({ to, at: `${path}.split.${variant}` }));
  }
  if (!('waitFor' in step)) return [];
  return [
    ...(step.then === undefined ? [] : [{ to: step.then, at: `${path}.then` }]),
    ...(step.onTimeout === undefined ? [] : [{ to: step.onTimeout, at: `${path}.onTimeout` }]),
  ];
}

function checkBranches(step: Step, path: string, ids: string[]): Issue[] {
  const issues: Issue[] = jumpsOf(step, path)
    .filter(({ to }) => !ids.includes(to))
    .map(({ to, at }) => {
      return refusedAt(at, { code: 'no_such_step', values: { id: to, nearest: nearestName(to, ids) ?? '' } });
    });
  if (!('branch' in step)) return issues;
  const always = step.branch.findIndex((branch) => branch.if === undefined);
  if (always >= 0 && always < step.branch.length - 1) {
    const message = `\`branch.${always}\` has no \`if\` and is always taken before it; expected it to be the last`;
    issues.push({ path: `${path}.branch.${always + 1}`, message });
  }
  return issues;
}

/** The steps that can follow the one at `index`. Falling off the end ends the run. */
function following(steps: Step[], ids: string[], index: number): number[] {
  const step = steps[index];
  if (step === undefined || 'end' in step) return [];
  const next = index + 1 < steps.length ? [index + 1] : [];
  const jumps = jumpsOf(step, '').map(({ to }) => ids.indexOf(to));
  return goesOn(step) ? [...jumps, ...next] : jumps;
}

/** Whether some run leaves the step for the one below it. */
function goesOn(step: Step): boolean {
  if ('branch' in step) return step.branch.every((branch) => branch.if !== undefined);
  if ('split' in step) return false;
  return !('waitFor' in step) || step.then === undefined || step.onTimeout === undefined;
}

function checkReached(steps: Step[], ids: string[]): Issue[] {
  const reached = new Set<number>();
  const open = [0];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (reached.has(at)) continue;
    reached.add(at);
    open.push(...following(steps, ids, at));
  }
  return steps.flatMap((step, index) =>
    reached.has(index)
      ? []
      : [refusedAt(`steps.${index}`, { code: 'never_reached', values: { id: step.id } })],
  );
}

/** The first step, in document order, from which a run can come back without passing a wait. */
function checkRounds(steps: Step[], ids: string[]): Issue[] {
  const index = steps.findIndex((_, start) => comesBack(steps, ids, start));
  const step = steps[index];
  if (step === undefined) return [];
  return [refusedAt(`steps.${index}`, { code: 'endless', values: { id: step.id } })];
}

function comesBack(steps: Step[], ids: string[], start: number): boolean {
  const seen = new Set<number>();
  const open = isWait(steps[start]) ? [] : following(steps, ids, start);
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (at === start) return true;
    if (seen.has(at) || isWait(steps[at])) continue;
    seen.add(at);
    open.push(...following(steps, ids, at));
  }
  return false;
}

function isWait(step: Step | undefined): boolean {
  return step !== undefined && ('wait' in step || 'waitFor' in step);
}
