/**
 * A trigger that groups collects: its first entry starts a run that waits, further entries join it, and after `within`,
 * or with the `max`th, it goes on with all of them as `entry.items[]`, the largest drop first.
 */
import type { CompiledTrigger } from '../compile/compile-trigger.ts';
import { toUnits } from '../items/price.ts';
import type { Failure } from '../language/conditions/check.ts';
import { explain, type Round, runScope } from '../round.ts';
import type { GroupedItem, Run, RunEntry } from '../run-state.ts';

/** The step of a run that still collects. */
export const COLLECTING = -1;

/** The run as it starts: collecting, and then it isn't moved (null); or, without a group, at its first step. */
export function startGroup(round: Round, trigger: CompiledTrigger, run: Run): Run | null {
  const { group } = trigger;
  if (!group) return run;
  const items = itemsOf(run.entry);
  if (items.length >= group.max) return { ...run, group: items };
  const dueAt = round.now + group.withinMs;
  round.draft.put('runs', run.id, { ...run, group: items, step: COLLECTING, dueAt });
  explain(round, trigger, 'waiting', { path: 'entry.group' });
  return null;
}

/**
 * Takes an entry into a run that collects: the run, where it is full now and goes on; null where it collects further;
 * undefined where it doesn't collect (any more).
 */
export function joinGroup(
  round: Round,
  trigger: CompiledTrigger,
  run: Run,
  entry: RunEntry,
): Run | null | undefined {
  const { group } = trigger;
  if (!group || run.step !== COLLECTING || !run.group) return undefined;
  const items = itemsOf(entry);
  const known = run.group.filter(({ id }) => !items.some((item) => item.id === id));
  const collected = [...known, ...items].sort((a, b) => dropOf(b) - dropOf(a)).slice(0, group.max);
  const joined: Run = { ...run, group: collected };
  round.draft.put('runs', run.id, joined);
  if (collected.length >= group.max) return { ...joined, step: 0, dueAt: null };
  explain(round, trigger, 'waiting', { path: 'entry.group', values: { items: collected.length } });
  return null;
}

/** The items that a run has collected and for which `recheck` holds, each asked by itself; null of any other run. */
export function itemsWorthTelling(round: Round, trigger: CompiledTrigger, run: Run): GroupedItem[] | null {
  if (!run.group) return null;
  const scope = runScope(round, run);
  return run.group.filter((item) => !trigger.recheck?.({ ...scope, item: asOfNow(round, item) }));
}

/** Why `recheck` keeps the run from sending: of one that has collected items, why it does for the last of them. */
export function recheckFailure(round: Round, trigger: CompiledTrigger, run: Run): Failure | null {
  const scope = runScope(round, run);
  if (!run.group || run.group.length === 0) {
    return trigger.recheck?.({ ...scope, item: scope.item && asOfNow(round, scope.item) }) ?? null;
  }
  let failure: Failure | null = null;
  for (const item of run.group) {
    failure = trigger.recheck?.({ ...scope, item: asOfNow(round, item) }) ?? null;
    if (!failure) return null;
  }
  return failure;
}

/** With what the catalog says of it at this moment, where somebody has asked. */
function asOfNow<T extends { id: string }>({ items }: Round, item: T): T {
  return { ...item, ...items.get(item.id) };
}

function itemsOf({ item, news, event, referencePrice }: RunEntry): GroupedItem[] {
  if (!item) return [];
  const about = news && { news, changedAt: event.timestamp };
  return [{ ...item, ...about, referencePrice: referencePrice?.amount ?? null }];
}

function dropOf({ price, referencePrice }: GroupedItem): number {
  return price === undefined || referencePrice === null ? 0 : toUnits(referencePrice) - toUnits(price);
}
