/** What a send step with `recommend` needs to know of the catalog: which lists, and whom it is not to name. */
import type { Draft } from '../delta.ts';
import { relationKey, splitRelationKey } from '../fold/relations.ts';
import type { Recommend, Relation } from '../trigger.ts';
import type { ItemListKind } from './item-sample.ts';

/** A list of the catalog's, by name: what goes with one item, or `POPULAR`. */
export type ListName = string;
export const POPULAR: ListName = 'popular';

export const DEFAULT_LIMIT = 3;
export const MAX_LIMIT = 10;

export interface Want {
  from: Recommend['from'];
  limit: number;
  /** Whose lists are asked, newest first; none: only what is popular. */
  sources: string[];
  list: ItemListKind;
}

/** Lists of so many items are put together. */
const MAX_SOURCES = 3;

const SOURCES = {
  last_viewed: { relation: 'viewed', list: 'viewed' },
  liked: { relation: 'liked', list: 'viewed' },
  cart: { relation: 'in_cart', list: 'bought' },
  bought: { relation: 'purchased', list: 'bought' },
} as const satisfies Record<string, { relation: Relation; list: ItemListKind }>;

export function wantOf(draft: Draft, { from, limit = DEFAULT_LIMIT }: Recommend): Want {
  if (from === 'popular') return { from, limit, sources: [], list: 'viewed' };
  const { relation, list } = SOURCES[from];
  const most = from === 'last_viewed' ? 1 : MAX_SOURCES;
  return { from, limit, sources: newestOf(draft, relation, most), list };
}

export function listName(list: ItemListKind, itemId: string): ListName {
  return `${list}\n${itemId}`;
}

/** Of a name that `listName` has made. */
export function splitListName(name: ListName): { list: ItemListKind; itemId: string } {
  const cut = name.indexOf('\n');
  return { list: name.slice(0, cut) as ItemListKind, itemId: name.slice(cut + 1) };
}

/** Everything that is asked for it. */
export function listsOf({ sources, list }: Want): ListName[] {
  return [...sources.map((itemId) => listName(list, itemId)), POPULAR];
}

/** Nobody is shown what they have bought, nor what the recommendation started from. */
export function isOutOfQuestion(
  related: (key: string) => { on: boolean } | undefined,
  { from }: Want,
  itemId: string,
): boolean {
  if (related(relationKey('purchased', itemId))?.on) return true;
  if (from !== 'liked' && from !== 'cart') return false;
  return related(relationKey(SOURCES[from].relation, itemId))?.on ?? false;
}

/** By when the user last did it; a view is renewed by each further one. */
function newestOf(draft: Draft, relation: Relation, limit: number): string[] {
  const found: { itemId: string; at: number }[] = [];
  for (const [key, { on, at }] of draft.entries('relations')) {
    const split = splitRelationKey(key);
    if (on && split.relation === relation) found.push({ itemId: split.itemId, at });
  }
  // Of equals the one written last.
  return found
    .reverse()
    .sort((a, b) => b.at - a.at)
    .slice(0, limit)
    .map(({ itemId }) => itemId);
}
