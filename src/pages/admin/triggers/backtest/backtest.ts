/** A backtest comes in parts, as many people as one request may; the parts add up to the whole. */
import type { Reason } from '../../../../engine/reasons.ts';
import type { Channel, Trigger } from '../../../../engine/trigger.ts';

/** One draft, as it was when it was asked about. */
export interface BacktestQuestion {
  trigger: Trigger;
  from: string;
  to: string;
  sample: number | 'all';
}

interface Person {
  userId: string | null;
  anonymousId: string | null;
}

export interface BacktestItem extends Person {
  at: string;
  channel: Channel;
  variant: string | null;
  event: string | null;
  content: { [field: string]: unknown } | null;
}

export interface Displaced extends Person {
  trigger: string;
  at: string;
  channel: Channel;
  laterAt: string | null;
  wasSent: boolean;
}

/** As the API answers it. */
export interface Backtest {
  profiles: { replayed: number; skipped: number; events: number };
  messages: {
    count: number;
    people: number;
    heldOut: number;
    perChannel: { [channel in Channel]?: number };
    cost: { currency: string; amount: number }[];
  };
  reasons: { [reason in Reason]?: number };
  items: BacktestItem[];
  displaced: Displaced[];
  fidelity: { recorded: number; reproduced: number };
  limits: string[];
  cursor: string | null;
}

export function joined(before: Backtest, next: Backtest): Backtest {
  const [one, other] = [before.messages, next.messages];
  return {
    profiles: added(before.profiles, next.profiles),
    messages: {
      // No person is in two parts.
      ...added(
        { count: one.count, people: one.people, heldOut: one.heldOut },
        { count: other.count, people: other.people, heldOut: other.heldOut },
      ),
      perChannel: added(one.perChannel, other.perChannel),
      cost: addedCosts(one.cost, other.cost),
    },
    reasons: added(before.reasons, next.reasons),
    items: [...before.items, ...next.items],
    displaced: [...before.displaced, ...next.displaced],
    fidelity: added(before.fidelity, next.fidelity),
    limits: next.limits,
    cursor: next.cursor,
  };
}

function added<T extends { [name: string]: number | undefined }>(some: T, others: T): T {
  const names = new Set([...Object.keys(some), ...Object.keys(others)]);
  return Object.fromEntries([...names].map((name) => [name, (some[name] ?? 0) + (others[name] ?? 0)])) as T;
}

function addedCosts(some: Backtest['messages']['cost'], others: Backtest['messages']['cost']) {
  const amounts = (costs: typeof some) =>
    Object.fromEntries(costs.map(({ currency, amount }) => [currency, amount]));
  return Object.entries(added<Record<string, number>>(amounts(some), amounts(others))).map(
    ([currency, amount]) => ({ currency, amount }),
  );
}
