/**
 * What time does to a profile: waits that have ended, segments that it leaves or enters, messages that have expired, offers
 * that nobody settled. Called by
 * the alarm; finding nothing due is no error, alarms may come early.
 */
import type { Decision } from './decide.ts';
import { react } from './react.ts';
import { tellDecisions } from './reporting/tell-decisions.ts';
import { OFFER_AGAIN_MS, type Round, type RoundInput, startRound } from './round.ts';
import { expireMessages } from './runs/expire.ts';
import { dueTimers, nextTimerAt, nextTimerIn } from './runs/timers.ts';
import { forgetSegments, hasSegmentDue } from './segments/memberships.ts';
import { castShadows, hasShadows, nextShadowAt } from './shadow/cast-shadows.ts';
import type { ProfileState } from './state.ts';
import { MINUTE_MS } from './time/duration.ts';
import type { OutboxEntry } from './vocabulary.ts';

const MOST_BACK_OFF_MS = 5 * MINUTE_MS;

export function resume(input: RoundInput): Decision {
  const round = startRound(input, null);
  const { now } = round;
  // A wake that is for shadows alone must leave the live world as if it hadn't been.
  if (!hasShadows(input) || isLiveDue(round)) expireMessages(round);
  const due = [...round.draft.entries('runs')]
    .map(([, run]) => run)
    .filter((run) => run.step !== null && run.dueAt !== null && run.dueAt <= now);
  const timers = dueTimers(round);
  const isSegmentDue = hasSegmentDue(round);
  if (isSegmentDue) forgetSegments(round);
  if (due.length > 0 || timers.length > 0 || isSegmentDue) react(round, input, null, timers, due);
  tellDecisions(round, null);
  if (hasShadows(input)) castShadows(round, input, null);
  offerAgain(round);
  const { draft, effects, trace, wants } = round;
  return { delta: draft.delta(), effects, trace, duplicate: false, ...(wants.length > 0 && { wants }) };
}

function isLiveDue(round: Round): boolean {
  const { draft, now } = round;
  if (hasSegmentDue(round) || (nextTimerIn(round) ?? now + 1) <= now) return true;
  for (const [, { step, dueAt }] of draft.entries('runs')) {
    if (step !== null && dueAt !== null && dueAt <= now) return true;
  }
  for (const [, entry] of draft.entries('outbox')) {
    const isOfShadow = entry.kind === 'fact' && entry.fact.kind === 'shadow';
    if (!isOfShadow && entry.retryAt <= now) return true;
  }
  return false;
}

/** Nobody settled these: offer them again, more and more seldom. */
function offerAgain(round: Round): void {
  const { draft, now } = round;
  for (const [id, entry] of [...draft.entries('outbox')]) {
    if (entry.retryAt > now) continue;
    const offered = (entry.offered ?? 0) + 1;
    const again: OutboxEntry = { ...entry, offered, retryAt: now + backOffMs(offered) };
    draft.put('outbox', id, again);
    round.effects.push(again);
  }
}

/**
 * Doubles with every offer, from 60 s after the second one to five minutes. Not beyond: whatever lost the offers, an outage
 * or a queue, what is due leaves within minutes after it has ended, while it is still worth sending.
 */
function backOffMs(offered: number): number {
  return Math.min(MOST_BACK_OFF_MS, OFFER_AGAIN_MS * 2 ** Math.min(offered, 7));
}

/** When what stands in the state comes due; null where nothing waits for time. */
export function nextDueAt(state: ProfileState): number | null {
  let due = Number.POSITIVE_INFINITY;
  for (const run of state.runs.values()) if (run.dueAt !== null) due = Math.min(due, run.dueAt);
  for (const { runs } of state.shadows.values())
    for (const run of runs) due = Math.min(due, run.dueAt ?? due);
  for (const { nextAt } of state.segments.values()) if (nextAt !== undefined) due = Math.min(due, nextAt);
  for (const entry of state.outbox.values()) due = Math.min(due, entry.retryAt);
  return due === Number.POSITIVE_INFINITY ? null : due;
}

/** When the profile has to be woken next, for that or for a time of its own that a trigger waits for. */
export function nextWakeAt(input: RoundInput): number | null {
  const times = [nextDueAt(input.state), nextTimerAt(input), nextShadowAt(input)].filter((at) => at !== null);
  return times.length === 0 ? null : Math.min(...times);
}
