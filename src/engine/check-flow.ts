/** Where a run can go: every step must be reached by some run, and no run may go round without ever waiting. */
import type { Issue } from './issue.ts';
import { didYouMean } from './nearest-name.ts';
import type { Step } from './trigger.ts';

export function checkFlow(steps: Step[]): Issue[] {
  const ids = steps.map(({ id }) => id);
  const targets = [...steps.entries()].flatMap(([index, step]) => checkBranches(step, `steps.${index}`, ids));
  // Where a branch leads nowhere, what it would have reached is not known.
  return targets.length > 0 ? targets : [...checkReached(steps, ids), ...checkRounds(steps, ids)];
}

function checkBranches(step: Step, path: string, ids: string[]): Issue[] {
  if (!('branch' in step)) return [];
  const issues: Issue[] = [];
  for (const [i, { goto }] of step.branch.entries()) {
    if (ids.includes(goto)) continue;
    issues.push({
      path: `${path}.branch.${i}.goto`,
      message: `there is no step \`${goto}\`${didYouMean(goto, ids)}`,
    });
  }
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
  if (!('branch' in step)) return next;
  const jumps = step.branch.map(({ goto }) => ids.indexOf(goto));
  const isComplete = step.branch.some((branch) => branch.if === undefined);
  return isComplete ? jumps : [...jumps, ...next];
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
      : [
          {
            path: `steps.${index}`,
            message: `no run ever reaches \`${step.id}\`; expected a \`goto\` to it`,
          },
        ],
  );
}

/** The first step, in document order, from which a run can come back without passing a wait. */
function checkRounds(steps: Step[], ids: string[]): Issue[] {
  const index = steps.findIndex((_, start) => comesBack(steps, ids, start));
  const step = steps[index];
  if (step === undefined) return [];
  const message = `a run can come back to \`${step.id}\` without waiting, and would never end; expected a \`wait\` on the way`;
  return [{ path: `steps.${index}`, message }];
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
  return step !== undefined && 'wait' in step;
}
