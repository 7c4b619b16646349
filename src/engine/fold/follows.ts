/**
 * What a user follows: `Topic Followed` and `Topic Unfollowed` with `{ type, value }`. The last writer wins by the event's
 * timestamp, as with relations to items; what has ended is kept for that, the newest of it.
 */
import type { Draft } from '../delta.ts';
import { topicKey } from '../items/topics.ts';
import type { Event } from '../vocabulary.ts';

const FOLLOWED = 'Topic Followed';
const UNFOLLOWED = 'Topic Unfollowed';
/** Topics that one user follows at most; the one that was touched longest ago makes way for a new one. */
export const FOLLOW_LIMIT = 100;
const KEPT_LIMIT = 200;

/** The keys of the topics that are followed from here on and weren't, or the other way round. */
export function foldFollows(draft: Draft, event: Event): string[] {
  if (event.name !== FOLLOWED && event.name !== UNFOLLOWED) return [];
  const key = topicKey(event.properties.type, event.properties.value);
  if (key === null) return [];
  const before = draft.get('topics', key);
  if (before && before.at > event.timestamp) return [];
  const on = event.name === FOLLOWED;
  const since = on && before?.on ? before.since : event.timestamp;
  draft.put('topics', key, { on, at: event.timestamp, since, value: String(event.properties.value) });
  const changed = on === (before?.on ?? false) ? [] : [key];
  return on ? [...changed, ...makeRoom(draft)] : changed;
}

/** Answers what isn't followed any more. Newest by order of writing: a draft moves what it writes to the end. */
export function makeRoom(draft: Draft): string[] {
  const all = [...draft.entries('topics')];
  const followed = all.filter(([, { on }]) => on);
  const dropped = followed.slice(0, Math.max(0, followed.length - FOLLOW_LIMIT));
  for (const [key, entry] of dropped) draft.put('topics', key, { ...entry, on: false });
  const ended = [...draft.entries('topics')].filter(([, { on }]) => !on);
  for (const [key] of ended.slice(0, Math.max(0, all.length - KEPT_LIMIT))) draft.remove('topics', key);
  return dropped.map(([key]) => key);
}
