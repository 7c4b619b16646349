/**
 * Items as the catalog has them now, for all profiles of an isolate: of a drop that a thousand are told of, the item is
 * read once in two seconds, not once a message. A price that has gone back up is noticed after four at most.
 */
import type { ItemSnapshot } from '../engine/vocabulary.ts';
import { SharedReads } from './shared-reads.ts';

export type ReadItem = (itemId: string) => Promise<{ item: ItemSnapshot } | null>;

export class CurrentItems {
  readonly #reads = new SharedReads<ItemSnapshot | null>({ freshMs: 2_000, usableMs: 4_000, max: 2_000 });

  /** Those that the catalog knows. Throws where it can't be reached. */
  async get(itemIds: string[], now: number, read: ReadItem): Promise<Map<string, ItemSnapshot>> {
    const items = new Map<string, ItemSnapshot>();
    await Promise.all(
      itemIds.map(async (itemId) => {
        const item = await this.#reads.get(itemId, now, async () => (await read(itemId))?.item ?? null);
        if (item !== null) items.set(itemId, item);
      }),
    );
    return items;
  }
}
