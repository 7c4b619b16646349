/** The catalog's lists of what goes together, for all profiles of an isolate: they change slowly, and are read seldom. */
import type { Scored } from '../engine/recommend/top-list.ts';
import { type ListName, POPULAR, splitListName } from '../engine/recommend/want.ts';
import type { PopularRpc, TogetherRpc } from '../protocol/catalog-rpc.ts';
import { SharedReads } from './shared-reads.ts';

export interface ListReads {
  /** New stubs each time: one that has failed stays broken. */
  together(itemId: string): Pick<TogetherRpc, 'goingWith'>;
  popular(): Pick<PopularRpc, 'popular'>;
}

export class CurrentLists {
  readonly #reads = new SharedReads<Scored[]>({ freshMs: 10_000, usableMs: 60_000, max: 1_000 });

  /** One that can't be read is empty: the popular items take its place. */
  async get(names: readonly ListName[], now: number, reads: ListReads): Promise<Map<ListName, Scored[]>> {
    const lists = await Promise.all(
      names.map(async (name): Promise<[ListName, Scored[]]> => {
        try {
          return [name, await this.#reads.get(name, now, () => readOne(name, reads))];
        } catch {
          return [name, []];
        }
      }),
    );
    return new Map(lists);
  }
}

function readOne(name: ListName, reads: ListReads): Promise<Scored[]> {
  if (name === POPULAR) return reads.popular().popular();
  const { list, itemId } = splitListName(name);
  return reads.together(itemId).goingWith(itemId, list);
}
