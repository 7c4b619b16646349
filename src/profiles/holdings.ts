import { splitRelationKey, WATCHED } from '../engine/fold/relations.ts';
import type { ProfileState } from '../engine/state.ts';
import type { Holding } from './erasure-store.ts';

/** A shard may keep a fence (`catalog/fence.ts`) for an hour after a relation has ended; clients' clocks may lag by another. */
const FENCED_MS = 2 * 3_600_000;

/**
 * Everything outside the object that carries this profile's key or ids, as its state tells: rows of watcher shards (also
 * those whose order is still on its way), and the anonymous profiles that have become it. `also`: keys of further ones.
 */
export function holdingsOf(state: ProfileState, also: string[]): Holding[] {
  const watchers = new Map<string, Holding>();
  const watches = (itemId: string, profile = state.meta.key) => {
    watchers.set(JSON.stringify([itemId, profile]), { kind: 'watcher', itemId, profile });
  };
  for (const itemId of state.watches.keys()) watches(itemId);
  for (const [key, { on, at }] of state.relations) {
    const { relation, itemId } = splitRelationKey(key);
    const mayBeHeld = on || at > state.meta.lastNow - FENCED_MS;
    if (mayBeHeld && WATCHED.includes(relation)) watches(itemId);
  }
  const anonymous = new Set(also);
  for (const entry of state.outbox.values()) {
    if (entry.kind === 'watch') watches(entry.watch.itemId, entry.watch.profile);
    if (entry.kind === 'merged') anonymous.add(entry.from);
  }
  for (const [key, { outcome }] of state.links) if (outcome === 'merged') anonymous.add(key);
  return [...watchers.values(), ...[...anonymous].map((key): Holding => ({ kind: 'profile', key }))];
}
