/** What a provider's answer means: for the message, and for the endpoint that gave it. Nothing is done here. */
import type { ChannelAdapter, SendResult } from '../channels/channel.ts';
import type { UserNews } from '../engine/gates/suppression.ts';
import type { Report } from '../engine/limits/breaker.ts';
import type { Reason } from '../engine/reasons.ts';
import type { MessageInput } from '../engine/vocabulary.ts';
import { nextRetry } from './retry-policy.ts';

export type Judged =
  | {
      kind: 'over';
      status: 'failed' | 'dead' | 'unknown';
      reason: Reason;
      code: string;
    }
  /** `mayBeSent`: the provider may have taken it all the same. */
  | { kind: 'again'; afterMs: number; code: string; mayBeSent?: true }
  /** Nobody was asked to take it, or nobody takes anything: it counts as no attempt. */
  | { kind: 'untried'; afterMs: number; code: string };

interface Tried {
  input: MessageInput;
  /** 1 the first time. */
  number: number;
  adapter: ChannelAdapter;
  now: number;
}

/** Until the limiter has said when it will let one through. */
const UNTRIED_MS = 60_000;

/** Whether a call that may have reached the provider can be made again without reaching the recipient twice. */
export function isRepeatable(adapter: ChannelAdapter, { createdAt }: MessageInput, at: number): boolean {
  if (!adapter.idempotent) return false;
  // From the message's creation, for no call was made before it.
  const { idempotentForMs = Number.POSITIVE_INFINITY } = adapter.capabilities;
  return at < createdAt + idempotentForMs;
}

export function judgeResult(result: Exclude<SendResult, { kind: 'accepted' }>, tried: Tried): Judged {
  const { input, number, adapter, now } = tried;
  const { code } = result;
  switch (result.kind) {
    case 'rejected':
      if (result.scope === 'account') return { kind: 'untried', afterMs: UNTRIED_MS, code };
      return { kind: 'over', status: 'failed', reason: 'provider_error', code };
    case 'park':
      return { kind: 'untried', afterMs: Math.max(0, result.untilAt - now), code };
    case 'unknown': {
      const next = again(input.messageId, number, undefined, 'unknown_outcome', code);
      const at = next.kind === 'again' ? now + next.afterMs : now;
      if (adapter.lookUp || isRepeatable(adapter, input, at)) return next;
      return { kind: 'over', status: 'unknown', reason: 'unknown_outcome', code };
    }
    case 'retry':
      return again(input.messageId, number, result.afterMs, 'provider_error', code);
    default:
      return result satisfies never;
  }
}

/**
 * What the profile learns of its user, whatever becomes of the message: one that reached a telephone may have found the
 * tablet's token dead.
 */
export function userNewsOf(result: SendResult, provider: string): UserNews {
  const { devices } = result;
  const revokeConsent = result.kind === 'rejected' && result.revokeConsent;
  const isDead = result.kind === 'rejected' && result.scope === 'address';
  const dead = devices?.filter(({ outcome }) => outcome === 'dead') ?? [];
  const [first] = dead;
  return {
    ...(!devices && isDead && { rejection: { code: result.code } }),
    ...(first && { rejection: { code: first.code, deviceIds: dead.map(({ deviceId }) => deviceId) } }),
    ...(revokeConsent && { revokeConsent, evidence: `${provider} ${result.code}` }),
  };
}

function again(
  messageId: string,
  attempt: number,
  afterMs: number | undefined,
  reason: Reason,
  code: string,
): Judged {
  const retry = nextRetry(messageId, attempt, afterMs);
  const isUnknown = reason === 'unknown_outcome';
  if (retry.kind === 'retry') {
    return { kind: 'again', afterMs: retry.afterMs, code, ...(isUnknown && { mayBeSent: true }) };
  }
  // Given up without knowing is not the same as given up.
  const status = isUnknown ? 'unknown' : 'dead';
  return { kind: 'over', status, reason, code };
}

/** What the endpoint's limiter learns: a refused message or address is the answer of one that is well. */
export function reportOf(result: SendResult): Report {
  switch (result.kind) {
    case 'accepted':
      return { ok: 1, failed: 0 };
    case 'rejected':
      return result.scope === 'account' ? { ok: 0, failed: 0, refused: result.code } : { ok: 1, failed: 0 };
    case 'park':
      return result.scope === 'account'
        ? { ok: 0, failed: 0, parkedUntil: result.untilAt, code: result.code }
        : { ok: 1, failed: 0 };
    case 'unknown':
    case 'retry':
      return { ok: 0, failed: 1, code: result.code };
    default:
      return result satisfies never;
  }
}
