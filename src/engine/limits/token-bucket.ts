/**
 * A provider's rate, `perMinute`, shared by senders who take permits some seconds ahead. What holds: in no minute, however it
 * is cut, are more than `perMinute` messages sent, although a permit may be used up to `PERMIT_MS` after it was given.
 *
 * So the bucket holds five seconds' worth, and fills a little more slowly than the provider would allow:
 * 1/12 + 65/60 × 0.84 < 1. Pure; `now` is passed in.
 */
import { MINUTE_MS, SECOND_MS } from '../time/duration.ts';

/** A permit that isn't used by then is forfeited. */
export const PERMIT_MS = 5 * SECOND_MS;
const HELD_SHARE = 1 / 12;
const FILLED_SHARE = 0.84;
/** Nobody is told to come back later than that: those who were before them may never come. */
const MAX_BOOKED_MS = 10 * MINUTE_MS;

export interface Bucket {
  tokens: number;
  at: number;
  /** Those who found it empty were told to come back one after the other: the last of them then. */
  bookedUntil: number;
}

export interface Taken {
  bucket: Bucket;
  /** Whole permits, at most as many as wanted. */
  granted: number;
  /** Where none was granted: when to come back, and in what distance others who wait. */
  nextAt: number;
  stepMs: number;
}

export function fullBucket(perMinute: number, now: number): Bucket {
  return { tokens: capacityOf(perMinute), at: now, bookedUntil: now };
}

export function takePermits(bucket: Bucket, perMinute: number, wanted: number, now: number): Taken {
  const perMs = (perMinute * FILLED_SHARE) / MINUTE_MS;
  const filled = bucket.tokens + Math.max(0, now - bucket.at) * perMs;
  const tokens = Math.min(capacityOf(perMinute), filled);
  const granted = Math.min(wanted, Math.floor(tokens));
  const left = { tokens: tokens - granted, at: Math.max(now, bucket.at) };
  const stepMs = Math.ceil(1 / perMs);
  if (granted > 0 || wanted === 0) {
    return { bucket: { ...left, bookedUntil: bucket.bookedUntil }, granted, nextAt: now, stepMs };
  }
  const filledAt = now + Math.ceil((1 - tokens) / perMs);
  const latestAt = now + Math.max(stepMs, MAX_BOOKED_MS);
  const nextAt = Math.min(latestAt, Math.max(filledAt, bucket.bookedUntil + stepMs));
  return { bucket: { ...left, bookedUntil: nextAt }, granted, nextAt, stepMs };
}

function capacityOf(perMinute: number): number {
  return Math.max(1, Math.floor(perMinute * HELD_SHARE));
}
