/**
 * `near`: within so many metres of a place. Where the event under test says where it happened, that counts; else, from
 * 20 km on, where the edge saw the user's own request come from. Nothing counts without consent to the use of places.
 *
 * `entered` holds when the event being decided crosses in: its own place lies inside, and the last one known before it
 * lay outside. The first place ever known crosses nothing, and neither does one that arrives late.
 */
import { mayUsePlaces } from '../../fold/place.ts';
import type { Scope } from '../../scope.ts';
import type { NearCondition, Place } from '../../trigger.ts';
import type { JsonObject } from '../../vocabulary.ts';
import { edgePlaceOf, metersBetween, ownPlaceOf } from '../geo.ts';
import type { Check } from './check.ts';

/** What the edge knows of a place is no closer than this. */
const EDGE_METERS = 20_000;

export function compileNear({ near, entered }: NearCondition, path: string): Check {
  const judge = entered ? hasEntered : isNear;
  return (scope) => {
    if (!mayUsePlaces(scope.draft)) return { path, values: { locationConsent: false } };
    const values = judge(near, scope);
    return values && { path, values };
  };
}

/** Null where it holds; else what was seen. */
function isNear(near: Place, { event }: Scope): JsonObject | null {
  const place = event && (ownPlaceOf(event) ?? (near.meters >= EDGE_METERS ? edgePlaceOf(event) : null));
  if (!place) return { meters: null };
  const meters = metersBetween(near, place);
  return meters <= near.meters ? null : { meters: Math.round(meters) };
}

function hasEntered(near: Place, { event, current, draft }: Scope): JsonObject | null {
  const place = event && event.messageId === current?.messageId ? ownPlaceOf(event) : null;
  if (!place || !event) return { meters: null };
  const before = draft.metaBefore.place;
  const meters = metersBetween(near, place);
  if (!before || before.at > event.timestamp) return { meters: Math.round(meters), metersBefore: null };
  const metersBefore = metersBetween(near, before);
  if (meters <= near.meters && metersBefore > near.meters) return null;
  return { meters: Math.round(meters), metersBefore: Math.round(metersBefore) };
}
