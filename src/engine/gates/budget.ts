/** What a trigger may spend on one profile in a day, by the unit costs of the channels; days are the workspace's. */
import type { CompiledTrigger } from '../compile/compile-trigger.ts';
import { decimalSum } from '../language/decimal.ts';
import type { Round } from '../round.ts';
import { currencyOf, unitCost } from '../send/unit-cost.ts';
import { DAY_MS } from '../time/duration.ts';
import { firstZone } from '../time/zone-offset.ts';
import { dayOf, localTimeOf } from '../time/zone-time.ts';
import type { Channel } from '../trigger.ts';

function costOf({ config }: Round, { document }: CompiledTrigger, channel: Channel): number {
  return unitCost(config, channel, currencyOf(config, document)) ?? 0;
}

export function budgetLeft(round: Round, trigger: CompiledTrigger, channel: Channel): boolean {
  const limit = trigger.document.budget?.perUserPerDay;
  if (limit === undefined) return true;
  return decimalSum([spentToday(round, trigger), costOf(round, trigger, channel)]) <= limit;
}

export function spend(round: Round, trigger: CompiledTrigger, channel: Channel): void {
  const cost = costOf(round, trigger, channel);
  if (trigger.document.budget === undefined || cost === 0) return;
  const amount = decimalSum([spentToday(round, trigger), cost]);
  round.draft.put('spending', trigger.id, { day: today(round), amount });
}

function spentToday(round: Round, { id }: CompiledTrigger): number {
  const spent = round.draft.get('spending', id);
  return spent?.day === today(round) ? spent.amount : 0;
}

function today({ now, config }: Round): string {
  return budgetDay(config.policies.workspace.tz, now);
}

/** The day that an instant's spending belongs to: the workspace's, `YYYY-MM-DD`. */
export function budgetDay(zone: string, at: number): string {
  const day = dayOf(localTimeOf(firstZone(zone), at));
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}
