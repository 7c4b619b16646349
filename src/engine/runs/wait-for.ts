/** Runs that wait for something to happen: what answers moves them on, in the very round that it happens in. */
import { triggerOf } from '../config.ts';
import type { Round } from '../round.ts';
import type { Run } from '../run-state.ts';
import type { Event } from '../vocabulary.ts';
import type { Happening } from './happening.ts';
import { isMet } from './later-event.ts';

/** The runs that are answered, each at the step it goes on with. */
export function answered(round: Round, event: Event | null, happenings: Happening[]): Run[] {
  const runs: Run[] = [];
  for (const [, run] of [...round.draft.entries('runs')]) {
    const trigger = run.step === null ? undefined : triggerOf(round.config, run.trigger, run.version);
    const step = trigger?.steps[run.step ?? -1];
    if (!trigger || step?.kind !== 'waitFor') continue;
    if (isMet(round, step, trigger, run, event, happenings)) {
      runs.push({ ...run, step: step.onAnswer, dueAt: null });
    }
  }
  return runs;
}
