/**
 * Goals are noticed inside the run: from the first message that it sent (or, held out, would have sent), the first event
 * that meets a goal within its time is its conversion. The hold-out's conversions are counted like the others', so that
 * the difference is what the messages did.
 */
import type { CompiledTrigger } from '../compile/compile-trigger.ts';
import { triggerOf } from '../config.ts';
import { putFact, type Round, scopeOf } from '../round.ts';
import type { PendingGoal, Run } from '../run-state.ts';
import type { Event } from '../vocabulary.ts';
import type { Happening } from './happening.ts';
import { isMet } from './later-event.ts';

const GOAL_LIMIT = 300;

export function goalKey({ trigger, runId, goal }: PendingGoal): string {
  return `${trigger}\n${runId}\n${goal}`;
}

/** With the run's first send. */
export function openGoals(round: Round, trigger: CompiledTrigger, run: Run, heldOut: boolean): void {
  if (run.sends > 0) return;
  const { draft, now } = round;
  for (const goal of trigger.goals) {
    const pending: PendingGoal = {
      trigger: trigger.id,
      version: trigger.version,
      variant: run.variant,
      goal: goal.id,
      runId: run.id,
      key: run.key,
      keyValues: run.keyValues,
      heldOut,
      ...(goal.readsEntry && { entry: run.entry }),
      sentAt: now,
      until: now + goal.withinMs,
    };
    draft.put('goals', goalKey(pending), pending);
  }
  const keys = [...draft.entries('goals')].map(([key]) => key);
  for (const key of keys.slice(0, Math.max(0, keys.length - GOAL_LIMIT))) draft.remove('goals', key);
}

export function noticeGoals(round: Round, event: Event | null, happenings: Happening[]): void {
  for (const [key, pending] of [...round.draft.entries('goals')]) {
    if (pending.until <= round.now) {
      round.draft.remove('goals', key);
      continue;
    }
    const trigger = triggerOf(round.config, pending.trigger, pending.version);
    const goal = trigger?.goals.find(({ id }) => id === pending.goal);
    if (!trigger || !goal) continue;
    const entry = pending.entry ?? null;
    if (!isMet(round, goal, trigger, { ...pending, entry }, event, happenings)) continue;
    round.draft.remove('goals', key);
    const value = goal.value?.(scopeOf(round, entry, null))[0];
    putFact(round, {
      kind: 'converted',
      conversion: {
        trigger: pending.trigger,
        version: pending.version,
        variant: pending.variant,
        goal: pending.goal,
        heldOut: pending.heldOut,
        value: typeof value === 'number' ? value : null,
        sentAt: pending.sentAt,
      },
    });
  }
}
