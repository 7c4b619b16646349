import { comparePrices } from '../items/price.ts';
import type { Tally, TriggerLog } from '../state.ts';

const TALLIES = ['entry', 'sent', 'shown', 'clicked', 'dismissed', 'held_out'] as const;

/** What either profile has got from a trigger, both have: counts add up, the lowest notified price is the lower. */
export function mergeLogs(own: TriggerLog | undefined, theirs: TriggerLog): TriggerLog {
  if (!own) return theirs;
  const merged: TriggerLog = {};
  for (const kind of TALLIES) {
    const sum = addTallies(own[kind], theirs[kind]);
    if (sum) merged[kind] = sum;
  }
  const lowest = lower(own.lowest, theirs.lowest);
  if (lowest) merged.lowest = lowest;
  const exposed = own.exposed ?? theirs.exposed;
  if (exposed !== undefined) merged.exposed = exposed;
  if (own.reacted || theirs.reacted) merged.reacted = later(own.reacted ?? {}, theirs.reacted ?? {});
  if (own.told || theirs.told) merged.told = later(own.told ?? {}, theirs.told ?? {});
  return merged;
}

function later(a: NonNullable<TriggerLog['told']>, b: NonNullable<TriggerLog['told']>): typeof a {
  const told = { ...a };
  for (const [news, at] of Object.entries(b)) told[news] = Math.max(at, told[news] ?? at);
  return told;
}

function addTallies(a: Tally | undefined, b: Tally | undefined): Tally | undefined {
  if (!a || !b) return a ?? b;
  const byChannel = { ...a.byChannel };
  for (const [channel, n] of Object.entries(b.byChannel)) byChannel[channel] = (byChannel[channel] ?? 0) + n;
  const recent = [...a.recent, ...b.recent].sort(([x], [y]) => x - y).slice(-50);
  return { n: a.n + b.n, recent, byChannel };
}

/** Of two currencies the newer notice. */
function lower(a: TriggerLog['lowest'], b: TriggerLog['lowest']): TriggerLog['lowest'] {
  if (!a || !b) return a ?? b;
  const difference = comparePrices(a.price, b.price);
  if (difference === null) return a.at >= b.at ? a : b;
  const price = difference <= 0 ? a.price : b.price;
  return { price, at: Math.max(a.at, b.at) };
}
