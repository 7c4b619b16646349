/**
 * A message's id is derived, never drawn: the same send step of the same run makes the same id, whoever retries.
 *
 *     msg_<22: profile, run and step>_<11: trigger>_<expiry, ms in base 36>
 *
 * The trigger and the expiry ride along so that the Worker alone can say whether a message may still be shown, without
 * waking the profile. A forged id tells nobody anything: it changes no message.
 */
import type { Config } from '../config.ts';
import { hash53, hashId } from '../hash.ts';
import type { Run } from '../run-state.ts';
import type { Meta } from '../state-meta.ts';

const FORM = /^msg_[0-9a-z]{22}_([0-9a-z]{11})_([0-9a-z]{1,11})$/;

export function messageId(
  profileKey: string,
  runId: string,
  stepId: string,
  channel: string,
  triggerId: string,
  expiresAt: number,
): string {
  const body = hashId([profileKey, runId, stepId, channel].join('\n'));
  return `msg_${body}_${triggerMark(triggerId)}_${expiresAt.toString(36)}`;
}

/**
 * Of a message that leaves the app. It carries no expiry: a hold may move it. A run that comes back to a step says so by
 * when it reached it.
 */
export function leavingId(
  { key, createdAt }: Pick<Meta, 'key' | 'createdAt'>,
  run: Pick<Run, 'id' | 'trigger'>,
  stepId: string,
  channel: string,
  reachedAt: number,
): string {
  return messageId(key, `${createdAt}:${run.id}:${reachedAt}`, stepId, channel, run.trigger, 0);
}

/** Stands in a test's id for its trigger, which need not be live. */
export const TEST_MARK = '$test';

/** What a message id carries of its trigger: 53 bits of hash. */
export function triggerMark(triggerId: string): string {
  return hash53(triggerId, 3).toString(36).padStart(11, '0');
}

/** Whether an in-app message may still be shown: its trigger is live and its time has not run out. */
export function messageIsValid(config: Config, id: string, now: number): boolean {
  const parts = FORM.exec(id);
  if (!parts?.[1] || !parts[2] || config.stopped) return false;
  return config.liveMarks.has(parts[1]) && now < Number.parseInt(parts[2], 36);
}
