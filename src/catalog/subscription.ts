/** A shard's tie to its item's catalog: begun with the first watcher, ended with the last. */
import type { CatalogRpc, ItemStanding } from '../protocol/catalog-rpc.ts';

interface SubscriptionDeps {
  /** A new stub each time: one that has failed stays broken. */
  catalog(itemId: string): Pick<CatalogRpc, 'subscribe' | 'unsubscribe'>;
  shard: string;
}

export class Subscription {
  readonly #deps: SubscriptionDeps;
  /** The word to the catalog that nobody watches any more; who comes meanwhile subscribes after it. */
  #ending: Promise<void> | null = null;

  constructor(deps: SubscriptionDeps) {
    this.#deps = deps;
  }

  /** What the catalog knows of the item; null where it can't be reached. */
  async begin(itemId: string): Promise<ItemStanding | null> {
    const { catalog, shard } = this.#deps;
    try {
      await this.#ending;
      return await catalog(itemId).subscribe(itemId, shard);
    } catch {
      return null;
    }
  }

  /** Never throws: where the catalog can't be told, it goes on telling, and is told then. */
  end(itemId: string): Promise<void> {
    const { catalog, shard } = this.#deps;
    const ending = catalog(itemId)
      .unsubscribe(itemId, shard)
      .catch(() => {})
      .finally(() => {
        if (this.#ending === ending) this.#ending = null;
      });
    this.#ending = ending;
    return ending;
  }
}
