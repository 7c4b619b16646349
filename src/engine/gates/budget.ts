/** What a trigger may spend on one profile in a day, by the unit costs of the channels; days are the workspace's. */
import type { CompiledTrigger } from '../compile/compile-trigger.ts';
import type { Round } from '../round.ts';
import { DAY_MS } from '../time/duration.ts';
import { firstZone } from '../time/zone-offset.ts';
import { dayOf, localTimeOf } from '../time/zone-time.ts';
import type { Channel } from '../trigger.ts';

/** The cost of one message, where the budget's currency can be compared with it. */
function costOf({ config }: Round, { document }: CompiledTrigger, channel: Channel): number {
  const cost = config.channels.get(channel)?.cost;
  const currency = document.budget?.currency ?? config.policies.workspace.currency;
  return cost?.currency === currency ? cost.amount : 0;
}

export function budgetLeft(round: Round, trigger: CompiledTrigger, channel: Channel): boolean {
  const limit = trigger.document.budget?.perUserPerDay;
  if (limit === undefined) return true;
  return spentToday(round, trigger) + costOf(round, trigger, channel) <= limit;
}

export function spend(round: Round, trigger: CompiledTrigger, channel: Channel): void {
  const cost = costOf(round, trigger, channel);
  if (trigger.document.budget === undefined || cost === 0) return;
  const amount = spentToday(round, trigger) + cost;
  round.draft.put('spending', trigger.id, { day: today(round), amount });
}

function spentToday(round: Round, { id }: CompiledTrigger): number {
  const spent = round.draft.get('spending', id);
  return spent?.day === today(round) ? spent.amount : 0;
}

function today({ now, config }: Round): string {
  const day = dayOf(localTimeOf(firstZone(config.policies.workspace.tz), now));
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}
