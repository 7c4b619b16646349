/**
 * Goals, and which message an event is credited to. One rule, for messages that were sent and for those that the hold-out
 * would have got:
 *
 *     each message opens its trigger's goals, from the moment it was decided, for `within`
 *     an event that meets a goal closes it for every message of the trigger that it meets it for (`matchKey` tells keys
 *     apart): the last of them, by when it was decided, has converted
 *     of all triggers whose goals one event meets, the one with the last message has the credit; of several goals of
 *     that message, the first in its document
 *
 * So an order is one conversion of a trigger, however many messages went before it, and is credited once in the whole
 * workspace: credited revenue adds up. Conversions without the credit are told too: what a message changed is a question of
 * the people who got it and those who were held out, whoever else wrote to them (see `engine/statistics/`).
 */
import type { CompiledGoal, CompiledTrigger } from '../compile/compile-trigger.ts';
import { triggerOf } from '../config.ts';
import type { WorkspaceSide } from '../reporting/report-facts.ts';
import { putFact, type Round, scopeOf } from '../round.ts';
import type { PendingGoal, Run } from '../run-state.ts';
import type { Channel } from '../trigger.ts';
import type { Event } from '../vocabulary.ts';
import type { Happening } from './happening.ts';
import { isMet } from './later-event.ts';

const GOAL_LIMIT = 300;

export function goalKey({ trigger, runId, goal }: PendingGoal): string {
  return `${trigger}\n${runId}\n${goal}`;
}

/** What the goals of one message have to know of it. */
export interface GoalSend {
  messageId: string;
  channel: Channel;
  heldOut: boolean;
  /** The experiment that it was sent, or held out, under. */
  experiment: string | null;
  workspace: WorkspaceSide | null;
}

/** With each send; a run's later message takes the place of its earlier one. */
export function openGoals(round: Round, trigger: CompiledTrigger, run: Run, send: GoalSend): void {
  if (trigger.goals.length === 0) return;
  const { draft, now } = round;
  const { messageId, channel, heldOut, experiment, workspace } = send;
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
      messageId,
      channel,
      ...(experiment !== null && { experiment }),
      ...(workspace !== null && { workspace }),
      ...(goal.readsEntry && { entry: run.entry }),
      sentAt: now,
      until: now + goal.withinMs,
    };
    draft.put('goals', goalKey(pending), pending);
  }
  const keys = [...draft.entries('goals')].map(([key]) => key);
  for (const key of keys.slice(0, Math.max(0, keys.length - GOAL_LIMIT))) draft.remove('goals', key);
}

interface Met {
  pending: PendingGoal;
  goal: CompiledGoal;
  /** The goal's place in its document. */
  place: number;
}

export function noticeGoals(round: Round, event: Event | null, happenings: Happening[]): void {
  const last = new Map<string, Met>();
  for (const [key, pending] of [...round.draft.entries('goals')]) {
    if (pending.until <= round.now) {
      round.draft.remove('goals', key);
      continue;
    }
    const met = metBy(round, pending, event, happenings);
    if (!met) continue;
    round.draft.remove('goals', key);
    const name = `${pending.trigger}\n${pending.goal}`;
    const known = last.get(name);
    if (!known || pending.sentAt >= known.pending.sentAt) last.set(name, met);
  }
  if (last.size === 0) return;
  const all = [...last.values()];
  const credited = all.reduce((best, one) => (isLater(one, best) ? one : best));
  for (const one of all) tell(round, one, one === credited);
}

function metBy(round: Round, pending: PendingGoal, event: Event | null, happenings: Happening[]): Met | null {
  const trigger = triggerOf(round.config, pending.trigger, pending.version);
  const place = trigger?.goals.findIndex(({ id }) => id === pending.goal) ?? -1;
  const goal = trigger?.goals[place];
  if (!trigger || !goal) return null;
  const entry = pending.entry ?? null;
  return isMet(round, goal, trigger, { ...pending, entry }, event, happenings)
    ? { pending, goal, place }
    : null;
}

function isLater(a: Met, b: Met): boolean {
  if (a.pending.trigger === b.pending.trigger) {
    return (
      a.pending.sentAt > b.pending.sentAt || (a.pending.sentAt === b.pending.sentAt && a.place < b.place)
    );
  }
  return a.pending.sentAt >= b.pending.sentAt;
}

function tell(round: Round, { pending, goal }: Met, isCredited: boolean): void {
  const scope = scopeOf(round, pending.entry ?? null, null);
  const value = goal.value?.(scope)[0];
  const amount = typeof value === 'number' && Number.isFinite(value) ? value : null;
  const named = goal.currency?.(scope)[0];
  const currency = typeof named === 'string' ? named : round.config.policies.workspace.currency;
  const { messageId, channel, experiment, workspace } = pending;
  putFact(round, {
    kind: 'converted',
    conversion: {
      trigger: pending.trigger,
      version: pending.version,
      variant: pending.variant,
      goal: pending.goal,
      heldOut: pending.heldOut,
      value: amount,
      ...(amount !== null && { currency }),
      sentAt: pending.sentAt,
      // A message of an older build doesn't say.
      ...(messageId !== undefined && { messageId }),
      ...(channel !== undefined && { channel }),
      ...(experiment !== undefined && { experiment }),
      ...(workspace !== undefined && { workspace }),
      credited: isCredited,
    },
  });
}
