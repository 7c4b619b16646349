/**
 * A message in the outbox, from the offer to the end:
 *
 *     offered → claimed (a lease of 30 s) → settled
 *                 │            └ the lease runs out: offered again, under the same id
 *                 └ cancelled: what held at the decision no longer does
 *
 * The claim asks again, at this moment, everything that may have changed since: expiry, pause, exits, consent, recheck,
 * and where the message goes. It may cancel the message, never change it; the addresses of the first claim are kept, less
 * the devices that have gone since, because a provider must be called with the same bytes each time.
 */

import { isLive, triggerOf } from './config.ts';
import type { Decision } from './decide.ts';
import type { Delta } from './delta.ts';
import { hasConsent, newestConsent } from './gates/consent-gate.ts';
import { hearOfUser, isSuppressed, type UserNews } from './gates/suppression.ts';
import { judgeDispatch } from './gates/timing-gate.ts';
import { react } from './react.ts';
import type { Reason } from './reasons.ts';
import { tellDecisions } from './reporting/tell-decisions.ts';
import { explain, type Round, type RoundInput, startRound } from './round.ts';
import { settledOf } from './runs/acknowledge.ts';
import { cancelMessage, closeMessage } from './runs/cancel-run.ts';
import { standsExited } from './runs/exits.ts';
import { recheckFailure } from './runs/group.ts';
import { confirmRenewals } from './runs/renewals.ts';
import { keepUndelivered } from './runs/undelivered.ts';
import { type Address, addressesOf, needsAddress } from './send/addresses.ts';
import { castShadows, hasShadows } from './shadow/cast-shadows.ts';
import { SECOND_MS } from './time/duration.ts';
import type { MessageEntry, MessageInput, OutboxEntry } from './vocabulary.ts';

const LEASE_MS = 30 * SECOND_MS;

export interface ClaimInput extends RoundInput {
  messageId: string;
}

export type Claim =
  /**
   * `to`: where it goes. `replayOf`: it had been given up after so many attempts, and was replayed. `consentedAt`: when the
   * user agreed to advertising by this channel, where that is their last word.
   */
  | {
      kind: 'claimed';
      attempt: number;
      message: MessageInput;
      to: Address[];
      replayOf?: number;
      consentedAt?: number;
      /** By its trigger's budget, at an earlier attempt. */
      paid?: true;
    }
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
  const to = addressesFor(round, entry);
  const objection = objectionTo(round, entry) ?? (to ? null : 'no_channel');
  if (objection || !to) {
    const reason = objection ?? 'no_channel';
    cancelMessage(round, entry.id, reason);
    closeMessage(round, entry.runId, entry.id);
    return { delta: round.draft.delta(), effects: round.effects, claim: { kind: 'gone', reason } };
  }
  const waits = closedNow(round, entry);
  if (waits) {
    round.draft.put('outbox', entry.id, heldBack(round, entry, waits.until));
    return { delta: round.draft.delta(), effects: [], claim: { kind: 'gone', reason: waits.reason } };
  }
  const leaseUntil = round.now + LEASE_MS;
  const attempt = entry.attempts + 1;
  round.draft.put('outbox', entry.id, {
    ...entry,
    to,
    attempts: attempt,
    leaseUntil,
    retryAt: leaseUntil,
    // The lease before ran out without a word.
    ...(entry.leaseUntil !== undefined && { mayBeSent: true }),
  });
  return {
    delta: round.draft.delta(),
    effects: [],
    claim: {
      kind: 'claimed',
      attempt,
      message: entry.input,
      to,
      ...(entry.replayOf !== undefined && { replayOf: entry.replayOf }),
      ...consentedOf(round, entry),
      ...(entry.paid && { paid: entry.paid }),
    },
  };
}

function consentedOf({ draft }: Round, { input }: MessageEntry): { consentedAt?: number } {
  const consent = newestConsent(draft, input.channel);
  return consent?.granted ? { consentedAt: consent.at } : {};
}

/** Null where the profile can't be reached any more. A channel that lost its provider is the dispatcher's to tell. */
function addressesFor({ draft, config }: Round, { input, to }: MessageEntry): Address[] | null {
  const current = addressesOf(draft, input.channel, config);
  if (current.length === 0) return needsAddress(input.channel, config) ? null : [];
  const isGone = (deviceId: string) => (draft.get('devices', deviceId)?.address ?? null) === null;
  const kept = to?.filter(({ deviceId }) => deviceId === undefined || !isGone(deviceId));
  return kept && kept.length > 0 ? kept : current;
}

/** Why it must not be sent now; null where it may. */
function objectionTo(round: Round, entry: MessageEntry): Reason | null {
  const { config, draft, now } = round;
  const { input } = entry;
  if (input.expiresAt <= now) return 'expired';
  if (input.test ? config.stopped : !isLive(config, input.trigger)) return 'paused';
  if (!hasConsent(round, input.channel, input.category)) return 'no_consent';
  if (isSuppressed(draft, input.channel)) return 'suppressed';
  if (input.test) return null;
  const run = draft.get('runs', entry.runId);
  // A run stays while a message of it is open: it was cancelled while a dispatcher held this one.
  if (!run) return 'exited';
  const trigger = triggerOf(config, input.trigger, input.version);
  if (!trigger) return null;
  if (standsExited(round, trigger, run)) return 'exited';
  return recheckFailure(round, trigger, run) ? 'recheck_failed' : null;
}

/** A message that was due at 20:59 may be claimed at 21:01: it stays in the outbox until the hours allow it. */
function closedNow(round: Round, { input }: MessageEntry): { until: number; reason: Reason } | null {
  const trigger = triggerOf(round.config, input.trigger, input.version);
  const waits = judgeDispatch(round, trigger, input.channel, input.category);
  // A test keeps to the law, not to its author's hours.
  return input.test && waits?.reason === 'quiet_hold' ? null : waits;
}

/** A default expiry stands still meanwhile, unless somebody has been given the message with it. */
function heldBack({ config, now }: Round, entry: MessageEntry, until: number): MessageEntry {
  const { input } = entry;
  const authored = triggerOf(config, input.trigger, input.version)?.document.delivery?.expireAfter;
  const standsStill = authored === undefined && entry.attempts === 0;
  const expiresAt = standsStill ? input.expiresAt + until - now : input.expiresAt;
  return { ...entry, input: { ...input, expiresAt }, retryAt: until };
}

export interface SettleInput extends RoundInput {
  messageId: string;
  outcome: UserNews &
    (
      | { kind: 'sent' }
      /** `attempts`: after how many, where a later claim only found that out. */
      | { kind: 'failed'; attempts?: number; paid?: true }
      /** Somebody has refused what comes to this address: it was not sent, and won't be. */
      | { kind: 'refused' }
      /** Its trigger has no money left: nobody was asked to take it. */
      | { kind: 'unpaid'; limit: 'perDay' | 'total' }
      /**
       * `untried`: no provider was asked, or none took anything in; it counts as no attempt. `mayBeSent`: the provider may
       * have taken it all the same.
       */
      | { kind: 'retry'; afterMs: number; untried?: true; mayBeSent?: true; paid?: true }
    );
}

/**
 * The dispatcher reports. A message that is unknown here was settled before: nothing changes. What was sent, or failed for
 * good, is news that triggers may listen to.
 */
export function settle(input: SettleInput): Omit<Decision, 'duplicate'> {
  const round = startRound(input, null);
  const { draft, now } = round;
  const { outcome } = input;
  const entry = draft.get('outbox', input.messageId);
  if (entry?.kind !== 'message') return { delta: [], effects: [], trace: [] };
  const withdrawn = hearOfUser(draft, entry, outcome, now);
  if (outcome.kind === 'retry') return again(round, entry, outcome);
  if (outcome.kind === 'unpaid') return unpaid(round, entry, outcome.limit);
  draft.remove('outbox', entry.id);
  // It may have been opened already.
  draft.put('settled', entry.id, draft.get('settled', entry.id) ?? settledOf(entry.input, entry.key, now));
  if (outcome.kind === 'refused') {
    closeMessage(round, entry.runId, entry.id);
    return { delta: draft.delta(), effects: round.effects, trace: round.trace };
  }
  if (outcome.kind === 'failed') {
    const { paid: _, ...given } = entry;
    const paid = outcome.paid && { paid: true as const };
    keepUndelivered(round, { ...given, attempts: outcome.attempts ?? entry.attempts, ...paid });
  }
  if (outcome.kind === 'sent' && !entry.input.test) confirmRenewals(round, entry);
  closeMessage(round, entry.runId, entry.id);
  if (withdrawn) react(round, input, null, [withdrawn]);
  if (!entry.input.test) {
    react(round, input, null, [{ kind: 'message', what: outcome.kind, trigger: entry.input.trigger }]);
  }
  tellDecisions(round, null);
  if (!entry.input.test && hasShadows(input)) castShadows(round, input, null);
  const { effects, trace, wants } = round;
  return { delta: draft.delta(), effects, trace, ...(wants.length > 0 && { wants }) };
}

type Retry = Extract<SettleInput['outcome'], { kind: 'retry' }>;

function again(
  { draft, now }: Round,
  entry: MessageEntry,
  { afterMs, untried, mayBeSent, paid }: Retry,
): Omit<Decision, 'duplicate'> {
  const { leaseUntil: _, paid: __, ...rest } = entry;
  draft.put('outbox', entry.id, {
    ...rest,
    attempts: Math.max(0, entry.attempts - (untried ? 1 : 0)),
    retryAt: now + afterMs,
    ...(mayBeSent && { mayBeSent }),
    ...(paid && { paid }),
  });
  return { delta: draft.delta(), effects: [], trace: [] };
}

/** Taken back like one whose consent was withdrawn: nobody has been asked to take it. */
function unpaid(round: Round, entry: MessageEntry, limit: 'perDay' | 'total'): Omit<Decision, 'duplicate'> {
  const { leaseUntil: _, ...rest } = entry;
  round.draft.put('outbox', entry.id, rest);
  cancelMessage(round, entry.id, 'budget');
  closeMessage(round, entry.runId, entry.id);
  const { trigger: id, version } = entry.input;
  explain(round, { id, version }, 'budget', { path: `budget.${limit}`, messageId: entry.id });
  tellDecisions(round, null);
  return { delta: round.draft.delta(), effects: round.effects, trace: round.trace };
}
