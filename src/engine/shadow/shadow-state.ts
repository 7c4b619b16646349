/** What a shadow version keeps in a profile: its own runs, and what it would have done by now. */
import type { Run } from '../run-state.ts';
import type { CappedSend, SectionValues, Tally, TriggerLog } from '../state.ts';

export interface ShadowState {
  /** Since when the version stands beside the live one; another instant is another shadow. */
  since: number;
  runSeq: number;
  runs: Run[];
  /** As in the state's `log`, `capped`, `timers` and `spending`: under the same keys, of this trigger alone. */
  log: [key: string, log: TriggerLog][];
  capped: [key: string, sends: CappedSend[]][];
  timers: [key: string, fired: SectionValues['timers']][];
  spending: SectionValues['spending'] | null;
}

/** The log as it stood just before: a new version never resets what the trigger has done. */
export function logBefore(log: TriggerLog, at: number): TriggerLog {
  const { lowest, told, exposed: _, reacted: __, ...tallies } = log;
  const before: TriggerLog = { ...(told && { told }), ...(lowest && lowest.at < at && { lowest }) };
  for (const kind of Object.keys(tallies) as (keyof typeof tallies)[]) {
    const tally = tallyBefore(tallies[kind], at);
    if (tally) before[kind] = tally;
  }
  return before;
}

function tallyBefore(tally: Tally | undefined, before: number): Tally | null {
  if (!tally) return null;
  const later = tally.recent.filter(([at]) => at >= before);
  if (later.length === tally.n) return null;
  const byChannel = { ...tally.byChannel };
  for (const [, channel] of later) byChannel[channel] = (byChannel[channel] ?? 0) - 1;
  const recent = tally.recent.slice(0, tally.recent.length - later.length);
  return { n: tally.n - later.length, recent, byChannel };
}
