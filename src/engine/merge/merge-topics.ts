/** What both profiles follow, together. Whom the shards know by the anonymous name, they know by the other from here on. */
import { makeRoom } from '../fold/follows.ts';
import { putFollowOrders, putFollowRemoval } from '../items/follow-orders.ts';
import type { Round } from '../round.ts';
import type { ProfileState, TopicEntry } from '../state.ts';

export function mergeTopics(round: Round, anonymous: ProfileState, fromKey: string): void {
  const { draft } = round;
  if (anonymous.topics.size === 0) return;
  const touched = new Set<string>();
  for (const [topic, theirs] of anonymous.topics) {
    const own = draft.get('topics', topic);
    const merged = later(own, theirs);
    if (merged !== own) draft.put('topics', topic, merged);
    if (merged.on !== (own?.on ?? false)) touched.add(topic);
    if (theirs.on || anonymous.outbox.has(`follow:${topic}`)) putFollowRemoval(round, topic, fromKey);
  }
  putFollowOrders(round, new Set([...touched, ...makeRoom(draft)]));
}

/** The last writer wins; where both follow, it began with the earlier. */
function later(own: TopicEntry | undefined, theirs: TopicEntry): TopicEntry {
  if (!own) return theirs;
  const newer = own.at >= theirs.at ? own : theirs;
  const since = Math.min(own.since, theirs.since);
  return own.on && theirs.on && newer.since !== since ? { ...newer, since } : newer;
}
