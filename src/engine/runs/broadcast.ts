/**
 * A broadcast as data: the instants at which it happens, and the event by which a profile hears of one. The event's id
 * is derived from trigger, instant and profile, so that the same news told twice is one event; it happened at the
 * instant, so that news that comes an hour late starts nothing.
 */
import { durationMs } from '../time/duration.ts';
import type { AtOn } from '../trigger.ts';
import type { Event } from '../vocabulary.ts';
import { BROADCAST } from './happening.ts';

/** `everyMs` 0: once. */
export interface Recurrence {
  firstAt: number;
  everyMs: number;
}

export function recurrenceOf({ at, every }: AtOn): Recurrence {
  return { firstAt: Date.parse(at), everyMs: every === undefined ? 0 : durationMs(every) };
}

/** The first instant at or after `fromAt`; null where none comes any more. */
export function instantFrom({ firstAt, everyMs }: Recurrence, fromAt: number): number | null {
  if (fromAt <= firstAt) return firstAt;
  return everyMs === 0 ? null : firstAt + Math.ceil((fromAt - firstAt) / everyMs) * everyMs;
}

export function isInstantOf(recurrence: Recurrence, at: number): boolean {
  return instantFrom(recurrence, at) === at;
}

export function broadcastEvent(trigger: string, instantAt: number, profileKey: string, now: number): Event {
  return {
    messageId: `at:${trigger}:${instantAt}:${profileKey}`,
    name: BROADCAST,
    timestamp: instantAt,
    receivedAt: Math.max(now, instantAt),
    originalAt: instantAt,
    origin: 'system',
    properties: { trigger },
    context: {},
  };
}
