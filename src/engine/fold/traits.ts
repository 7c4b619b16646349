import type { Draft } from '../delta.ts';
import type { Event } from '../vocabulary.ts';

export const TRAIT_LIMIT = 256;
export const TRAIT_BYTES_LIMIT = 32_768;

/** Each trait by itself: the last writer wins by the event's timestamp; null removes and is remembered as the newer. */
export function foldTraits(draft: Draft, event: Event): void {
  if (!event.traits) return;
  let room = roomLeft(draft);
  for (const [name, value] of Object.entries(event.traits)) {
    const before = draft.get('traits', name);
    if (before && before.at > event.timestamp) continue;
    const size = name.length + JSON.stringify(value).length;
    const freed = before ? name.length + JSON.stringify(before.value).length : 0;
    const slots = room.slots - (before ? 0 : 1);
    const bytes = room.bytes - size + freed;
    // Past the caps a trait is refused; what is there stays.
    if (slots < 0 || bytes < 0) continue;
    room = { slots, bytes };
    draft.put('traits', name, { value, at: event.timestamp });
  }
}

function roomLeft(draft: Draft): { slots: number; bytes: number } {
  const room = { slots: TRAIT_LIMIT, bytes: TRAIT_BYTES_LIMIT };
  for (const [name, { value }] of draft.entries('traits')) {
    room.slots -= 1;
    room.bytes -= name.length + JSON.stringify(value).length;
  }
  return room;
}
