/**
 * The sends that one round reaches, judged together: consent → arbitration → render → commit. On one surface, and only
 * there, fewer may win than ask: higher priority, then earlier activation, then trigger id. A render that fails leaves
 * the slot to the runner-up. A refused send ends the step, never the run.
 */

import { winsBefore } from './compile-config.ts';
import type { CompiledTrigger, SendStepCompiled } from './compile-trigger.ts';
import { hasConsent } from './consent-gate.ts';
import { SECOND_MS } from './duration.ts';
import { cappedBy } from './frequency-cap.ts';
import { putMessage } from './put-message.ts';
import { explain, type Round } from './round.ts';
import type { Run } from './state.ts';
import type { Channel } from './trigger.ts';
import type { JsonObject, Reason } from './vocabulary.ts';

export interface SendRequest {
  run: Run;
  trigger: CompiledTrigger;
  step: SendStepCompiled;
}

/** A surface is busy this long after a message on it was handed out and not acknowledged. */
export const SURFACE_BUSY_MS = 30 * SECOND_MS;

/** The runs with what they sent counted in, in the order in which they won. */
export function resolveSends(round: Round, requests: SendRequest[], taken: Map<string, string>): Run[] {
  return requests
    .sort((a, b) => winsBefore(a.trigger, b.trigger))
    .map((request) => resolveOne(round, request, taken));
}

interface Refusal {
  reason: Reason;
  path: string;
  values?: JsonObject;
}

function resolveOne(round: Round, request: SendRequest, taken: Map<string, string>): Run {
  const { trigger, step } = request;
  const every = step.send.mode === 'all';
  let { run } = request;
  let refusal: Refusal = { reason: 'no_channel', path: 'send.channels' };
  let sent = false;
  for (const channel of step.send.channels) {
    const refused = gate(round, request, channel, taken);
    if (refused) {
      refusal = refused;
      continue;
    }
    const put = putMessage(round, trigger, run, step, channel);
    if (put.kind === 'refused') {
      refusal = { reason: 'render_error', path: put.path, values: { message: put.message } };
      continue;
    }
    if (channel === 'in_app') taken.set(step.surface, trigger.id);
    run = put.run;
    sent = true;
    explain(round, trigger, 'sent', { messageId: put.messageId, path: `steps.${step.id}` });
    if (!every) break;
  }
  if (!sent) {
    const { reason, path, values } = refusal;
    explain(round, trigger, reason, { path: `steps.${step.id}.${path}`, ...(values && { values }) });
  }
  return run;
}

function gate(
  round: Round,
  { trigger, step }: SendRequest,
  channel: Channel,
  taken: Map<string, string>,
): Refusal | null {
  const { config, draft } = round;
  const inApp = channel === 'in_app' || channel === 'card';
  if (!inApp && !config.sendable.has(channel)) {
    return { reason: 'no_channel', path: 'send.channels', values: { channel } };
  }
  if (!hasConsent(draft, channel, trigger.document.category, config.policies.law)) {
    return { reason: 'no_consent', path: 'send.channels', values: { channel } };
  }
  const capped = cappedBy({ draft, config, now: round.now, trigger, channel });
  if (capped) {
    return { reason: 'frequency_capped', path: 'delivery.caps', values: { channel, ...capped.values } };
  }
  if (channel !== 'in_app') return null;
  const surface = step.surface;
  const winner = taken.get(surface);
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
