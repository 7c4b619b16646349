/**
 * A shard's tie to its item's catalog: begun with the first watcher, ended with the last. Each has a ticket of its own. The word
 * that ends one may arrive when the shard has long been made anew and subscribed again (the object that gave it has died
 * meanwhile, say); it then ends nothing.
 */
import type { CountedSql } from '../objects/counted-sql.ts';
import type { CatalogRpc, ItemStanding } from '../protocol/catalog-rpc.ts';
import type { ItemRecord } from './item-record.ts';
import { firstPrice } from './price-history.ts';
import { readStanding, type Standing, ticketOf, unseen, writeStanding } from './standing-store.ts';

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
  end(itemId: string, ticket: number | undefined): Promise<void> {
    const { catalog, shard } = this.#deps;
    const ending = catalog(itemId)
      .unsubscribe(itemId, shard, ticket)
      .catch(() => {})
      .finally(() => {
        if (this.#ending === ending) this.#ending = null;
      });
    this.#ending = ending;
    return ending;
  }
}

/**
 * Where a shard stands that has subscribed. While the answer was on its way, a change may have come, or another watcher's answer:
 * what that lacks is still to be told to the others. Where there are no others, it may be older than the subscription.
 */
export function standingAs(told: ItemStanding, known: Standing | null, isWatched: boolean): Standing {
  const isNewest = known !== null && (known.version >= told.version || known.split || isWatched);
  if (!isNewest) return { ...unseen(), ...told, adopted: firstPrice(told.prices) };
  return { ...known, ...ticketOf(told) };
}

/** Of a shard that has subscribed: what has come since it was answered stays, and so does a later subscription. */
export function keepSubscribed(sql: CountedSql, standing: Standing): void {
  const known = readStanding(sql);
  if (known === null || known.version < standing.version) writeStanding(sql, standing);
  else if (standing.ticket !== undefined && (known.ticket ?? 0) < standing.ticket)
    writeStanding(sql, { ...known, ticket: standing.ticket });
}

/** The next subscription's. */
export function ticketAfter({ lastTicket = 0 }: ItemRecord): number {
  return lastTicket + 1;
}

export function subscribed(record: ItemRecord, shard: string): ItemRecord {
  const { shards, tickets } = record;
  const ticket = ticketAfter(record);
  return {
    ...record,
    shards: shards.includes(shard) ? shards : [...shards, shard],
    tickets: { ...tickets, [shard]: ticket },
    lastTicket: ticket,
  };
}

/** Not where another one has followed the one that is to end. */
export function endsSubscription({ shards, tickets }: ItemRecord, shard: string, ticket?: number): boolean {
  const standing = tickets?.[shard];
  return shards.includes(shard) && (ticket === undefined || standing === undefined || standing === ticket);
}

export function unsubscribed({ shards, tickets, ...record }: ItemRecord, shard: string): ItemRecord {
  const left = Object.entries(tickets ?? {}).filter(([one]) => one !== shard);
  return {
    ...record,
    shards: shards.filter((one) => one !== shard),
    ...(left.length > 0 && { tickets: Object.fromEntries(left) }),
  };
}
