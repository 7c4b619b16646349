/**
 * Replaying a dead letter. One that a dispatcher gave up is taken back by its profile, under the message's id; one that a
 * queue gave up is put on its queue again, where whoever takes it finds out what is still to be done.
 *
 * Twice is once: the letter is marked by one caller, with the audit's entry; the profile knows which failure it has taken
 * back. Only where nobody can know whether the message has arrived, and the provider would send it again, does it take a
 * person's word: `force`.
 */
import type { Env } from '../bindings.ts';
import type { routeFor } from '../channels/registry.ts';
import type { Channel } from '../engine/trigger.ts';
import { ApiError, unavailable } from '../http/api-error.ts';
import type { AdminProfileRpc, ReplayResult } from '../protocol/rpc.ts';
import { loadConfig } from '../store/config-cache.ts';
import type { ListedDeadLetter } from '../store/dead-letters.ts';
import { wasSent } from '../store/delivery-status.ts';
import { claimReplay, unmarkReplay } from '../store/replay-mark.ts';
import { queueOf } from './letter-queue.ts';

export interface ReplayDeps {
  profile(env: Env, key: string): Pick<AdminProfileRpc, 'replay'>;
  route: typeof routeFor;
}

export interface ReplayCaller {
  author: string;
  now: number;
  isForced: boolean;
}

/** `replayed`: by this call. `before`: by an earlier one. `sent`: the message has got through. */
export type ReplayOutcome = 'replayed' | 'before' | 'sent';

const MAX_MOVES = 3;

/** Throws 409 with the reason in words, or 503. */
export async function replayLetter(
  env: Env,
  letter: ListedDeadLetter,
  by: ReplayCaller,
  deps: ReplayDeps,
): Promise<ReplayOutcome> {
  return letter.source === 'delivery'
    ? replayDelivery(env, letter, by, deps)
    : replayToQueue(env, letter, by);
}

async function replayDelivery(
  env: Env,
  letter: ListedDeadLetter,
  by: ReplayCaller,
  deps: ReplayDeps,
): Promise<ReplayOutcome> {
  if (letter.status !== null && wasSent(letter.status)) return 'sent';
  if (letter.expiresAt !== null && letter.expiresAt <= by.now) {
    throw refused(`The message expired at ${new Date(letter.expiresAt).toISOString()}.`);
  }
  const mayHaveArrived = letter.status === 'unknown' && !(await canTell(env, letter, deps));
  if (mayHaveArrived && !by.isForced && letter.replayedAt === null) {
    throw new ApiError(
      409,
      'may_send_twice',
      'Nobody knows whether this message has arrived, and its provider would send it again. Replay it with {"force": true} to take that risk.',
    );
  }
  const claimed = await claimReplay(env, letter, { ...by, isForced: mayHaveArrived });
  if (claimed.kind === 'busy') throw unavailable('Too many changes at once.', 1);
  // Also where it was marked before: the profile may not have heard of it.
  const result = await takeBack(env, letter, deps);
  switch (result.kind) {
    case 'replayed':
      return 'replayed';
    case 'under_way':
    case 'overtaken':
      return 'before';
    case 'refused':
      if (claimed.kind === 'refused') return 'before';
      await unmarkReplay(env, letter);
      throw refused(REFUSALS[result.reason]);
    case 'moved':
      throw unavailable('The profile is being merged.', 5);
    default:
      return result satisfies never;
  }
}

const REFUSALS = {
  gone: 'The profile no longer has its content: it keeps the ten newest failures until they expire, and nothing once it is erased.',
  expired: 'The message has expired.',
  exited: 'Its run has been exited since: the message is no longer wanted.',
};

function refused(why: string): ApiError {
  return new ApiError(409, 'not_replayable', why);
}

async function takeBack(env: Env, letter: ListedDeadLetter, deps: ReplayDeps): Promise<ReplayResult> {
  let key = letter.profileKey ?? '';
  for (let moves = 0; ; moves++) {
    const result = await deps.profile(env, key).replay(letter.messageId ?? '', letter.attempts);
    if (result.kind !== 'moved' || moves === MAX_MOVES) return result;
    key = result.to.key;
  }
}

/** Whether its provider knows the id again, or can be asked. */
async function canTell(env: Env, letter: ListedDeadLetter, deps: ReplayDeps): Promise<boolean> {
  const { channels } = await loadConfig(env);
  const channel = letter.channel as Channel;
  const route = deps.route(channel, channels.get(channel), env.ENVIRONMENT === 'development');
  if (!route) return false;
  const { idempotent, capabilities, lookUp } = route.adapter;
  return lookUp !== undefined || (idempotent && capabilities.idempotentForMs === undefined);
}

async function replayToQueue(env: Env, letter: ListedDeadLetter, by: ReplayCaller): Promise<ReplayOutcome> {
  const queue = queueOf(env, letter);
  if (!queue) throw refused('Its body is not one that this build can read.');
  const claimed = await claimReplay(env, letter, { ...by, isForced: false });
  if (claimed.kind === 'busy') throw unavailable('Too many changes at once.', 1);
  if (claimed.kind === 'refused') return 'before';
  try {
    await queue.sendBatch([{ body: letter.body, contentType: 'json' }]);
  } catch (error) {
    await unmarkReplay(env, letter);
    throw unavailable('The queue did not take it.', 5, error);
  }
  return 'replayed';
}
