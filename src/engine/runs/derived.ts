/** What a round derives from its changes: attributes that a live trigger listens to, and segments that are kept. */

import type { WatchedAttribute, WatchedAttributes } from '../compile/watched.ts';
import { type Round, type RoundInput, scopeOf, startRound } from '../round.ts';
import { changedSegments } from '../segments/memberships.ts';
import type { Event, Json } from '../vocabulary.ts';
import type { Happening } from './happening.ts';

/** What the attributes were when they were last looked at in this round: path → values. */
export type LastSeen = Map<string, Json[]>;

/**
 * The attributes that a live trigger listens to and that have changed since they were last looked at in this round, or else
 * since the state before it, and the segments that were entered or left. Nothing is asked where nothing listens.
 */
export function derived(round: Round, input: RoundInput, event: Event | null, last: LastSeen): Happening[] {
  const { attributes, keptSegments } = round.config;
  const touched = touchedAttributes(round, attributes);
  if (touched.length === 0 && keptSegments.size === 0) return [];
  let made: Round | undefined;
  const before = () => {
    made ??= startRound(input, null);
    return made;
  };
  return [...changedAttributes(round, before, touched, last), ...changedSegments(round, before, event)];
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
  before: () => Round,
  attributes: WatchedAttribute[],
  last: LastSeen,
): Happening[] {
  return attributes.flatMap(({ path, read }) => {
    const from = last.get(path) ?? read(scopeOf(before(), null, null));
    const to = read(scopeOf(round, null, null));
    last.set(path, to);
    return JSON.stringify(from) === JSON.stringify(to)
      ? []
      : [{ kind: 'attribute' as const, path, from, to }];
  });
}
