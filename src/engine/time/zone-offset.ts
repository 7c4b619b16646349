/**
 * Offsets of named time zones: the only place that asks the zone database.
 *
 * A zone's offset is constant between two switches, so a span is asked for once and what follows is integer arithmetic.
 * Asking costs up to some milliseconds (the polyfill looks for the switches through `Intl`), a cached answer nothing.
 * The cache forgets nothing that can change: the same question has the same answer for as long as the isolate lives.
 */
import { create, getTimeZoneTransition, offsetNanoseconds } from 'temporal-polyfill/fns/ZonedDateTime';

/** A stretch of time, closed-open, in which a zone keeps one offset. */
export interface OffsetSpan {
  fromAt: number;
  untilAt: number;
  offsetMs: number;
}

const MAX_NAME_LENGTH = 64;
/** Names come from clients: what is remembered of them stays bounded. */
const MAX_ZONES = 1_000;
const MAX_SPANS = 64;
/** What a date can say. */
const FARTHEST_AT = 8.64e15;

const spansByZone = new Map<string, OffsetSpan[]>();

/** An IANA name, or an offset such as `+09:00`. */
export function isZone(name: string): boolean {
  return name.length <= MAX_NAME_LENGTH && name !== '' && spansOf(name).length > 0;
}

/** The first name that is a zone; `UTC` where none is. */
export function firstZone(...names: (string | null | undefined)[]): string {
  return names.find((name) => typeof name === 'string' && isZone(name)) ?? 'UTC';
}

/** The span that an instant lies in. A name that is no zone counts as UTC. */
export function offsetSpan(zone: string, at: number): OffsetSpan {
  const known = spansOf(zone);
  for (const span of known) if (span.fromAt <= at && at < span.untilAt) return span;
  const asked = known.length === 0 ? null : askSpan(zone, at);
  if (!asked) return ALWAYS_UTC;
  if (known.length >= MAX_SPANS) known.length = 1;
  known.push(asked);
  return asked;
}

const ALWAYS_UTC: OffsetSpan = {
  fromAt: Number.NEGATIVE_INFINITY,
  untilAt: Number.POSITIVE_INFINITY,
  offsetMs: 0,
};

/** The spans known so far, at least one; none where the name is no zone. */
function spansOf(zone: string): OffsetSpan[] {
  const known = spansByZone.get(zone);
  if (known) return known;
  const first = askSpan(zone, FIRST_ASKED_AT);
  const spans = first ? [first] : [];
  if (spansByZone.size >= MAX_ZONES) spansByZone.clear();
  spansByZone.set(zone, spans);
  return spans;
}

/** Any instant tells whether a name is a zone; one of these years is the likeliest to be asked for next. */
const FIRST_ASKED_AT = Date.UTC(2026, 6, 1);

function askSpan(zone: string, at: number): OffsetSpan | null {
  // A millisecond short of the farthest: the switch before an instant is looked for from just after it.
  const within = Math.max(-FARTHEST_AT, Math.min(FARTHEST_AT - 1, Math.floor(at)));
  if (Number.isNaN(within)) return null;
  try {
    const moment = create(BigInt(within) * 1_000_000n, zone);
    const before = getTimeZoneTransition(create(BigInt(within + 1) * 1_000_000n, zone), 'previous');
    const after = getTimeZoneTransition(moment, 'next');
    return {
      fromAt: before ? millisecondsOf(before) : Number.NEGATIVE_INFINITY,
      untilAt: after ? millisecondsOf(after) : Number.POSITIVE_INFINITY,
      offsetMs: offsetNanoseconds(moment) / 1_000_000,
    };
  } catch {
    // A RangeError: no such zone.
    return null;
  }
}

function millisecondsOf(record: ReturnType<typeof create>): number {
  return Number(record.epochNanoseconds / 1_000_000n);
}
