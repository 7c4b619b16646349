/**
 * Times of a profile's own that a trigger waits for: a silence, or a date that a trait names. They are not stored but
 * follow from the state, so that they move with it; what is stored is for which silence or date one has fired.
 */

import type { CompiledTrigger } from '../compile/compile-trigger.ts';
import { instantOf } from '../language/operators.ts';
import { compilePath } from '../language/path.ts';
import { type Round, type RoundInput, scopeOf, startRound } from '../round.ts';
import { timeZoneOf } from '../send/locale.ts';
import { nextOccurrence } from '../time/anniversary.ts';
import { DAY_MS, durationMs, parseOffsetMs } from '../time/duration.ts';
import type { DateOn, InactiveOn, On } from '../trigger.ts';
import { CONSENT_RENEWAL, DATE, type Happening, INACTIVE, indexNameOf } from './happening.ts';
import { nextRenewal } from './renewals.ts';

interface Timer {
  /** Trigger id and place among its `on`s. */
  key: string;
  dueAt: number;
  /** The silence or date it is for. */
  firedFor: number;
  happening: Happening;
}

/** The timers that are due and have not fired; they are marked as fired in the draft. */
export function dueTimers(round: Round): Happening[] {
  const happenings: Happening[] = [];
  for (const trigger of round.config.timed) {
    for (const timer of timersOf(round, trigger)) {
      if (timer.dueAt > round.now) continue;
      round.draft.put('timers', timer.key, { firedFor: timer.firedFor });
      // One that is long past, because nothing woke the profile, is no news any more.
      const isNews =
        round.now - timer.dueAt < DAY_MS ||
        timer.happening.kind !== 'timer' ||
        timer.happening.name === CONSENT_RENEWAL;
      if (isNews) happenings.push(timer.happening);
    }
  }
  return happenings;
}

/** When the earliest of them comes; null where none will. */
export function nextTimerAt(input: RoundInput): number | null {
  return input.config.timed.length === 0 ? null : nextTimerIn(startRound(input, null));
}

export function nextTimerIn(round: Round): number | null {
  const due = round.config.timed.flatMap((trigger) => timersOf(round, trigger).map(({ dueAt }) => dueAt));
  return due.length === 0 ? null : Math.min(...due);
}

function timersOf(round: Round, trigger: CompiledTrigger): Timer[] {
  return trigger.on.flatMap(({ document }, i) => {
    const key = `${trigger.id}\n${i}`;
    const fired = round.draft.get('timers', key)?.firedFor ?? 0;
    const timer = timerOf(round, trigger, document, fired);
    return timer && timer.firedFor !== fired ? [{ key, ...timer }] : [];
  });
}

function timerOf(round: Round, trigger: CompiledTrigger, on: On, fired: number): Omit<Timer, 'key'> | null {
  if ('inactive' in on) return silenceOf(round, trigger, on);
  if (indexNameOf(on) === CONSENT_RENEWAL) return renewalOf(round, trigger, fired);
  return 'date' in on ? dateOf(round, trigger, on, fired) : null;
}

function renewalOf(round: Round, { id }: CompiledTrigger, fired: number): Omit<Timer, 'key'> | null {
  const next = nextRenewal(round, fired);
  if (!next) return null;
  const { dueAt, properties } = next;
  const happening = { kind: 'timer' as const, name: CONSENT_RENEWAL, trigger: id, properties };
  // What was missed is asked for all the same, and counts as asked now.
  return { dueAt, firedFor: Math.max(dueAt, round.now), happening };
}

function silenceOf(round: Round, { id }: CompiledTrigger, on: InactiveOn): Omit<Timer, 'key'> | null {
  const { draft } = round;
  const lastAt =
    on.event === undefined ? draft.meta.lastSeenAt : (draft.get('counts', on.event)?.lastAt ?? 0);
  if (lastAt === 0) return null;
  const spanMs = Math.max(durationMs(on.inactive), (on.cycleFactor ?? 0) * meanIntervalMs(round, on));
  return {
    dueAt: lastAt + spanMs,
    firedFor: lastAt,
    happening: { kind: 'timer', name: INACTIVE, trigger: id },
  };
}

/** The user's own cycle of visits, or of that event; it takes three intervals to know one. */
function meanIntervalMs(round: Round, on: InactiveOn): number {
  if (on.event === undefined) {
    const mean = compilePath('user.sessions.meanInterval')(scopeOf(round, null, null))[0];
    return round.draft.meta.sessionIntervals.n >= 3 && typeof mean === 'number' ? mean : 0;
  }
  const count = round.draft.get('counts', on.event);
  return count && count.n > 3 ? (count.lastAt - count.firstAt) / (count.n - 1) : 0;
}

function dateOf(round: Round, { id }: CompiledTrigger, on: DateOn, fired: number): Omit<Timer, 'key'> | null {
  const zone = timeZoneOf(round.draft, round.config.policies.workspace);
  const value = compilePath(on.date)(scopeOf(round, null, null))[0];
  const at = instantOf(value);
  if (at === null) return null;
  const offsetMs = on.offset === undefined ? 0 : (parseOffsetMs(on.offset) ?? 0);
  // From a day back, so that one that is due right now is still found; one that has fired is passed over.
  const from = Math.max(round.now - DAY_MS, fired + 1);
  const dueAt = nextOccurrence(
    { value: value as string | number, every: on.every ?? null, time: on.time ?? null },
    from - offsetMs,
    zone,
  );
  if (dueAt === null) return null;
  return {
    dueAt: dueAt + offsetMs,
    firedFor: dueAt + offsetMs,
    happening: { kind: 'timer', name: DATE, trigger: id },
  };
}
