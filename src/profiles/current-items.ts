/**
 * Items as the catalog has them now, for all profiles of an isolate: of a drop that a thousand are told of, the item is
 * read once in two seconds, not once a message. While one reads anew, others go on with what is there. Only where nothing
 * is, several may read at once: a promise that belongs to one object must never be awaited by another.
 */
import type { ItemSnapshot } from '../engine/vocabulary.ts';

const FRESH_MS = 2_000;
/** How old an answer may be at most: a price that has gone back up is noticed after so long. */
const USABLE_WHILE_READING_MS = 4_000;
const MAX_ITEMS = 2_000;

interface Known {
  item: ItemSnapshot | null;
  readAt: number;
  /** Somebody reads it anew since then. */
  readingSince?: number;
}

export type ReadItem = (itemId: string) => Promise<{ item: ItemSnapshot } | null>;

export class CurrentItems {
  /** In the order of reading. */
  readonly #known = new Map<string, Known>();

  /** Those that the catalog knows. Throws where it can't be reached. */
  async get(itemIds: string[], now: number, read: ReadItem): Promise<Map<string, ItemSnapshot>> {
    const items = new Map<string, ItemSnapshot>();
    await Promise.all(
      itemIds.map(async (itemId) => {
        const item = await this.#one(itemId, now, read);
        if (item !== null) items.set(itemId, item);
      }),
    );
    return items;
  }

  async #one(itemId: string, now: number, read: ReadItem): Promise<ItemSnapshot | null> {
    const known = this.#known.get(itemId);
    const ageMs = known ? now - known.readAt : Number.POSITIVE_INFINITY;
    if (known && ageMs >= 0 && ageMs < FRESH_MS) return known.item;
    const isBeingRead = known?.readingSince !== undefined && now - known.readingSince < FRESH_MS;
    if (known && isBeingRead && ageMs >= 0 && ageMs < USABLE_WHILE_READING_MS) return known.item;
    if (known) this.#known.set(itemId, { ...known, readingSince: now });
    const item = (await read(itemId))?.item ?? null;
    this.#known.delete(itemId);
    this.#known.set(itemId, { item, readAt: now });
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= MAX_ITEMS) break;
      this.#known.delete(oldest);
    }
    return item;
  }
}
