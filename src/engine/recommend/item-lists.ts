/** What is kept of one item, and of the shop as a whole: which others go with it, and which items are popular. */

import { DAY_MS } from '../time/duration.ts';
import type { ItemListKind, ItemSample } from './item-sample.ts';
import { addToTop, emptyTop, ranked, type Scored, type TopList, type TopRule } from './top-list.ts';

export type ItemLists = { v: 1 } & { [L in ItemListKind]?: TopList };

export const NO_LISTS: ItemLists = { v: 1 };

/** What people buy changes more slowly than what they look at, and what is in fashion fastest. */
const RULES = {
  viewed: { places: 48, halfLifeMs: 14 * DAY_MS },
  bought: { places: 48, halfLifeMs: 60 * DAY_MS },
  popular: { places: 128, halfLifeMs: 7 * DAY_MS },
} as const satisfies Record<ItemListKind | 'popular', TopRule>;

/** An order of it says as much for an item as so many views. */
const VIEWS_PER_ORDER = 10;
/** How many of a list are told. */
const TOLD = 32;

/** The item's own lists with one sample more. */
export function noteTogether(lists: ItemLists, sample: ItemSample, now: number): ItemLists {
  const { list, with: others, weight } = sample;
  const grown = addToTop(lists[list] ?? emptyTop(), others, weight, now, RULES[list]);
  return { ...lists, [list]: grown };
}

export function notePopular(list: TopList, samples: readonly ItemSample[], now: number): TopList {
  return samples.reduce((known, sample) => {
    if (sample.mirror) return known;
    const weight = sample.list === 'bought' ? sample.weight * VIEWS_PER_ORDER : sample.weight;
    return addToTop(known, [sample.itemId], weight, now, RULES.popular);
  }, list);
}

/** Best first. */
export function goingTogether(lists: ItemLists, list: ItemListKind, now: number): Scored[] {
  const known = lists[list];
  return known ? ranked(known, now, RULES[list], TOLD) : [];
}

export function mostPopular(list: TopList, now: number): Scored[] {
  return ranked(list, now, RULES.popular, TOLD);
}
