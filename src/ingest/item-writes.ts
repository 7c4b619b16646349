import type { Env } from '../bindings.ts';
import type { CatalogRpc, PutItemResult } from '../protocol/catalog-rpc.ts';
import type { ItemWriteRequest } from '../protocol/item-schema.ts';

export interface ItemDeps {
  /** A new stub for the catalog shard that holds the item. */
  catalog(env: Env, itemId: string): Omit<CatalogRpc, 'importItems' | 'fill'>;
  /** The workspace's currency, for items that have a price and name none. */
  defaultCurrency(env: Env): Promise<string>;
}

export const RETRY_AFTER_SECONDS = 5;

/** Never throws: a shard that can't be reached is `unavailable`. */
export async function writeItem(
  deps: ItemDeps,
  env: Env,
  id: string,
  { patch, updatedAt, imported }: ItemWriteRequest,
  currency: string | undefined,
): Promise<PutItemResult> {
  try {
    return await deps.catalog(env, id).put(id, patch, updatedAt, currency, imported);
  } catch {
    return { kind: 'unavailable', retryAfterSeconds: RETRY_AFTER_SECONDS };
  }
}

/** Asked for only where a write can leave a price without its currency: items must not depend on more than they need. */
export async function currencyFor(
  deps: Pick<ItemDeps, 'defaultCurrency'>,
  env: Env,
  writes: Pick<ItemWriteRequest, 'patch'>[],
): Promise<string | undefined> {
  const isNeeded = writes.some(({ patch }) => typeof patch.price === 'number' || patch.currency === null);
  return isNeeded ? deps.defaultCurrency(env) : undefined;
}
