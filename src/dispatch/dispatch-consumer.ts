/**
 * The queue's message is a hint that a profile has something to send; the truth is the profile's outbox, which offers it
 * again until it is settled. So for every hint:
 *
 *   claim it → send it → write the result to D1 → settle it in the profile → acknowledge the hint
 *
 * A crash before the send leaves the lease to end and the message to be offered again. A crash after the send and before
 * D1 does too: the provider is called again under the same id where that is harmless, else the message becomes
 * `unknown`. A crash between D1 and settling is healed by the next attempt, which finds the result in D1.
 *
 * Each hint is acknowledged or retried on its own; one bad message holds up no other. What a provider did not take goes
 * back to the outbox, which offers it again by the profile's alarm, for as long as it takes.
 */
import type { Env } from '../bindings.ts';
import { type MessageInput, REASONS, type Reason } from '../engine/vocabulary.ts';
import type { DispatchMessage, Settlement } from '../protocol/rpc.ts';
import type { DeliveryRecord } from '../store/deliveries.ts';
import { isSettled, wasSent } from '../store/delivery-status.ts';
import { type ClaimedMessage, claimMessage } from './claim-message.ts';
import { type DispatchDeps, dispatchDeps } from './dispatch-deps.ts';
import { answerHint, type HintAnswer } from './hint-answer.ts';
import { type Outcome, sendMessage } from './send-message.ts';

export async function consumeDispatch(
  batch: MessageBatch<DispatchMessage>,
  env: Env,
  deps: DispatchDeps = dispatchDeps(env),
): Promise<void> {
  await Promise.all(
    batch.messages.map(async (hint) => {
      answerHint(hint, await dispatchOne(hint.body, deps).catch(() => 'failed' as const));
    }),
  );
}

async function dispatchOne(hint: DispatchMessage, deps: DispatchDeps): Promise<HintAnswer> {
  // A newer build's hint: it may be this Worker's turn to be updated.
  if (hint?.v !== 1 || hint.kind !== 'message') return 'failed';
  // Read before claiming: without it nothing can be sent, and a lease would only be lost.
  await deps.documents.config();
  const claim = await claimMessage(hint, deps);
  if (claim.kind !== 'claimed') return claim.answer;
  const { claimed } = claim;
  const before = claimed.attempt > 1 ? await deps.deliveries.read(claimed.input.messageId) : null;
  if (before && isSettled(before.status)) {
    const at = before.sentAt ?? deps.now();
    const result: Settlement = wasSent(before.status)
      ? { kind: 'sent', at }
      : { kind: 'failed', reason: known(before.reason), at };
    return settle(claimed, result, deps);
  }
  // What was given back on purpose was written down first.
  const isLost = claimed.attempt > 1 && (before?.attempts ?? 0) < claimed.attempt - 1;
  const outcome = await sendMessage(
    { input: claimed.input, to: claimed.to, number: claimed.attempt, isLost },
    deps,
  );
  return conclude(claimed, outcome, deps);
}

/** D1 first: what is settled in the profile is forgotten there. */
async function conclude(claimed: ClaimedMessage, outcome: Outcome, deps: DispatchDeps): Promise<HintAnswer> {
  const at = deps.now();
  const record = recordOf(claimed, at);
  switch (outcome.kind) {
    case 'sent': {
      const extras = outcome.content ? { content: outcome.content } : {};
      const sent: DeliveryRecord = { ...record, status: 'sent', reason: 'sent', sentAt: at };
      await twice(() => deps.deliveries.record(sent, extras));
      return settle(claimed, { kind: 'sent', at }, deps);
    }
    case 'over': {
      const { status, reason, code } = outcome;
      const deadLetter = {
        id: record.id,
        source: 'delivery',
        profileKey: record.profileKey,
        messageId: record.id,
        code,
        attempts: record.attempts,
        body: undefined,
        createdAt: at,
      };
      await twice(() => deps.deliveries.record({ ...record, status, reason }, { deadLetter }));
      return settle(claimed, { kind: 'failed', reason, at }, deps);
    }
    case 'again': {
      await twice(() => deps.deliveries.record(record, {}));
      // The outbox offers it again when that time has come. Were this hint to come back as well, there would be two of
      // them, each would be tried and retried, and the provider would be asked sooner than it wished.
      return settle(claimed, { kind: 'retry', afterMs: outcome.afterMs, at }, deps);
    }
    default:
      return outcome satisfies never;
  }
}

async function settle(claimed: ClaimedMessage, settlement: Settlement, deps: DispatchDeps): Promise<'done'> {
  await twice(() => deps.profile(claimed.profileKey).settle(claimed.input.messageId, settlement));
  return 'done';
}

function recordOf({ input, attempt, profileKey }: ClaimedMessage, at: number): DeliveryRecord {
  const { messageId: id, trigger, version, variant, channel, createdAt, test }: MessageInput = input;
  const fixed = { id, profileKey, trigger, version, variant, channel, createdAt, ...(test && { test }) };
  return { ...fixed, status: 'queued', reason: 'queued', attempts: attempt, sentAt: null, updatedAt: at };
}

function known(reason: string): Reason {
  return REASONS.find((one) => one === reason) ?? 'provider_error';
}

/** Once more after a failure: what has been sent should not be sent again because a write hiccuped. */
async function twice(write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch {
    await write();
  }
}
