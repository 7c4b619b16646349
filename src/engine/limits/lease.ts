/**
 * What a limiter answers a sender who wants to send some messages and says what became of earlier ones. Pure: the object keeps
 * the state, and writes down when the breaker turns.
 */
import { admit, type Breaker, closedBreaker, type Report, report } from './breaker.ts';
import { type Bucket, fullBucket, PERMIT_MS, takePermits } from './token-bucket.ts';

export interface Limits {
  breaker: Breaker;
  /** Null until a rate was asked for. */
  bucket: Bucket | null;
}

export interface LeaseRequest {
  /** Messages that the sender would send in the next seconds; 0 only reports. */
  wanted: number;
  /** The provider's rate, where the channel's settings name one. */
  perMinute: number | null;
  /** What became of the messages since the last call. */
  report: Report | null;
}

export type LeaseResult =
  /** `permits` may be used until `untilAt`; null: as many as there are. `isProbe`: one, and its outcome is waited for. */
  | { kind: 'granted'; permits: number | null; untilAt: number; isProbe?: true }
  /** The first message may come back at `untilAt`, each further one `stepMs` later. `opened`: by this very report. */
  | { kind: 'closed'; untilAt: number; stepMs: number; code: string; opened?: true };

/** Those who were turned away come back one by one: the first is the probe, and the others see what became of it. */
const STEP_MS = 50;

export function noLimits(now: number): Limits {
  return { breaker: closedBreaker(now), bucket: null };
}

export function lease(
  limits: Limits,
  { wanted, perMinute, report: news }: LeaseRequest,
  now: number,
): { limits: Limits; result: LeaseResult } {
  const told = news ? report(limits.breaker, news, now) : limits.breaker;
  const isOpened = limits.breaker.open === null && told.open !== null;
  // A mere report must not be given the probe.
  const { breaker, admission } = wanted === 0 ? standing(told, now) : admit(told, now);
  const next = { ...limits, breaker };
  switch (admission.kind) {
    case 'open': {
      const { untilAt, code } = admission;
      const opened = isOpened ? { opened: true as const } : {};
      return { limits: next, result: { kind: 'closed', untilAt, stepMs: STEP_MS, code, ...opened } };
    }
    case 'probe': {
      const { untilAt } = admission;
      return { limits: next, result: { kind: 'granted', permits: 1, untilAt, isProbe: true } };
    }
    case 'closed':
      return permits(next, wanted, perMinute, now);
  }
}

function standing(breaker: Breaker, now: number): ReturnType<typeof admit> {
  const { open } = breaker;
  if (!open) return { breaker, admission: { kind: 'closed' } };
  return { breaker, admission: { kind: 'open', untilAt: Math.max(now, open.probeAt), code: open.code } };
}

function permits(
  limits: Limits,
  wanted: number,
  perMinute: number | null,
  now: number,
): { limits: Limits; result: LeaseResult } {
  if (perMinute === null || wanted === 0) {
    const none = wanted === 0 ? 0 : null;
    return { limits, result: { kind: 'granted', permits: none, untilAt: now + PERMIT_MS } };
  }
  const taken = takePermits(limits.bucket ?? fullBucket(perMinute, now), perMinute, wanted, now);
  const { bucket, granted, nextAt, stepMs } = taken;
  const result: LeaseResult =
    granted > 0
      ? { kind: 'granted', permits: granted, untilAt: now + PERMIT_MS }
      : { kind: 'closed', untilAt: nextAt, stepMs, code: 'per_minute' };
  return { limits: { ...limits, bucket }, result };
}
