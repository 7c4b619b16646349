/**
 * Which segments a profile is in, kept true: asked again with every event, and by the profile's alarm when time alone
 * changes the answer (`nextAt`, see `next-change.ts`). What is kept is what triggers were told last, what the list of
 * members in D1 was told last, and when to ask again; a round that changes none of that writes nothing.
 */
import type { KeptSegment } from '../config.ts';
import { putFact, type Round, scopeOf } from '../round.ts';
import type { Happening } from '../runs/happening.ts';
import type { Membership } from '../state.ts';
import type { Event } from '../vocabulary.ts';
import { nextFlip } from './next-flip.ts';
import { haveChanged } from './reads.ts';

/** The event by which a profile hears that segments are new or changed. */
export const SEGMENTS = '$segments';

/**
 * Asks every segment that is kept. Entered or left is who was known to be otherwise; where nothing is known yet, or only
 * of an earlier version of the segment, who was otherwise in the state before this round. So that a segment which is
 * written anew moves its people in the list, and tells no trigger.
 */
export function changedSegments(round: Round, before: () => Round, event: Event | null): Happening[] {
  const happenings: Happening[] = [];
  for (const segment of round.config.keptSegments.values()) {
    const { id, check, version } = segment;
    const known = round.draft.get('segments', id);
    if (stillHolds(segment, known, round)) continue;
    const isMember = check(scopeOf(round, null, null)) === null;
    const isOfThis = known !== undefined && (known.v ?? version) === version;
    const wasMember = isOfThis
      ? known.member
      : event === null
        ? isMember
        : check(scopeOf(before(), null, null)) === null;
    if (wasMember !== isMember) {
      happenings.push({ kind: 'segment', segment: id, change: isMember ? 'entered' : 'left' });
    }
    keep(round, segment, known, isMember);
  }
  return happenings;
}

/** What an earlier round kept is of this version, and neither time nor this round has changed what it rests on. */
function stillHolds(
  { id, version, reads }: KeptSegment,
  known: Membership | undefined,
  round: Round,
): boolean {
  if (reads === null || known?.v !== version || round.draft.isWritten('segments', id)) return false;
  return (known.nextAt === undefined || known.nextAt > round.now) && !haveChanged(reads, round);
}

function keep(round: Round, segment: KeptSegment, known: Membership | undefined, member: boolean): void {
  const { id, version: v, isListed } = segment;
  const isSame = known?.member === member && known.v === v;
  const toList = isListed && member;
  if (isSame && (known.listed ?? false) === toList) return;
  if ((known?.listed ?? false) !== toList) {
    putFact(round, { kind: toList ? 'segment_entered' : 'segment_left', segment: { id } });
  }
  round.draft.put('segments', id, {
    member,
    since: known?.member === member ? known.since : round.now,
    v,
    ...(toList && { listed: true }),
    ...(isSame && known.nextAt !== undefined && { nextAt: known.nextAt }),
  });
}

/** Once a round has changed what it changes: when to ask again. */
export function foreseeSegments(round: Round): void {
  for (const segment of round.config.keptSegments.values()) {
    const { id, check, next, reads } = segment;
    const known = round.draft.get('segments', id);
    if (!known || (!next && known.nextAt === undefined)) continue;
    if (stillHolds(segment, known, round)) continue;
    const counts = reads === null || reads.events.length > 0;
    const scope = scopeOf(round, null, null);
    // What slides along with every event is looked at no closer while it can't come before what is known.
    if (!counts && next && isAhead(known, round.now) && next(scope, true) >= known.nextAt) continue;
    const at = next && nextFlip(check, next, scope, counts);
    if (standsAsKnown(known, at, round.now)) continue;
    const { nextAt: _, ...rest } = known;
    round.draft.put('segments', id, { ...rest, ...(at !== null && { nextAt: at }) });
  }
}

/** A known time that lies ahead and is early enough is left standing: it spares a write with every event. */
function standsAsKnown(known: Membership, at: number | null, now: number): boolean {
  if (known.nextAt === undefined) return at === null;
  return isAhead(known, now) && (at === null || known.nextAt <= at);
}

function isAhead(known: Membership, now: number): known is Membership & { nextAt: number } {
  return known.nextAt !== undefined && known.nextAt > now;
}

export function hasSegmentDue({ draft, now }: Round): boolean {
  for (const [, { nextAt }] of draft.entries('segments'))
    if (nextAt !== undefined && nextAt <= now) return true;
  return false;
}

/** Of segments that nobody needs any more nothing is kept; a list that has this profile loses it. */
export function forgetSegments(round: Round): void {
  for (const [id, { listed }] of [...round.draft.entries('segments')]) {
    if (round.config.keptSegments.has(id)) continue;
    if (listed) putFact(round, { kind: 'segment_left', segment: { id } });
    round.draft.remove('segments', id);
  }
}

/** The event of a back-fill. It changes nothing by itself: any event has every segment asked. */
export function segmentsEvent(at: number, profileKey: string): Event {
  return {
    messageId: `segments:${at}:${profileKey}`,
    name: SEGMENTS,
    timestamp: at,
    receivedAt: at,
    originalAt: at,
    origin: 'system',
    properties: {},
    context: {},
  };
}
