import { splitRelationKey, WATCHED } from '../engine/fold/relations.ts';
import type { ProfileState } from '../engine/state.ts';
import type { Holding } from './erasure-store.ts';

/** A shard may keep a fence (`catalog/fence.ts`) for an hour after a relation has ended; clients' clocks may lag by another. */
const FENCED_MS = 2 * 3_600_000;

/**
 * Everything outside the object that carries this profile's key or ids, as its state tells: rows of watcher shards and of
 * topics' (also those whose order is still on its way), and the anonymous profiles that have become it. `also`: keys of further ones.
 */
export function holdingsOf(state: ProfileState, also: string[]): Holding[] {
  const anonymous = new Set(also);
  for (const entry of state.outbox.values()) if (entry.kind === 'merged') anonymous.add(entry.from);
  for (const [key, { outcome }] of state.links) if (outcome === 'merged') anonymous.add(key);
  return [...rowsOf(state), ...[...anonymous].map((key): Holding => ({ kind: 'profile', key }))];
}

function rowsOf(state: ProfileState): Holding[] {
  const rows = new Map<string, Holding>();
  const watches = (itemId: string, profile = state.meta.key) => {
    rows.set(JSON.stringify(['item', itemId, profile]), { kind: 'watcher', itemId, profile });
  };
  const follows = (topic: string, profile = state.meta.key) => {
    rows.set(JSON.stringify(['topic', topic, profile]), { kind: 'topic', topic, profile });
  };
  for (const itemId of state.watches.keys()) watches(itemId);
  for (const [key, { on, at }] of state.relations) {
    const { relation, itemId } = splitRelationKey(key);
    const mayBeHeld = on || at > state.meta.lastNow - FENCED_MS;
    if (mayBeHeld && WATCHED.includes(relation)) watches(itemId);
  }
  for (const [topic, { on }] of state.topics) if (on) follows(topic);
  for (const entry of state.outbox.values()) {
    if (entry.kind === 'watch') watches(entry.watch.itemId, entry.watch.profile);
    if (entry.kind === 'follow') follows(entry.follow.topic, entry.follow.profile);
  }
  return [...rows.values()];
}
