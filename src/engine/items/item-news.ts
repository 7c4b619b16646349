/**
 * When a change of an item is news for this user: a price drop (`price-drop.ts`), its return, few left, or any change.
 *
 * Two changes close to each other may be told as one, from what the first came from. So a trigger that has told the first
 * must not tell it again with the second: it remembers when what it told had happened, and only what happened later is news.
 */
import { amendLog, logKey } from '../runs/trigger-log.ts';
import type { ItemNews, ItemOn } from '../trigger.ts';
import type { ItemChange, JsonObject } from '../vocabulary.ts';
import { judgePriceDrop } from './price-drop.ts';
import {
  ANY_RELATION,
  itemLogKey,
  type NewsContext,
  type NewsVerdict,
  none,
  relationsTo,
} from './related.ts';

export const DEFAULT_LOW_STOCK = 5;

export function judgeItem(on: ItemOn, change: ItemChange, path: string, context: NewsContext): NewsVerdict {
  if (on.item === 'price_drop') return judgePriceDrop(on, change, path, context);
  const relations = relationsTo(change.item.id, on, context);
  const { draft, trigger } = context;
  const log = draft.get('log', logKey(trigger, itemLogKey(change.item.id)));
  if (!happened(on, change, log?.told?.[on.item])) return none(`${path}.item`, foundIn(change));
  if (relations.length === 0) return none(`${path}.relation`, { relation: false });
  return { kind: 'news', reference: null };
}

/** Whether the change is what the listener waits for, whoever hears of it. `toldAt`: what happened until then was told. */
export function happened(on: ItemOn, change: ItemChange, toldAt = Number.NEGATIVE_INFINITY): boolean {
  const { item, previous } = change;
  const isTold = (previous?.at ?? Number.POSITIVE_INFINITY) <= toldAt;
  const [before, stock] = [previous?.stock ?? null, item.stock ?? 0];
  switch (on.item) {
    case 'price_drop':
      return false;
    case 'back_in_stock':
      if (stock === 0) return false;
      return change.restocked === true ? change.changedAt > toldAt : before === 0 && !isTold;
    case 'low_stock': {
      // Sold out is not low: there is nothing left to hurry for.
      const few = on.lowStock ?? DEFAULT_LOW_STOCK;
      return before !== null && before > few && stock > 0 && stock <= few && !isTold;
    }
    case 'changed':
      return Object.entries(previous?.differs ?? {}).some(
        ([differs, at]) => at > toldAt && (on.path === undefined || overlap(on.path, differs)),
      );
  }
}

/** The relations whose watchers any of the listeners wants to tell of the change; none: nobody needs to hear of it. */
export function concerned(listeners: readonly ItemOn[], change: ItemChange): Set<string> {
  return new Set(listeners.filter((on) => happened(on, change)).flatMap((on) => on.relation ?? ANY_RELATION));
}

/** A notice was sent of it, or would have been but for the hold-out. */
export function rememberNews(
  { draft, trigger }: NewsContext,
  itemId: string,
  news: ItemNews,
  changedAt: number,
): void {
  const key = itemLogKey(itemId);
  const told = draft.get('log', logKey(trigger, key))?.told ?? {};
  amendLog(draft, trigger, key, { told: { ...told, [news]: Math.max(changedAt, told[news] ?? 0) } });
}

function foundIn({ item, previous }: ItemChange): JsonObject {
  return { 'item.stock': item.stock ?? null, previousStock: previous?.stock ?? null };
}

/** One lies within the other: who listens to `item.attributes` hears of `item.attributes.size`, and the other way round. */
function overlap(a: string, b: string): boolean {
  return a === b || a.startsWith(`${b}.`) || b.startsWith(`${a}.`);
}
