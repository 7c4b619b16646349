/**
 * Nothing is sent twice after a merge: what waits on one side, and the other side has got already, is cancelled, as far as
 * the trigger's re-eligibility would have refused it. What neither has got yet is sent once: the anonymous profile's gives
 * way to what still waits on the known one's side, never both.
 */

import { type Config, triggerOf } from '../config.ts';
import { Draft } from '../delta.ts';
import { judgeReeligibility } from '../gates/reeligibility.ts';
import type { Round } from '../round.ts';
import type { Run } from '../run-state.ts';
import { cancelRun } from '../runs/cancel-run.ts';
import { logKey } from '../runs/trigger-log.ts';
import type { ProfileState, Tally } from '../state.ts';

/** `own` and `theirs` are the two sides as they were; `newcomers` are theirs under their new ids, where still there. */
export function cancelWhatWasGot(
  round: Round,
  sides: { own: ProfileState; theirs: ProfileState },
  newcomers: Run[],
): void {
  const { own, theirs } = sides;
  const ownRuns = [...own.runs.values()];
  const alone = (run: Run, others: Run[]) =>
    !others.some(({ trigger, key }) => trigger === run.trigger && key === run.key);
  cancelRefused(
    round,
    newcomers.filter((run) => alone(run, ownRuns)),
    new Draft(own),
  );
  cancelRefused(
    round,
    ownRuns.filter((run) => alone(run, newcomers)),
    reallyGot(theirs),
  );
}

/** Those of the runs that, had the other side's log been theirs, would have been refused. */
function cancelRefused(round: Round, runs: Run[], other: Draft): void {
  for (const { id } of runs) {
    const run = round.draft.get('runs', id);
    const trigger = run && triggerFor(round.config, run);
    if (trigger && judgeReeligibility(trigger, { key: run.key }, other, round.now)) {
      cancelRun(round, run, 'not_eligible');
    }
  }
}

/** Re-eligibility outlives versions: where a run's own isn't at hand, that in force will do. */
function triggerFor(config: Config, { trigger, version }: Run) {
  return triggerOf(config, trigger, version) ?? config.triggers.get(trigger);
}

/** A profile's log without what is still under way. */
function reallyGot(state: ProfileState): Draft {
  const draft = new Draft(state);
  for (const [id, run] of state.runs) {
    for (const messageId of run.open) {
      const message = state.inbox.get(messageId);
      const leaving = state.outbox.get(messageId);
      const made = message ?? (leaving?.kind === 'message' ? leaving.input : undefined);
      if (made) takeOff(draft, run, 'sent', made.createdAt);
      draft.remove('inbox', messageId);
    }
    if (run.step === null && run.open.length === run.sends) takeOff(draft, run, 'entry', run.startedAt);
    draft.remove('runs', id);
  }
  return draft;
}

function takeOff(draft: Draft, run: Run, kind: 'sent' | 'entry', at: number): void {
  for (const key of new Set(['', run.key])) {
    const id = logKey(run.trigger, key);
    const log = draft.get('log', id);
    const tally = log?.[kind];
    if (log && tally) draft.put('log', id, { ...log, [kind]: without(tally, at) });
  }
}

function without(tally: Tally, at: number): Tally {
  const index = tally.recent.findIndex(([when]) => when === at);
  return { ...tally, n: tally.n - 1, recent: tally.recent.filter((_, i) => i !== index) };
}
