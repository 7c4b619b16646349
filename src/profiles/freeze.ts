/**
 * An anonymous profile that turns out to be a known user's, from its own side:
 *
 *     living → frozen (handed over, still whole) → released (only the tombstone is left)
 *
 * Frozen, it takes no event any more: whoever sends one is told where to go. It can be handed over again under the same
 * merge, should the other side have died before its commit. Another user who turns up later gets nothing.
 */
import { emptyState } from '../engine/state.ts';
import type { FreezeRequest, FreezeResult, ProfileRef } from '../protocol/rpc.ts';
import type { TurnStore } from './turn-store.ts';

/** Where this profile's events go now; null while it lives. */
export function movedTo(store: TurnStore): ProfileRef | null {
  const moved = store.state.meta.movedTo;
  return moved && { kind: 'user', id: moved.id, key: moved.key };
}

/** Frozen for a known profile that was erased since: this one is part of what was erased. */
export function wentWith({ state: { meta } }: TurnStore, { to, erasedAt }: FreezeRequest): boolean {
  const { movedTo } = meta;
  if (erasedAt === undefined || movedTo?.key !== to.key || movedTo.released) return false;
  return meta.lastNow <= erasedAt;
}

/** Within one synchronous turn of the object, which commits it. */
export function freeze(store: TurnStore, request: FreezeRequest): FreezeResult {
  const { movedTo: before } = store.state.meta;
  if (before && before.key !== request.to.key) return { kind: 'taken' };
  if (!before && request.begunOnly) return { kind: 'not_begun' };
  if (before?.released) return { kind: 'frozen', handover: null };
  const neverWritten = store.isNew;
  if (!before) {
    const { id, key } = request.to;
    const moved = { id, key, mergeId: request.mergeId, released: neverWritten };
    store.apply([['meta', 'movedTo', moved]]);
  }
  return { kind: 'frozen', handover: neverWritten ? null : store.handOver() };
}

/** The other side has it: nothing but the tombstone stays. True where something changed. */
export function release(store: TurnStore, mergeId: string, now: number): boolean {
  const { meta } = store.state;
  const moved = meta.movedTo;
  if (moved?.mergeId !== mergeId || moved.released) return false;
  const tombstone = emptyState(meta, meta.createdAt);
  tombstone.meta.seq = meta.seq + 1;
  tombstone.meta.movedTo = { ...moved, released: true };
  tombstone.meta.erasedAt = meta.erasedAt;
  store.replaceWith(tombstone, now);
  return true;
}
