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
 * back to the outbox, which offers it again by the profile's alarm, for as long as it takes. So does what wasn't even
 * tried, because its endpoint is known to be unwell, and that counts as no attempt.
 *
 * Once claimed, a message needs its hint no more: should this Worker die, the lease ends and the outbox offers it again. So a
 * batch is over soon after all of it is claimed, and what a slow provider holds up goes on behind it.
 */
import type { Env } from '../bindings.ts';
import { REASONS, type Reason } from '../engine/reasons.ts';
import type { MessageInput } from '../engine/vocabulary.ts';
import type { DispatchMessage } from '../protocol/queue-messages.ts';
import type { Settlement } from '../protocol/rpc.ts';
import type { DeliveryRecord } from '../store/deliveries.ts';
import { isSettled, wasSent } from '../store/delivery-status.ts';
import { type ClaimedMessage, claimMessage } from './claim-message.ts';
import { type BatchDeps, batchDeps, type DispatchDeps, dispatchDeps } from './dispatch-deps.ts';
import { answerHint, type HintAnswer } from './hint-answer.ts';
import { type Outcome, sendMessage } from './send-message.ts';

/** How long a batch waits for messages that are claimed: the next batch may be somebody else's. */
const GRACE_MS = 5;
/**
 * Longer than any message takes; its lease is about to end. A batch that waits for one that will never be over would hold up
 * the queue behind it for as long as the platform lets it, which on one's own machine is for ever.
 */
const LONGEST_MS = 28_000;
/** With more than that behind it, a batch waits all the same. */
const MAX_UNDER_WAY = 200;

/** Without `waitUntil`, the batch lasts until its last message is over. */
export async function consumeDispatch(
  batch: MessageBatch<DispatchMessage>,
  env: Env,
  deps: DispatchDeps = dispatchDeps(env),
  waitUntil?: (work: Promise<unknown>) => void,
): Promise<void> {
  const ofBatch = batchDeps(
    deps,
    batch.messages.map(({ body }) => body?.messageId),
  );
  const tasks = batch.messages.map((hint) => begin(hint.body, ofBatch));
  const all = Promise.all(tasks.map(({ done }) => done)).then(() => ofBatch.permits.flush());
  if (waitUntil) {
    const givenUp = deps.sleep(LONGEST_MS);
    await Promise.race([Promise.all(tasks.map(({ claimed }) => claimed)), givenUp]);
    const end = await Promise.race([all, deps.sleep(GRACE_MS).then(() => 'late' as const)]);
    const rest = Promise.race([all, givenUp]);
    if (end === 'late' && deps.memory.underWay < MAX_UNDER_WAY) waitUntil(behind(rest, tasks.length, deps));
    else await rest;
  } else {
    await all;
  }
  for (const [i, hint] of batch.messages.entries()) answerHint(hint, tasks[i]?.answer ?? 'done');
}

async function behind(all: Promise<void>, messages: number, { memory }: DispatchDeps): Promise<void> {
  memory.underWay += messages;
  try {
    await all;
  } finally {
    memory.underWay -= messages;
  }
}

interface Task {
  /** From here on it needs its hint no more. */
  claimed: Promise<void>;
  done: Promise<void>;
  answer?: HintAnswer;
}

function begin(hint: DispatchMessage, deps: BatchDeps): Task {
  const { promise: claimed, resolve } = Promise.withResolvers<void>();
  const task: Task = { claimed, done: claimed };
  task.done = dispatchOne(hint, deps, resolve)
    .catch(() => 'failed' as const)
    .then((answer) => {
      deps.company.leave(hint?.messageId);
      task.answer = answer;
      resolve();
    });
  return task;
}

async function dispatchOne(hint: DispatchMessage, deps: BatchDeps, claimed: () => void): Promise<HintAnswer> {
  // A newer build's hint: it may be this Worker's turn to be updated.
  if (hint?.v !== 1 || hint.kind !== 'message') return 'failed';
  // Read before claiming: without it nothing can be sent, and a lease would only be lost.
  await deps.documents.config();
  const claim = await claimMessage(hint, deps);
  if (claim.kind !== 'claimed') return claim.answer;
  claimed();
  return attempt(claim.claimed, deps);
}

async function attempt(claimed: ClaimedMessage, deps: BatchDeps): Promise<HintAnswer> {
  const { profileKey, input, to, attempt: number, claimedAt, replayOf, consentedAt, paid } = claimed;
  const before = number > 1 ? await deps.deliveries.read(input.messageId) : null;
  if (before && isSettled(before.status)) {
    const isReplayed = !wasSent(before.status) && replayOf !== undefined && before.attempts <= replayOf;
    if (!isReplayed) return settleAgain(claimed, before, deps);
    await deps.deliveries.reopen(input.messageId, replayOf, deps.now());
  }
  // What was given back on purpose was written down first.
  const isLost = number > 1 && (before?.attempts ?? 0) < number - 1;
  const asked = { profileKey, input, to, number, isLost, claimedAt, ...(paid && { paid }) };
  const outcome = await sendMessage({ ...asked, ...(consentedAt !== undefined && { consentedAt }) }, deps);
  return conclude(claimed, outcome, isLost, deps);
}

/** D1 has heard of it, the profile has not; nor perhaps has whoever takes the export. */
async function settleAgain(
  claimed: ClaimedMessage,
  before: Pick<DeliveryRecord, 'status' | 'sentAt' | 'attempts'> & { reason: string },
  deps: BatchDeps,
): Promise<HintAnswer> {
  const at = before.sentAt ?? deps.now();
  const result: Settlement = wasSent(before.status)
    ? { kind: 'sent', at }
    : { kind: 'failed', reason: known(before.reason), at, attempts: before.attempts };
  await deps.deliveries.stream(claimed.input.messageId);
  return settle(claimed, result, deps);
}

/** D1 first: what is settled in the profile is forgotten there. */
async function conclude(
  claimed: ClaimedMessage,
  outcome: Outcome,
  isLost: boolean,
  deps: BatchDeps,
): Promise<HintAnswer> {
  const at = deps.now();
  const record = recordOf(claimed, at);
  const { rejection, revokeConsent, evidence, toldAt, paid } = outcome;
  const news = {
    ...(rejection && { rejection }),
    ...(revokeConsent && { revokeConsent }),
    ...(evidence !== undefined && { evidence }),
    ...(toldAt !== undefined && { toldAt }),
  };
  const keptPaid = paid && { paid };
  switch (outcome.kind) {
    case 'sent': {
      const { content, addressKey } = outcome;
      const extras = { ...(content && { content }), ...(addressKey && { addressKey }) };
      const sent: DeliveryRecord = { ...record, status: 'sent', reason: 'sent', sentAt: at };
      await deps.company.gather(record.id);
      await twice(() => deps.deliveries.record(sent, extras));
      return settle(claimed, { kind: 'sent', at, ...news }, deps);
    }
    case 'refused': {
      const { reason } = outcome;
      // Of what an earlier attempt may have brought there, nobody can say that it was taken back.
      const status = isLost ? 'unknown' : 'cancelled';
      const told = { ...record, status, reason: isLost ? 'unknown_outcome' : reason } as const;
      await twice(() => deps.deliveries.record(told, {}));
      return settle(claimed, { kind: 'refused', reason, at, ...news }, deps);
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
        expiresAt: claimed.input.expiresAt,
      };
      await twice(() => deps.deliveries.record({ ...record, status, reason }, { deadLetter }));
      return settle(claimed, { kind: 'failed', reason, at, ...keptPaid, ...news }, deps);
    }
    case 'again': {
      await twice(() => deps.deliveries.record(record, {}));
      // The outbox offers it again when that time has come. Were this hint to come back as well, there would be two of
      // them, each would be tried and retried, and the provider would be asked sooner than it wished.
      const { afterMs, mayBeSent } = outcome;
      return settle(
        claimed,
        { kind: 'retry', afterMs, at, ...(mayBeSent && { mayBeSent }), ...keptPaid, ...news },
        deps,
      );
    }
    case 'untried': {
      // Once, so that it is listed: it may come back many times.
      if (record.attempts === 1) {
        await deps.deliveries.record({ ...record, attempts: 0 }, {}).catch(() => {});
      }
      return settle(
        claimed,
        { kind: 'retry', afterMs: outcome.afterMs, at, untried: true, ...keptPaid, ...news },
        deps,
      );
    }
    case 'unpaid':
      return settle(claimed, { kind: 'unpaid', limit: outcome.limit, at }, deps);
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
