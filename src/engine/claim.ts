/**
 * A message in the outbox, from the offer to the end:
 *
 *     offered → claimed (a lease of 30 s) → settled
 *                 │            └ the lease runs out: offered again, under the same id
 *                 └ cancelled: what held at the decision no longer does
 *
 * The claim asks again, at this moment, everything that may have changed since: expiry, pause, exits, consent, recheck.
 * It may cancel the message, never change it.
 */

import { settledOf } from './acknowledge.ts';
import { cancelMessage, closeMessage } from './cancel-run.ts';
import { isLive, triggerOf } from './config.ts';
import { hasConsent } from './consent-gate.ts';
import type { Delta } from './delta.ts';
import { SECOND_MS } from './duration.ts';
import { standsExited } from './exits.ts';
import { type Round, type RoundInput, runScope, startRound } from './round.ts';
import type { MessageInput, OutboxEntry, Reason } from './vocabulary.ts';

const LEASE_MS = 30 * SECOND_MS;

export interface ClaimInput extends RoundInput {
  messageId: string;
}

export type Claim =
  | { kind: 'claimed'; attempt: number; message: MessageInput }
  | { kind: 'gone'; reason: Reason | 'settled' }
  | { kind: 'leased'; untilAt: number };

export interface Claimed {
  delta: Delta;
  effects: OutboxEntry[];
  claim: Claim;
}

export function claim(input: ClaimInput): Claimed {
  const round = startRound(input, null);
  const entry = round.draft.get('outbox', input.messageId);
  if (entry?.kind !== 'message')
    return { delta: [], effects: [], claim: { kind: 'gone', reason: 'settled' } };
  if (entry.leaseUntil !== undefined && entry.leaseUntil > round.now) {
    return { delta: [], effects: [], claim: { kind: 'leased', untilAt: entry.leaseUntil } };
  }
  const objection = objectionTo(round, entry);
  if (objection) {
    cancelMessage(round, entry.id, objection);
    closeMessage(round, entry.runId, entry.id);
    return { delta: round.draft.delta(), effects: round.effects, claim: { kind: 'gone', reason: objection } };
  }
  const leaseUntil = round.now + LEASE_MS;
  const attempt = entry.attempts + 1;
  round.draft.put('outbox', entry.id, { ...entry, attempts: attempt, leaseUntil, retryAt: leaseUntil });
  return {
    delta: round.draft.delta(),
    effects: [],
    claim: { kind: 'claimed', attempt, message: entry.input },
  };
}

/** Why it must not be sent now; null where it may. */
function objectionTo(round: Round, entry: Extract<OutboxEntry, { kind: 'message' }>): Reason | null {
  const { config, draft, now } = round;
  const { input } = entry;
  if (input.expiresAt <= now) return 'expired';
  if (!isLive(config, input.trigger)) return 'paused';
  if (!hasConsent(draft, input.channel, input.category, config.policies.law)) return 'no_consent';
  const run = draft.get('runs', entry.runId);
  // A run stays while a message of it is open: it was cancelled while a dispatcher held this one.
  if (!run) return 'exited';
  const trigger = triggerOf(config, input.trigger, input.version);
  if (!trigger) return null;
  if (standsExited(round, trigger, run)) return 'exited';
  return trigger.recheck?.(runScope(round, run)) ? 'recheck_failed' : null;
}

export interface SettleInput extends RoundInput {
  messageId: string;
  outcome: { kind: 'sent' | 'failed' } | { kind: 'retry'; afterMs: number };
}

/** The dispatcher reports. A message that is unknown here was settled before: nothing changes. */
export function settle(input: SettleInput): { delta: Delta } {
  const round = startRound(input, null);
  const { draft, now } = round;
  const entry = draft.get('outbox', input.messageId);
  if (entry?.kind !== 'message') return { delta: [] };
  if (input.outcome.kind === 'retry') {
    const { leaseUntil: _, ...rest } = entry;
    draft.put('outbox', entry.id, { ...rest, retryAt: now + input.outcome.afterMs });
    return { delta: draft.delta() };
  }
  draft.remove('outbox', entry.id);
  // It may have been opened already.
  draft.put('settled', entry.id, draft.get('settled', entry.id) ?? settledOf(entry.input, entry.key, now));
  closeMessage(round, entry.runId, entry.id);
  return { delta: draft.delta() };
}
