import type { Draft } from '../delta.ts';
import type { TraitEntry } from '../state.ts';
import type { Event, Json } from '../vocabulary.ts';

export const TRAIT_LIMIT = 256;
export const TRAIT_BYTES_LIMIT = 32_768;

interface Room {
  slots: number;
  bytes: number;
}

/** Each trait by itself: the last writer wins by the event's timestamp; null removes and is remembered as the newer. */
export function foldTraits(draft: Draft, event: Event): void {
  if (!event.traits) return;
  let room = roomLeft(draft);
  for (const [name, value] of Object.entries(event.traits)) {
    const before = draft.get('traits', name);
    if (before && before.at > event.timestamp) continue;
    room = putWithin(room, draft, name, { value, at: event.timestamp });
  }
}

/** Written by a run, at the profile's own time. */
export function setTrait(draft: Draft, name: string, value: Json, at: number): void {
  putWithin(roomLeft(draft), draft, name, { value, at });
}

/** The room that is left then. Past the caps a trait is refused; what is there stays. */
function putWithin(room: Room, draft: Draft, name: string, trait: TraitEntry): Room {
  const before = draft.get('traits', name);
  const freed = before ? name.length + JSON.stringify(before.value).length : 0;
  const left: Room = {
    slots: room.slots - (before ? 0 : 1),
    bytes: room.bytes - name.length - JSON.stringify(trait.value).length + freed,
  };
  if (left.slots < 0 || left.bytes < 0) return room;
  draft.put('traits', name, trait);
  return left;
}

function roomLeft(draft: Draft): Room {
  const room = { slots: TRAIT_LIMIT, bytes: TRAIT_BYTES_LIMIT };
  for (const [name, { value }] of draft.entries('traits')) {
    room.slots -= 1;
    room.bytes -= name.length + JSON.stringify(value).length;
  }
  return room;
}
