/**
 * A send that a run has reached, judged among those of its round:
 *
 *     pause → recheck → (released: re-eligibility again) → expiry → consent → caps → budget → surface → hours → render →
 *     hold-out → commit
 *
 * On one surface, or under a cap that is nearly full, fewer may win than ask; the runs come in the order in which they
 * win, so what is taken was taken by a better one. A render that fails leaves the slot to the runner-up. A send that may
 * not go out yet is held: it uses nothing, and at its release passes all of this again. A refused send ends the step,
 * never the run.
 */

import type { CompiledSend } from '../compile/compile-steps.ts';
import type { CompiledTrigger } from '../compile/compile-trigger.ts';
import { isLive } from '../config.ts';
import { budgetLeft } from '../gates/budget.ts';
import { hasConsent } from '../gates/consent-gate.ts';
import { expiresAt } from '../gates/expiry.ts';
import { cappedBy } from '../gates/frequency-cap.ts';
import { judgeReeligibility } from '../gates/reeligibility.ts';
import { isSuppressed } from '../gates/suppression.ts';
import { busyUntil } from '../gates/surface.ts';
import { judgeTiming } from '../gates/timing-gate.ts';
import type { Reason } from '../reasons.ts';
import { explain, type Round, runScope } from '../round.ts';
import type { Run } from '../run-state.ts';
import { cancelHeld } from '../runs/cancel-run.ts';
import { recheckFailure } from '../runs/group.ts';
import type { Channel } from '../trigger.ts';
import type { JsonObject } from '../vocabulary.ts';
import { isReachable } from './addresses.ts';
import { type Hold, hold } from './hold.ts';
import { compose, putMessage } from './put-message.ts';
import { cheapestFirst } from './unit-cost.ts';

export interface SendRequest {
  run: Run;
  trigger: CompiledTrigger;
  step: CompiledSend;
}

interface Refusal {
  kind: 'refused';
  reason: Reason;
  path: string;
  values?: JsonObject;
}
type Objection = Refusal | ({ kind: 'held' } & Hold);

/** Neither of these is reachable on the channel now: the next one is asked. */
const NEXT_CHANNEL: readonly Reason[] = ['no_channel', 'no_consent', 'suppressed'];

/** The run with what it sent counted in; null where it is held and rests. */
export function resolveSend(round: Round, request: SendRequest): Run | null {
  const objection = objectionTo(round, request);
  return objection ? refuse(round, request, objection) : sendOn(round, request);
}

/** What speaks against the send whatever the channel. */
function objectionTo(round: Round, { run, trigger, step }: SendRequest): Refusal | null {
  if (!isLive(round.config, trigger.id)) return refused('paused', `steps.${step.id}`);
  const failure = recheckFailure(round, trigger, run);
  if (failure) return { kind: 'refused', reason: 'recheck_failed', ...failure };
  if (!run.held || run.sends > 0) return null;
  const again = judgeReeligibility(trigger, run, round.draft, round.now);
  return again ? { kind: 'refused', reason: 'not_eligible', ...again } : null;
}

function sendOn(round: Round, request: SendRequest): Run | null {
  const { step } = request;
  const isEvery = step.send.mode === 'all';
  let { run } = request;
  const refusals: ChannelRefusal[] = [];
  const holds: Hold[] = [];
  let isSent = false;
  for (const channel of channelsOf(round, request)) {
    const outcome = sendOne(round, { ...request, run }, channel);
    if (outcome.kind === 'put') {
      run = outcome.run;
      isSent = true;
    } else if (outcome.kind === 'held') holds.push(outcome);
    else refusals.push({ ...outcome, channel, path: `steps.${step.id}.${outcome.path}` });
    const turnsToNext = outcome.kind === 'refused' && isUnreachable(outcome);
    if (!isEvery && !turnsToNext) break;
  }
  const isLost = !isSent && holds.length === 0;
  // Of channels that are asked one after the other, the last one's answer is the step's.
  tellRefusals(round, request, isEvery ? refusals : isLost ? refusals.slice(-1) : []);
  return holds.length > 0 ? hold(round, { ...request, run }, holds) : { ...run, held: null };
}

type ChannelRefusal = Refusal & { channel: Channel };

/** Why the channels got nothing; and what had been announced on them is taken back. */
function tellRefusals(round: Round, { run, trigger }: SendRequest, refusals: ChannelRefusal[]): void {
  for (const { channel, reason, path, values } of refusals) {
    explain(round, trigger, reason, { path, ...(values && { values }) });
    const id = run.held?.messages[channel];
    if (run.held && id !== undefined) {
      cancelHeld(round, run, { ...run.held, messages: { [channel]: id } }, reason);
    }
  }
}

function isUnreachable({ reason, path }: Refusal): boolean {
  return NEXT_CHANNEL.includes(reason) || path === NEXT_BY_HOURS;
}

function refuse(round: Round, { run, trigger }: SendRequest, { reason, path, values }: Refusal): Run {
  explain(round, trigger, reason, { path, ...(values && { values }) });
  if (run.held) cancelHeld(round, run, run.held, reason);
  return { ...run, held: null };
}

/** A held send stays on the channels that it is held for. */
function channelsOf(round: Round, request: SendRequest): Channel[] {
  const { config } = round;
  const { run, step, trigger } = request;
  if (run.held) return Object.keys(run.held.messages) as Channel[];
  const { channels, mode } = step.send;
  if (mode !== 'cheapest') return channels;
  return cheapestFirst(config, trigger, channels, (channel) => goesAs(round, request, channel));
}

/** An SMS may be too long for one; it is asked only where its price matters. */
function goesAs(round: Round, { trigger, run, step }: SendRequest, channel: Channel): Channel {
  if (channel !== 'sms' || !round.config.channels.get('lms')?.cost) return channel;
  const composed = compose(round, trigger, run, step, channel);
  return composed.kind === 'composed' ? composed.input.channel : channel;
}

function sendOne(
  round: Round,
  request: SendRequest,
  channel: Channel,
): Objection | { kind: 'put'; run: Run } {
  const { trigger, step, run } = request;
  const objection = gate(round, request, channel);
  if (objection) return objection;
  const put = putMessage(round, trigger, run, step, channel);
  return put.kind === 'put' ? put : refused('render_error', put.path, { message: put.message });
}

function refused(reason: Reason, path: string, values?: JsonObject): Refusal {
  return { kind: 'refused', reason, path, ...(values && { values }) };
}

function gate(round: Round, request: SendRequest, channel: Channel): Objection | null {
  const { run, trigger } = request;
  const { config, draft, now } = round;
  const isInApp = channel === 'in_app' || channel === 'card';
  if (!isReachable(draft, channel, config)) return refused('no_channel', 'send.channels', { channel });
  if (isSuppressed(draft, channel)) return refused('suppressed', 'send.channels', { channel });
  const until = expiresAt(round, trigger, run, channel);
  if (until <= now) return refused('expired', 'delivery.expireAfter', { channel });
  if (!hasConsent(round, channel, trigger.document.category)) {
    return refused('no_consent', 'send.channels', { channel });
  }
  const capped = capObjection(round, request, channel);
  if (capped) return capped;
  const isBudgeted = trigger.document.budget?.perUserPerDay !== undefined;
  if (isBudgeted && !budgetLeft(round, trigger, goesAs(round, request, channel)))
    return refused('budget', 'budget.perUserPerDay', { channel });
  if (isInApp) return channel === 'in_app' ? surfaceObjection(round, request) : null;
  return hoursObjection(round, request, channel, until);
}

function capObjection(round: Round, { run, trigger, step }: SendRequest, channel: Channel): Objection | null {
  const isInApp = channel === 'in_app' || channel === 'card';
  const surface = isInApp ? step.surface : undefined;
  const asked = { trigger, channel, surface, scope: runScope(round, run) };
  const capped = cappedBy(asked, round.taken.sends);
  if (!capped) return null;
  const reason = capped.winner === undefined ? 'frequency_capped' : 'outranked';
  const values = { channel, ...capped.values };
  if (trigger.document.delivery?.ifCapped === 'wait') {
    return { kind: 'held', channel, until: Math.max(capped.freeAt, round.now + 1), reason, values };
  }
  return refused(reason, 'delivery.caps', values);
}

function surfaceObjection(round: Round, { trigger, step }: SendRequest): Objection | null {
  const { surface } = step;
  const winner = round.taken.surfaces.get(surface);
  const until = busyUntil(round, surface, winner !== undefined);
  if (until === null) return null;
  const reason = winner === undefined ? 'surface_busy' : 'outranked';
  const values = { surface, ...(winner !== undefined && { winner }) };
  if (trigger.document.delivery?.ifBusy === 'queue') {
    return { kind: 'held', channel: 'in_app', until, reason, values, isQueued: true };
  }
  return refused(reason, 'send.surface', values);
}

/** Where the author sends at another time by another channel. */
const NEXT_BY_HOURS = 'delivery.quietHours.action';

function hoursObjection(
  round: Round,
  { run, trigger }: SendRequest,
  channel: Channel,
  expiry: number,
): Objection | null {
  const timing = judgeTiming(round, trigger, channel, run.held?.reachedAt);
  switch (timing.kind) {
    case 'now':
      return null;
    case 'drop':
      return refused(timing.reason, 'delivery.quietHours', { channel });
    case 'next_channel':
      return refused(timing.reason, NEXT_BY_HOURS, { channel });
    case 'hold': {
      // A default expiry stands still during a hold; one that the author wrote doesn't.
      const isOver = trigger.document.delivery?.expireAfter !== undefined && timing.until >= expiry;
      if (isOver) {
        const heldUntil = new Date(timing.until).toISOString();
        return refused('expired', 'delivery.expireAfter', { channel, heldUntil });
      }
      return { kind: 'held', channel, until: timing.until, reason: timing.reason };
    }
  }
}
