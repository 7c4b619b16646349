/** Kakao's own result codes, the same through every dealer. */
import type { SendResult } from './channel.ts';
import { account, refused } from './provider.ts';

/** The number is no use on Kakao: no such number, not a user, blocked, an app too old. */
const ADDRESS = ['3008', '3018', '3019', '3020', '3021'];
/** The person has blocked this sender's Alimtalk. */
export const KAKAO_BLOCKED = '3020';
const AGAIN = ['2001', '3000', '3006', '3010', '3012'];
/** "Sent, receipt not confirmed; may arrive within 3 days." */
const UNCONFIRMED = '3005';
/** Outside 08:00–20:50 in Seoul. */
const CLOSED = '3022';

/** Between which Kakao takes advertising. */
export const KAKAO_HOURS = { from: '08:00', to: '20:50', zone: 'Asia/Seoul' };

const DAY_MS = 24 * 3_600_000;
/** 08:00 in Seoul, which has no summer time, as it is in UTC. */
const OPENS_UTC_MS = 23 * 3_600_000;

/** The number, whatever it is that is sent there. */
export function isDeadOnKakao(code: string): boolean {
  return ADDRESS.includes(code);
}

/** It may still arrive. */
export function isUnconfirmed(code: string): boolean {
  return code === UNCONFIRMED;
}

export function judgeKakao(code: string, now: number): SendResult {
  if (ADDRESS.includes(code)) {
    const rejected = { kind: 'rejected', scope: 'address', code } as const;
    return code === KAKAO_BLOCKED ? { ...rejected, revokeConsent: true } : rejected;
  }
  if (AGAIN.includes(code)) return { kind: 'retry', code };
  if (code === UNCONFIRMED) return { kind: 'unknown', code };
  if (code === CLOSED) return { kind: 'park', untilAt: nextOpening(now), code };
  // 1003–1016 the profile and its key, 1021–1027 the channel is closed or under sanction, 1028 its targeting.
  return /^10(0[3-9]|1[0-6]|2[1-8])$/.test(code) ? account(code) : refused(code);
}

function nextOpening(now: number): number {
  const today = Math.floor(now / DAY_MS) * DAY_MS + OPENS_UTC_MS;
  return today > now ? today : today + DAY_MS;
}
