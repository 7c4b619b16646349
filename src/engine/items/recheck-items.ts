/** Items whose state of now has to be asked for before `recheck` is judged: a run remembers them as they were. */
import { triggerOf } from '../config.ts';
import type { RoundInput } from '../round.ts';
import type { Run } from '../run-state.ts';

/** Of a message that is about to be claimed. */
export function itemsOfMessage({ state, config }: RoundInput, messageId: string): string[] {
  const entry = state.outbox.get(messageId);
  const run = entry?.kind === 'message' && !entry.input.test ? state.runs.get(entry.runId) : undefined;
  return run ? rechecked(run, config) : [];
}

/** Of all runs that are due. */
export function itemsOfDueRuns({ state, config, now }: RoundInput): string[] {
  const due = [...state.runs.values()].filter(({ dueAt }) => dueAt !== null && dueAt <= now);
  return [...new Set(due.flatMap((run) => rechecked(run, config)))];
}

function rechecked({ trigger, version, group, entry }: Run, config: RoundInput['config']): string[] {
  const recheck = triggerOf(config, trigger, version)?.document.delivery?.recheck;
  if (!recheck || !JSON.stringify(recheck).includes('"item.')) return [];
  return (group ?? [entry.item]).flatMap((item) => (item ? [item.id] : []));
}
