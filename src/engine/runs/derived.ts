/** What a round derives from its changes: attributes and segments that a live trigger listens to. */

import type { WatchedAttribute, WatchedAttributes } from '../compile/watched.ts';
import { type Round, type RoundInput, scopeOf, startRound } from '../round.ts';
import type { Event, Json } from '../vocabulary.ts';
import type { Happening } from './happening.ts';

/** What the attributes were when they were last looked at in this round: path → values. */
export type LastSeen = Map<string, Json[]>;

/**
 * The attributes and segments that a live trigger listens to and that have changed since they were last looked at in this
 * round, or else since the state before it. Nothing is asked where nothing listens.
 */
export function derived(round: Round, input: RoundInput, event: Event | null, last: LastSeen): Happening[] {
  const { attributes, watchedSegments } = round.config;
  const touched = touchedAttributes(round, attributes);
  if (touched.length === 0 && watchedSegments.size === 0) return [];
  const before = startRound(input, null);
  return [
    ...changedAttributes(round, before, touched, last),
    ...changedSegments(round, before, watchedSegments, event),
  ];
}

/** Of traits those that were written: no other can have changed. */
function touchedAttributes({ draft }: Round, { traits, others }: WatchedAttributes): WatchedAttribute[] {
  if (traits.size === 0) return others;
  const touched = [...others];
  for (const name of draft.written('traits')) touched.push(...(traits.get(name) ?? []));
  return touched;
}

function changedAttributes(
  round: Round,
  before: Round,
  attributes: WatchedAttribute[],
  last: LastSeen,
): Happening[] {
  return attributes.flatMap(({ path, read }) => {
    const from = last.get(path) ?? read(scopeOf(before, null, null));
    const to = read(scopeOf(round, null, null));
    last.set(path, to);
    return JSON.stringify(from) === JSON.stringify(to)
      ? []
      : [{ kind: 'attribute' as const, path, from, to }];
  });
}

/**
 * Membership is written down when it changes, so that leaving a segment by mere passing of time is noticed at the next
 * event or timer. Where nothing is written yet, it is what the state before this round says.
 */
function changedSegments(
  round: Round,
  before: Round,
  segments: ReadonlySet<string>,
  event: Event | null,
): Happening[] {
  const happenings: Happening[] = [];
  for (const id of segments) {
    const check = round.config.segments.get(id);
    if (!check) continue;
    const isMember = check(scopeOf(round, null, null)) === null;
    const known = round.draft.get('segments', id)?.member;
    const wasMember = known ?? (event === null ? isMember : check(scopeOf(before, null, null)) === null);
    if (known !== isMember) round.draft.put('segments', id, { member: isMember, since: round.now });
    if (wasMember !== isMember) {
      happenings.push({ kind: 'segment', segment: id, change: isMember ? 'entered' : 'left' });
    }
  }
  return happenings;
}
