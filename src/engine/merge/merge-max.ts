/**
 * `reeligibility.max` across a merge: what both sides have got counts together, and of what still waits on either side only as
 * much stays as there is room for, the oldest first.
 */
import { triggerOf } from '../config.ts';
import { Draft } from '../delta.ts';
import type { Round } from '../round.ts';
import type { Run } from '../run-state.ts';
import { cancelRun } from '../runs/cancel-run.ts';
import { logKey } from '../runs/trigger-log.ts';
import type { ProfileState } from '../state.ts';
import type { Trigger } from '../trigger.ts';

/** After the logs of both sides were added up. `sides` as they were before. */
export function keepWithinMax(round: Round, sides: readonly ProfileState[]): void {
  const groups = new Map<string, { runs: Run[]; trigger: Trigger }>();
  const pending = [...round.draft.entries('runs')].map(([, run]) => run);
  for (const run of pending.sort((a, b) => a.startedAt - b.startedAt)) {
    const compiled =
      triggerOf(round.config, run.trigger, run.version) ?? round.config.triggers.get(run.trigger);
    if (compiled?.document.reeligibility.max === undefined || waitingIn(round.draft, run, round.now) === 0)
      continue;
    const key = groupOf(compiled.document, run);
    const group = groups.get(key) ?? { runs: [], trigger: compiled.document };
    group.runs.push(run);
    groups.set(key, group);
  }
  for (const [key, { runs, trigger }] of groups) cancelBeyond(round, sides, key, trigger, runs);
}

function cancelBeyond(
  round: Round,
  sides: readonly ProfileState[],
  key: string,
  trigger: Trigger,
  runs: Run[],
): void {
  const { max = 0, counts = 'sent' } = trigger.reeligibility;
  if (counts !== 'sent' && counts !== 'shown') return;
  const log = round.draft.get('log', key);
  const noted = counts === 'sent' ? (log?.sent?.n ?? 0) + (log?.held_out?.n ?? 0) : (log?.shown?.n ?? 0);
  // What waits was counted as sent when it was decided, also where this merge has cancelled it since.
  const waited =
    counts === 'sent' ? sides.reduce((n, side) => n + waitingOn(side, key, trigger, round.now), 0) : 0;
  let room = max - (noted - waited);
  for (const run of runs) {
    const waiting = waitingIn(round.draft, run, round.now);
    if (waiting <= room) room -= waiting;
    else cancelRun(round, run, 'not_eligible');
  }
}

function waitingOn(side: ProfileState, key: string, trigger: Trigger, now: number): number {
  const draft = new Draft(side);
  return [...side.runs.values()]
    .filter((run) => run.trigger === trigger.id && groupOf(trigger, run) === key)
    .reduce((n, run) => n + waitingIn(draft, run, now), 0);
}

/** Messages of a run that can still be taken back. */
function waitingIn(draft: Draft, run: Run, now: number): number {
  return run.open.filter((id) => {
    const seen = draft.get('inbox', id);
    const leaving = draft.get('outbox', id);
    if (seen) return seen.shownAt === undefined;
    return leaving?.kind === 'message' && (leaving.leaseUntil ?? 0) <= now;
  }).length;
}

/** As its log is kept: of the user, or of the key. */
function groupOf({ id, reeligibility }: Trigger, run: Run): string {
  return logKey(id, reeligibility.per === 'key' ? run.key : '');
}
