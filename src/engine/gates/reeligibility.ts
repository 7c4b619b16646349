/**
 * Whether a profile may get a trigger again. The log that is asked belongs to the trigger's id: a new version never
 * resets it.
 */

import type { CompiledTrigger } from '../compile/compile-trigger.ts';
import type { Draft } from '../delta.ts';
import type { Failure } from '../language/conditions/check.ts';
import { logKey } from '../runs/trigger-log.ts';
import { durationMs } from '../time/duration.ts';

/** Who asks: with an id, a run under way that doesn't count itself. */
interface Asking {
  key: string;
  id?: string;
}

/** Null where it may. */
export function judgeReeligibility(
  trigger: CompiledTrigger,
  asking: Asking,
  draft: Draft,
  now: number,
): Failure | null {
  const { mode, after, counts = 'sent', max } = trigger.document.reeligibility;
  const { n, lastAt } = soFar(trigger, asking, draft, now);
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
  asking: Asking,
  draft: Draft,
  now: number,
): { n: number; lastAt: number } {
  const { counts = 'sent', per = 'user' } = trigger.document.reeligibility;
  const log = draft.get('log', logKey(trigger.id, per === 'key' ? asking.key : ''));
  // A held-out message counts as sent for its own re-eligibility.
  const tallies = counts === 'sent' ? [log?.sent, log?.held_out] : [log?.[counts]];
  const under = underWay(trigger, asking, draft, now);
  return {
    n: tallies.reduce((sum, tally) => sum + (tally?.n ?? 0), under.length),
    lastAt: Math.max(0, ...tallies.map((tally) => tally?.recent.at(-1)?.[0] ?? 0), ...under),
  };
}

/**
 * When what isn't tallied yet began. An entry is tallied when its run ends; until then the run itself is the entry. A
 * message that waits to be seen comes back until it is: a second one would be seen right after it.
 */
function underWay(trigger: CompiledTrigger, asking: Asking, draft: Draft, now: number): number[] {
  const { counts = 'sent', per = 'user' } = trigger.document.reeligibility;
  const isMeant = (one: { trigger: string; key: string }) =>
    one.trigger === trigger.id && (per === 'user' || one.key === asking.key);
  if (counts === 'entry') {
    return [...draft.entries('runs')]
      .filter(([id, run]) => isMeant(run) && run.step !== null && id !== asking.id)
      .map(([, { startedAt }]) => startedAt);
  }
  if (counts === 'sent') return [];
  return [...draft.entries('inbox')]
    .filter(([, message]) => isMeant(message) && !message.test)
    .filter(([, message]) => message.shownAt === undefined && message.expiresAt > now)
    .map(([, { createdAt }]) => createdAt);
}
