/** `received`: what this profile has got from a trigger (or the triggers of a tag), over its life or in a window. */

import { logKey } from '../../runs/trigger-log.ts';
import type { Scope } from '../../scope.ts';
import type { Tally, TriggerLog } from '../../state.ts';
import type { ReceivedCondition } from '../../trigger.ts';
import { compileWindow } from '../windows.ts';
import { type Check, countHolds } from './check.ts';

export function compileReceived(condition: ReceivedCondition, path: string): Check {
  const startOf = condition.window ? compileWindow(condition.window, 'sends') : null;
  return (scope) => {
    let count = 0;
    for (const log of logsOf(condition, scope)) {
      count += tallied(log[condition.received], condition.channel, startOf ? startOf(scope) : null);
    }
    return countHolds(count, condition.count)
      ? null
      : { path: condition.count ? `${path}.count` : path, values: { count } };
  };
}

/** The newest that were noted, in no certain order, whatever the condition's window. */
export function receivedInstants(condition: ReceivedCondition, scope: Scope): number[] {
  const { received, channel } = condition;
  return [...logsOf(condition, scope)].flatMap((log) =>
    (log[received]?.recent ?? []).flatMap(([at, by]) =>
      channel === undefined || by === channel ? [at] : [],
    ),
  );
}

function* logsOf(condition: ReceivedCondition, scope: Scope): Generator<TriggerLog> {
  const key = condition.sameKey ? (scope.self?.key ?? '') : '';
  for (const id of triggersOf(condition, scope)) {
    const log = scope.draft.get('log', logKey(id, key));
    if (log) yield log;
  }
}

function triggersOf(condition: ReceivedCondition, scope: Scope): Iterable<string> {
  if (condition.trigger === 'self') return scope.self ? [scope.self.trigger] : [];
  if (condition.trigger !== undefined) return [condition.trigger];
  if (condition.tag !== undefined) return scope.config.triggersByTag.get(condition.tag) ?? [];
  const all = new Set<string>();
  for (const [key] of scope.draft.entries('log')) all.add(key.slice(0, key.indexOf('\n')));
  return all;
}

function tallied(tally: Tally | undefined, channel: string | undefined, afterAt: number | null): number {
  if (!tally) return 0;
  if (afterAt === null) return channel === undefined ? tally.n : (tally.byChannel[channel] ?? 0);
  return tally.recent.filter(([at, by]) => at > afterAt && (channel === undefined || by === channel)).length;
}
