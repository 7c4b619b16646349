/**
 * The last place that a user's own events told, for `near` with `entered`. Without consent to the use of places none is
 * kept, and withdrawing it forgets the one that was. The edge's guess is never kept: it is good for a city only.
 */
import type { Draft } from '../delta.ts';
import { ownPlaceOf } from '../language/geo.ts';
import type { Event } from '../vocabulary.ts';

export function foldPlace(draft: Draft, event: Event): void {
  const { place } = draft.meta;
  if (!mayUsePlaces(draft)) {
    if (place) draft.setMeta({ place: null });
    return;
  }
  const told = ownPlaceOf(event);
  if (told && (place === null || event.timestamp >= place.at)) {
    draft.setMeta({ place: { ...told, at: event.timestamp } });
  }
}

/** The newest word on purpose `location`, on whatever channel it was given; of two at one instant the refusal. */
export function mayUsePlaces(draft: Draft): boolean {
  let newest: { granted: boolean; at: number } | undefined;
  for (const [key, [entry]] of draft.entries('consents')) {
    if (!entry || !key.endsWith('|location')) continue;
    const isNewer = !newest || entry.at > newest.at || (entry.at === newest.at && !entry.granted);
    if (isNewer) newest = entry;
  }
  return newest?.granted ?? false;
}
