/**
 * A profile registers as a watcher of every item that it likes, has in the cart or asked to be told of, as soon as that
 * begins and before any trigger asks. The order to the item's watcher shard leaves through the outbox; a newer order for
 * the same item replaces an older one that has not been settled.
 */
import type { Delta, Draft } from '../delta.ts';
import { relationKey, WATCHED } from '../fold/relations.ts';
import { OFFER_AGAIN_MS, putOut, type Round, type RoundInput, startRound } from '../round.ts';
import type { RelationEntry } from '../state.ts';
import type { Relation } from '../trigger.ts';
import type { Price, WatchOrder } from '../vocabulary.ts';
import { higherPrice } from './price.ts';

export function putWatchOrders(round: Round, itemIds: Iterable<string>): void {
  for (const itemId of itemIds) {
    const watch = orderFor(round, itemId);
    putOut(round, { kind: 'watch', id: `watch:${itemId}`, watch, retryAt: round.now + OFFER_AGAIN_MS });
  }
}

function orderFor({ draft }: Round, itemId: string): WatchOrder {
  const standing: [Relation, RelationEntry][] = [];
  for (const relation of WATCHED) {
    const entry = draft.get('relations', relationKey(relation, itemId));
    if (entry?.on) standing.push([relation, entry]);
  }
  const newest = standing.map(([, entry]) => entry).sort((a, b) => b.since - a.since)[0];
  const registered = draft.get('watches', itemId)?.registered;
  return {
    itemId,
    relations: standing.map(([relation]) => relation),
    since: newest?.since ?? 0,
    ...(newest?.price && { eventPrice: newest.price }),
    ...(registered !== undefined && { registered }),
  };
}

export interface SettleWatchInput extends RoundInput {
  /** The outbox entry's. */
  id: string;
  order: WatchOrder;
  reference: Price | null;
}

/**
 * The shard has answered. The relations that began with this order learn the catalog's price of that moment; the row
 * stands under the higher of it and what it stood under before.
 */
export function settleWatch(input: SettleWatchInput): { delta: Delta } {
  const { draft } = startRound(input, null);
  settle(draft, input.id, input.order, input.reference);
  return { delta: draft.delta() };
}

function settle(draft: Draft, id: string, order: WatchOrder, reference: Price | null): void {
  const pending = draft.get('outbox', id);
  // A newer order is waiting: this answer settles the older one only.
  if (pending?.kind === 'watch' && sameOrder(pending.watch, order)) draft.remove('outbox', id);
  if (order.profile !== undefined) return;
  if (order.relations.length === 0) {
    draft.remove('watches', order.itemId);
    return;
  }
  draft.put('watches', order.itemId, { registered: higherPrice(order.registered ?? null, reference) });
  for (const relation of order.relations) {
    const key = relationKey(relation, order.itemId);
    const entry = draft.get('relations', key);
    if (!entry?.on || entry.since !== order.since || entry.confirmed) continue;
    draft.put('relations', key, { ...entry, price: reference ?? entry.price, confirmed: true });
  }
}

function sameOrder(a: WatchOrder, b: WatchOrder): boolean {
  return a.since === b.since && a.relations.join() === b.relations.join();
}
