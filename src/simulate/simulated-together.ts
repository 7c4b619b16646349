/** What goes together in a simulated world; its shards' lists, in one memory. */
import {
  goingTogether,
  type ItemLists,
  mostPopular,
  NO_LISTS,
  notePopular,
  noteTogether,
} from '../engine/recommend/item-lists.ts';
import type { ItemSample } from '../engine/recommend/item-sample.ts';
import { emptyTop, type Scored } from '../engine/recommend/top-list.ts';
import { type ListName, POPULAR, splitListName } from '../engine/recommend/want.ts';

export class SimulatedTogether {
  readonly #lists = new Map<string, ItemLists>();
  #popular = emptyTop();

  note(sample: ItemSample, now: number): void {
    this.#lists.set(sample.itemId, noteTogether(this.#lists.get(sample.itemId) ?? NO_LISTS, sample, now));
  }

  notePopular(samples: readonly ItemSample[], now: number): void {
    this.#popular = notePopular(this.#popular, samples, now);
  }

  list(name: ListName, now: number): Scored[] {
    if (name === POPULAR) return mostPopular(this.#popular, now);
    const { list, itemId } = splitListName(name);
    return goingTogether(this.#lists.get(itemId) ?? NO_LISTS, list, now);
  }

  forget(itemId: string): void {
    this.#lists.delete(itemId);
  }
}
