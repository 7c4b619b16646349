/** What a trigger would have done in one recorded life, beside what happens in it without the trigger. */
import type { Config } from '../../engine/config.ts';
import type { Reason } from '../../engine/reasons.ts';
import type { Span } from './backtest-configs.ts';
import { itemsOf, type Standings } from './recorded-items.ts';
import type { Recording } from './recorded-life.ts';
import { type Replayed, type ReplayedSend, replayLife, SAME_SEND_MS } from './replay-life.ts';

export interface Displaced extends ReplayedSend {
  /** When it leaves all the same; null: never, within the span. */
  laterAt: number | null;
  /** The record has it: it was really sent. */
  wasSent: boolean;
}

export interface BacktestedLife {
  sent: ReplayedSend[];
  /** Of the tried trigger, within the span: how often it answered what. */
  reasons: Map<Reason, number>;
  displaced: Displaced[];
  /** How far the replay can be trusted: what was really sent in the span, and what of it happens again. */
  recorded: number;
  reproduced: number;
}

export interface BacktestSetup {
  /** The id of the trigger that is tried. */
  trigger: string;
  without: Config;
  within: Config;
  span: Span;
}

/** `known` are items of any number of lives; those that this one has to do with are taken from it. */
export async function backtestLife(
  recording: Recording,
  known: Standings,
  { trigger, without, within, span }: BacktestSetup,
): Promise<BacktestedLife> {
  const own = itemsOf(recording.events, within.policies.workspace.currency);
  const standings = new Map([...known].filter(([id]) => own.has(id)));
  const isWithin = ({ at }: { at: number }) => at >= span.fromAt && at < span.toAt;
  const trial = await replayLife(recording, standings, within, span.toAt);
  const sent = trial.sent.filter((one) => one.trigger === trigger && isWithin(one));
  // A trigger that never entered changes nothing: the two replays would be the same.
  const isSilent = !without.triggers.has(trigger) && !trial.answers.some((one) => hasActed(one, trigger));
  const before = isSilent ? trial : await replayLife(recording, standings, without, span.toAt);
  const real = recording.events.flatMap(({ takenAt: at, sent: messages }) =>
    messages.map((one) => ({ trigger: one.trigger, at })).filter(isWithin),
  );
  const displaced = displacedBy(before, trial, isWithin).map((one) => ({
    ...one,
    wasSent: real.some((other) => isSameSend(other, one)),
  }));
  const reproduced = paired(real, before.sent.filter(isWithin), isSameSend).length;
  return { sent, reasons: reasonsOf(trial, trigger, isWithin), displaced, recorded: real.length, reproduced };
}

/** These leave everything as it was; so does what is refused before a run begins. */
const IDLE: readonly Reason[] = ['not_matched', 'not_in_audience', 'paused', 'late_event', 'not_eligible'];

function hasActed({ trigger, reason }: Replayed['answers'][number], id: string): boolean {
  return trigger === id && !IDLE.includes(reason);
}

function reasonsOf(
  { answers }: Replayed,
  trigger: string,
  isWithin: (one: { at: number }) => boolean,
): Map<Reason, number> {
  const reasons = new Map<Reason, number>();
  for (const one of answers) {
    if (one.trigger === trigger && isWithin(one)) reasons.set(one.reason, (reasons.get(one.reason) ?? 0) + 1);
  }
  return reasons;
}

/** What is sent without the trigger, and not, or not then, with it. */
function displacedBy(
  before: Replayed,
  after: Replayed,
  isWithin: (one: ReplayedSend) => boolean,
): Omit<Displaced, 'wasSent'>[] {
  const isSame = (a: ReplayedSend, b: ReplayedSend) =>
    a.trigger === b.trigger && a.at === b.at && a.channel === b.channel && a.event === b.event;
  const kept = paired(before.sent, after.sent, isSame);
  const [stayed, still] = [new Set(kept.map(([one]) => one)), new Set(kept.map(([, one]) => one))];
  const gone = before.sent.filter((one) => !stayed.has(one));
  const come = after.sent.filter((one) => !still.has(one));
  const isLater = (a: ReplayedSend, b: ReplayedSend) =>
    a.trigger === b.trigger && a.channel === b.channel && b.at > a.at;
  const later = new Map(paired(gone, come, isLater).map(([one, other]) => [one, other.at]));
  return gone.filter(isWithin).map((one) => ({ ...one, laterAt: later.get(one) ?? null }));
}

function isSameSend(a: { trigger: string; at: number }, b: { trigger: string; at: number }): boolean {
  return a.trigger === b.trigger && Math.abs(a.at - b.at) <= SAME_SEND_MS;
}

/** Each of the first with the first of the second that fits and that no other has. */
function paired<A, B>(some: readonly A[], others: readonly B[], fits: (a: A, b: B) => boolean): [A, B][] {
  const free = new Set(others);
  return some.flatMap((one): [A, B][] => {
    for (const other of free) {
      if (!fits(one, other)) continue;
      free.delete(other);
      return [[one, other]];
    }
    return [];
  });
}
