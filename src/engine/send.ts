/**
 * A send that a run has reached, judged among those of its round: pause → recheck → consent → caps → surface → render →
 * commit. On one surface, or under a cap that is nearly full, fewer may win than ask; the runs come in the order in which
 * they win, so what is taken was taken by a better one. A render that fails leaves the slot to the runner-up. A refused
 * send ends the step, never the run.
 */

import type { CompiledTrigger, SendStepCompiled } from './compile-trigger.ts';
import { isLive } from './config.ts';
import { hasConsent } from './consent-gate.ts';
import { SECOND_MS } from './duration.ts';
import { cappedBy, type SentNow } from './frequency-cap.ts';
import { putMessage, surfaceOf } from './put-message.ts';
import { explain, type Round, runScope } from './round.ts';
import type { Run } from './state.ts';
import type { Channel } from './trigger.ts';
import type { JsonObject, Reason } from './vocabulary.ts';

export interface SendRequest {
  run: Run;
  trigger: CompiledTrigger;
  step: SendStepCompiled;
}

/** What this round has given away so far. */
export interface Taken {
  /** Surface → the trigger that has it. */
  surfaces: Map<string, string>;
  sends: SentNow[];
}

/** A surface is busy this long after a message on it was handed out and not acknowledged. */
const SURFACE_BUSY_MS = 30 * SECOND_MS;

interface Refusal {
  reason: Reason;
  path: string;
  values?: JsonObject;
}

/** Neither of these is reachable on the channel: `first_reachable` turns to the next one. */
const UNREACHABLE: readonly Reason[] = ['no_channel', 'no_consent'];

/** The run with what it sent counted in. */
export function resolveSend(round: Round, request: SendRequest, taken: Taken): Run {
  const { trigger } = request;
  const objection = objectionTo(round, request);
  if (objection) {
    explain(round, trigger, objection.reason, objection);
    return request.run;
  }
  return sendOn(round, request, taken);
}

function objectionTo(round: Round, { run, trigger, step }: SendRequest): Refusal | null {
  if (!isLive(round.config, trigger.id)) return { reason: 'paused', path: `steps.${step.id}` };
  const failure = trigger.recheck?.(runScope(round, run));
  return failure ? { reason: 'recheck_failed', ...failure } : null;
}

function sendOn(round: Round, request: SendRequest, taken: Taken): Run {
  const { trigger, step } = request;
  const every = step.send.mode === 'all';
  let { run } = request;
  let refusal: Refusal = { reason: 'no_channel', path: 'send.channels' };
  let sent = false;
  for (const channel of step.send.channels) {
    const put = sendOne(round, { ...request, run }, channel, taken);
    if (put.kind === 'put') {
      run = put.run;
      sent = true;
    } else {
      refusal = put.refusal;
      if (UNREACHABLE.includes(refusal.reason)) continue;
    }
    if (!every) break;
  }
  if (!sent) {
    const { reason, path, values } = refusal;
    explain(round, trigger, reason, { path: `steps.${step.id}.${path}`, ...(values && { values }) });
  }
  return run;
}

type Sent = { kind: 'put'; run: Run } | { kind: 'refused'; refusal: Refusal };

function sendOne(round: Round, request: SendRequest, channel: Channel, taken: Taken): Sent {
  const { trigger, step, run } = request;
  const refused = gate(round, request, channel, taken);
  if (refused) return { kind: 'refused', refusal: refused };
  const put = putMessage(round, trigger, run, step, channel);
  if (put.kind === 'refused') {
    const values = { message: put.message };
    return { kind: 'refused', refusal: { reason: 'render_error', path: put.path, values } };
  }
  if (channel === 'in_app') taken.surfaces.set(step.surface, trigger.id);
  taken.sends.push(mediumOf(round, request, channel));
  explain(round, trigger, 'sent', { messageId: put.messageId, path: `steps.${step.id}` });
  return { kind: 'put', run: put.run };
}

/** What a cap asks about. */
function mediumOf(round: Round, { run, trigger, step }: SendRequest, channel: Channel): SentNow {
  return { trigger, channel, surface: surfaceOf(step, channel), scope: runScope(round, run) };
}

function gate(round: Round, request: SendRequest, channel: Channel, taken: Taken): Refusal | null {
  const { trigger, step } = request;
  const { config, draft } = round;
  const inApp = channel === 'in_app' || channel === 'card';
  if (!inApp && !config.sendable.has(channel)) {
    return { reason: 'no_channel', path: 'send.channels', values: { channel } };
  }
  if (!hasConsent(draft, channel, trigger.document.category, config.policies.law)) {
    return { reason: 'no_consent', path: 'send.channels', values: { channel } };
  }
  const capped = cappedBy(mediumOf(round, request, channel), taken.sends);
  if (capped) {
    const reason = capped.winner === undefined ? 'frequency_capped' : 'outranked';
    return { reason, path: 'delivery.caps', values: { channel, ...capped.values } };
  }
  if (channel !== 'in_app') return null;
  const surface = step.surface;
  const winner = taken.surfaces.get(surface);
  if (winner !== undefined) return { reason: 'outranked', path: 'send.surface', values: { surface, winner } };
  return isBusy(round, surface)
    ? { reason: 'surface_busy', path: 'send.surface', values: { surface } }
    : null;
}

function isBusy(round: Round, surface: string): boolean {
  for (const [id, message] of round.draft.entries('inbox')) {
    if (message.surface !== surface || message.channel !== 'in_app') continue;
    const handedAt = round.handed.get(id);
    if (message.shownAt === undefined && handedAt !== undefined && round.now - handedAt < SURFACE_BUSY_MS) {
      return true;
    }
  }
  return false;
}
