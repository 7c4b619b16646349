/**
 * Whether a profile may get a trigger again. The log that is asked belongs to the trigger's id: a new version never
 * resets it.
 */

import type { CompiledTrigger } from './compile-trigger.ts';
import type { Failure } from './conditions/check.ts';
import type { Draft } from './delta.ts';
import { durationMs } from './duration.ts';
import { logKey } from './trigger-log.ts';

/** Null where it may. */
export function judgeReeligibility(
  trigger: CompiledTrigger,
  key: string,
  draft: Draft,
  now: number,
): Failure | null {
  const { mode, after, counts = 'sent', max } = trigger.document.reeligibility;
  const { n, lastAt } = soFar(trigger, key, draft, now);
  if (n === 0) return null;
  if (mode === 'never') return { path: 'reeligibility.mode', values: { [counts]: n } };
  if (max !== undefined && n >= max) return { path: 'reeligibility.max', values: { [counts]: n } };
  if (mode === 'always' || after === undefined) return null;
  const eligible =
    after === 'session' ? lastAt < draft.meta.sessionStartedAt : lastAt + durationMs(after) <= now;
  return eligible ? null : { path: 'reeligibility.after', values: { lastAt } };
}

/** How often it counted for this user or key, and when last. */
function soFar(
  trigger: CompiledTrigger,
  key: string,
  draft: Draft,
  now: number,
): { n: number; lastAt: number } {
  const { counts = 'sent', per = 'user' } = trigger.document.reeligibility;
  const log = draft.get('log', logKey(trigger.id, per === 'key' ? key : ''));
  // A held-out message counts as sent for its own re-eligibility.
  const tallies = counts === 'sent' ? [log?.sent, log?.held_out] : [log?.[counts]];
  const under = underWay(counts, draft, trigger.id, per === 'key' ? key : null, now);
  return {
    n: tallies.reduce((sum, tally) => sum + (tally?.n ?? 0), under.length),
    lastAt: Math.max(0, ...tallies.map((tally) => tally?.recent.at(-1)?.[0] ?? 0), ...under),
  };
}

/**
 * When what isn't tallied yet began. An entry is tallied when its run ends; until then the run itself is the entry. A
 * message that waits to be seen comes back until it is: a second one would be seen right after it.
 */
function underWay(
  counts: 'entry' | 'sent' | 'shown',
  draft: Draft,
  triggerId: string,
  key: string | null,
  now: number,
): number[] {
  if (counts === 'entry') return runsUnderWay(draft, triggerId, key);
  return counts === 'shown' ? unseen(draft, triggerId, key, now) : [];
}

function unseen(draft: Draft, triggerId: string, key: string | null, now: number): number[] {
  const made: number[] = [];
  for (const [, message] of draft.entries('inbox')) {
    const counts = message.trigger === triggerId && (key === null || message.key === key);
    if (counts && message.shownAt === undefined && message.expiresAt > now) made.push(message.createdAt);
  }
  return made;
}

/** When the runs that still have steps to go began. */
function runsUnderWay(draft: Draft, triggerId: string, key: string | null): number[] {
  const began: number[] = [];
  for (const [, run] of draft.entries('runs')) {
    const counts = run.trigger === triggerId && run.step !== null && (key === null || run.key === key);
    if (counts) began.push(run.startedAt);
  }
  return began;
}
