/** What a message takes from the budgets of its trigger that are shared by all users; null where it takes nothing. */
import { budgetDay } from '../engine/gates/budget.ts';
import { toMillionths } from '../engine/limits/budget-ledger.ts';
import { currencyOf, unitCost } from '../engine/send/unit-cost.ts';
import type { MessageInput } from '../engine/vocabulary.ts';
import type { DispatchDeps } from './dispatch-deps.ts';
import type { Price } from './purse.ts';

type Documents = Awaited<ReturnType<DispatchDeps['documents']['config']>>;

/** By the version in force: who lowers a budget means the money that is left now. A test message is nobody's campaign. */
export function priceOf(
  { trigger, channel, test }: MessageInput,
  { channels, policies, triggers }: Documents,
  now: number,
): Price | null {
  const document = triggers.get(trigger)?.document;
  const { perDay = null, total = null } = document?.budget ?? {};
  if (!document || test || (perDay === null && total === null)) return null;
  const cost = unitCost({ channels }, channel, currencyOf({ policies }, document)) ?? 0;
  if (cost === 0) return null;
  return {
    trigger,
    day: budgetDay(policies.workspace.tz, now),
    cost: toMillionths(cost),
    perDay: perDay === null ? null : toMillionths(perDay),
    total: total === null ? null : toMillionths(total),
  };
}
