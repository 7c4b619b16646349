/**
 * Fills what the catalog's items lack from what events say of products, where the `workspace` policy says
 * `"itemsFromEvents": "fill_missing"`. Anybody may hold a write key, so that an event is hearsay:
 *
 * - it fills fields that are missing, and changes none; it makes no item, or a page could fill the catalog for ever;
 * - never a price, a currency or a stock: a forged one would start messages to everybody who likes the item;
 * - from a client a title, a category and a brand, one line of text without a link; links and pictures, on which people
 *   click, only from an event that came with the server key.
 *
 * It happens behind the answer, once an hour at most for each item and isolate, and watchers hear nothing of it.
 */
import type { Env } from '../bindings.ts';
import type { Config } from '../engine/config.ts';
import { productsOf } from '../engine/items/products.ts';
import type { Event, ItemSnapshot } from '../engine/vocabulary.ts';
import type { RequestContext } from '../http/route.ts';
import type { CatalogRpc, ItemPatch } from '../protocol/catalog-rpc.ts';
import { checkItemWrite, itemIdSchema } from '../protocol/item-schema.ts';

const ASK_AGAIN_MS = 60 * 60 * 1000;
const MAX_KEPT = 5_000;
const MAX_ITEMS_PER_REQUEST = 20;
const MAX_TEXT_CHARS = 200;
const TEXTS = ['title', 'category', 'brand'] as const;
const LINKS = ['url', 'imageUrl'] as const;
const LINK_IN_TEXT = /:\/\/|www\.|\p{Cc}/iu;

export interface FillDeps {
  /** The configuration where it is at hand; else nothing is filled. */
  configInForce(): Pick<Config, 'policies'> | undefined;
  catalog(env: Env, itemId: string): Pick<CatalogRpc, 'fill'>;
}

export class ItemFiller {
  readonly #deps: FillDeps;
  /** Items that were asked about, and when: oldest first. */
  readonly #asked = new Map<string, number>();

  constructor(deps: FillDeps) {
    this.#deps = deps;
  }

  /** Events that have been committed. */
  see(context: Pick<RequestContext, 'env' | 'now' | 'waitUntil'>, calls: readonly { event: Event }[]): void {
    const workspace = this.#deps.configInForce()?.policies.workspace;
    if (workspace?.itemsFromEvents !== 'fill_missing') return;
    const { env, now } = context;
    const found = new Map<string, ItemPatch>();
    for (const { event } of calls) {
      if (event.imported) continue;
      for (const { id, snapshot } of productsOf(event, workspace.currency)) {
        const fields = found.size < MAX_ITEMS_PER_REQUEST ? fieldsFrom(snapshot, event, now) : null;
        if (fields && this.#isDue(id, now)) found.set(id, { ...fields, ...found.get(id) });
      }
    }
    for (const [id, fields] of found) {
      this.#remember(id, now);
      context.waitUntil(this.#fill(env, id, fields));
    }
  }

  async #fill(env: Env, id: string, fields: ItemPatch): Promise<void> {
    try {
      await this.#deps.catalog(env, id).fill(id, fields);
    } catch {
      this.#asked.delete(id);
    }
  }

  #isDue(id: string, now: number): boolean {
    return now - (this.#asked.get(id) ?? Number.NEGATIVE_INFINITY) >= ASK_AGAIN_MS;
  }

  #remember(id: string, now: number): void {
    this.#asked.delete(id);
    this.#asked.set(id, now);
    for (const oldest of this.#asked.keys()) {
      if (this.#asked.size <= MAX_KEPT) break;
      this.#asked.delete(oldest);
    }
  }
}

/** Null where there is nothing to fill with. */
function fieldsFrom(snapshot: ItemSnapshot, { origin }: Event, now: number): ItemPatch | null {
  if (!itemIdSchema.safeParse(snapshot.id).success) return null;
  const fields: ItemPatch = {};
  for (const name of TEXTS) {
    const text = snapshot[name]?.trim() ?? '';
    if (text !== '' && text.length <= MAX_TEXT_CHARS && !LINK_IN_TEXT.test(text)) fields[name] = text;
  }
  for (const name of origin === 'server' ? LINKS : []) {
    const link = snapshot[name];
    // What the backend may not write, an event may not either.
    if (link && checkItemWrite({ [name]: link }, now).kind === 'valid') fields[name] = link;
  }
  return Object.keys(fields).length === 0 ? null : fields;
}
