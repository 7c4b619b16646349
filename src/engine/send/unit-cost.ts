/**
 * What a message costs, in one currency; nobody here knows a rate of exchange.
 *
 * A channel whose settings name no cost is free, as what is shown inside the app always is. One whose cost is in another
 * currency can't be compared: to a budget it is free, and `cheapest` takes it after all that can be, as the author has them.
 * An SMS that is too long for one goes as an LMS, and costs as one.
 */
import type { CompiledTrigger } from '../compile/compile-trigger.ts';
import type { Config } from '../config.ts';
import type { ChannelSettings } from '../documents.ts';
import type { Channel, Trigger } from '../trigger.ts';

/** The budget's, else the workspace's. */
export function currencyOf(
  { policies }: Pick<Config, 'policies'>,
  { budget }: Pick<Trigger, 'budget'>,
): string {
  return budget?.currency ?? policies.workspace.currency;
}

/** Null where its cost is in another currency. */
export function unitCost(
  config: { channels: ReadonlyMap<Channel, Pick<ChannelSettings, 'cost'>> },
  channel: Channel,
  currency: string,
): number | null {
  const cost = config.channels.get(channel)?.cost;
  if (!cost) return 0;
  return cost.currency === currency ? cost.amount : null;
}

/** The channels from the cheapest on; of equal ones the author's first. `goesAs`: what an SMS really goes as. */
export function cheapestFirst(
  config: Pick<Config, 'channels' | 'policies'>,
  { document }: CompiledTrigger,
  channels: readonly Channel[],
  goesAs: (channel: Channel) => Channel,
): Channel[] {
  const currency = currencyOf(config, document);
  const costs = new Map(
    channels.map((channel) => [
      channel,
      unitCost(config, goesAs(channel), currency) ?? Number.POSITIVE_INFINITY,
    ]),
  );
  const costOf = (channel: Channel) => costs.get(channel) ?? 0;
  return [...channels].sort((a, b) => (costOf(a) === costOf(b) ? 0 : costOf(a) - costOf(b)));
}
