/**
 * A circuit breaker for one provider endpoint, fed by reports that many senders make late and in bulk:
 *
 *     closed ── most of the last minute failed, or the account was refused, or a quota is used up ──→ open
 *       ↑                                                                                              │ probeAt
 *       └──────────── the probe was taken ──── half-open: one message, the others wait ←──────────────┘
 *                                                   └ it failed, or no word of it came: open, for twice as long
 *
 * Open is never for ever: whatever happens, a message is let through within five minutes, or when the provider itself said
 * that it would take some again. Pure; `now` is passed in.
 */
import { DAY_MS, MINUTE_MS, SECOND_MS } from '../time/duration.ts';

/** What became of messages since the last report. */
export interface Report {
  /** Answered: also with a refusal of the message, for then the endpoint is well. */
  ok: number;
  /** Not answered, or with a failure of the provider's own. */
  failed: number;
  /** What the last failure said. */
  code?: string;
  /** Nothing can be sent as things are set up: wrong credentials, no such endpoint. */
  refused?: string;
  /** The provider takes nothing before then. */
  parkedUntil?: number;
  /** Of the message that was let through to see. */
  isProbe?: true;
}

export interface Breaker {
  /** Counts of the window that began at `windowAt`, and of the one before. */
  windowAt: number;
  counts: Counts;
  before: Counts;
  open: Opening | null;
}

interface Counts {
  ok: number;
  failed: number;
}

interface Opening {
  /** `refused`: a person has to mend the settings. */
  kind: 'failing' | 'refused' | 'parked';
  code: string;
  since: number;
  /** From then on one message is let through. */
  probeAt: number;
  /** One is under way; without a word of it, the next one is let through at `probeAt`. */
  isProbing?: true;
  /** How often in a row it was opened. */
  times: number;
}

export type Admission =
  | { kind: 'closed' }
  /** One message may be sent, to see. Without a word of it until then, the next one may. */
  | { kind: 'probe'; untilAt: number }
  | { kind: 'open'; untilAt: number; code: string };

const WINDOW_MS = 30 * SECOND_MS;
/** Below this nothing is concluded. */
const MIN_FAILURES = 5;
const FAILED_SHARE = 0.5;
const FIRST_PAUSE_MS = 10 * SECOND_MS;
const FIRST_REFUSED_PAUSE_MS = MINUTE_MS;
export const MAX_PAUSE_MS = 5 * MINUTE_MS;
/** As long as a message's lease: by then its sender is gone. */
const PROBE_MS = 30 * SECOND_MS;
/** While a probe is under way, the others needn't wait for the end of its lease. */
const LOOK_AGAIN_MS = 5 * SECOND_MS;

export function closedBreaker(now: number): Breaker {
  return { windowAt: now, counts: { ok: 0, failed: 0 }, before: { ok: 0, failed: 0 }, open: null };
}

/** Whether a message may be sent now. A probe is given once: the state has to be kept. */
export function admit(breaker: Breaker, now: number): { breaker: Breaker; admission: Admission } {
  const { open } = breaker;
  if (!open) return { breaker, admission: { kind: 'closed' } };
  if (now < open.probeAt) {
    const untilAt = open.isProbing ? Math.min(open.probeAt, now + LOOK_AGAIN_MS) : open.probeAt;
    return { breaker, admission: { kind: 'open', untilAt, code: open.code } };
  }
  const untilAt = now + PROBE_MS;
  return {
    breaker: { ...breaker, open: { ...open, probeAt: untilAt, isProbing: true } },
    admission: { kind: 'probe', untilAt },
  };
}

export function report(breaker: Breaker, news: Report, now: number): Breaker {
  if (news.refused !== undefined) return opened(breaker, 'refused', news.refused, now);
  if (news.parkedUntil !== undefined && news.parkedUntil > now) {
    const parked = opened(breaker, 'parked', news.code ?? 'parked', now);
    const untilAt = Math.min(news.parkedUntil, now + DAY_MS);
    return { ...parked, open: parked.open && { ...parked.open, probeAt: untilAt } };
  }
  // Of those that were sent before it opened, nothing new is learnt: the probe alone closes it.
  if (breaker.open) {
    if (!news.isProbe) return breaker;
    if (news.failed === 0 && news.ok > 0) return closedBreaker(now);
    return opened(breaker, breaker.open.kind, news.code ?? breaker.open.code, now);
  }
  const counted = counting(breaker, news, now);
  const failed = counted.counts.failed + counted.before.failed;
  const all = failed + counted.counts.ok + counted.before.ok;
  const isFailing = news.failed > 0 && failed >= MIN_FAILURES && failed >= all * FAILED_SHARE;
  return isFailing ? opened(counted, 'failing', news.code ?? 'failed', now) : counted;
}

function counting(breaker: Breaker, { ok, failed }: Counts, now: number): Breaker {
  const rolled = rollOn(breaker, now);
  const counts = { ok: rolled.counts.ok + ok, failed: rolled.counts.failed + failed };
  return { ...rolled, counts };
}

function rollOn(breaker: Breaker, now: number): Breaker {
  const age = now - breaker.windowAt;
  if (age < WINDOW_MS) return breaker;
  const fresh = closedBreaker(now);
  return age < 2 * WINDOW_MS ? { ...fresh, before: breaker.counts } : fresh;
}

function opened(breaker: Breaker, kind: Opening['kind'], code: string, now: number): Breaker {
  const times = (breaker.open?.times ?? 0) + 1;
  const first = kind === 'refused' ? FIRST_REFUSED_PAUSE_MS : FIRST_PAUSE_MS;
  const pauseMs = Math.min(MAX_PAUSE_MS, first * 2 ** Math.min(times - 1, 10));
  const since = breaker.open?.since ?? now;
  return { ...closedBreaker(now), open: { kind, code, since, probeAt: now + pauseMs, times } };
}
