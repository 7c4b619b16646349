/**
 * Telling an item's watchers of a price drop: a cursor walks the rows whose reference the new price has crossed, 200 to
 * a page. It begins when the price drops. When the price changes again before everybody has heard, the two changes count
 * as one: if from where the first began the price is still lower, the walk begins anew with the new price (who was told
 * of a lower one ignores it), else it stops. Changes that leave the price alone don't disturb it.
 */
import { isDrop, priceOf, samePrice, toUnits } from '../engine/items/price.ts';
import type { ItemChange } from '../engine/vocabulary.ts';
import type { CountedSql } from '../objects/counted-sql.ts';
import { coalesce, previousOf } from './coalesce.ts';
import type { Page } from './page-store.ts';
import { firstPrice, type PriceSince } from './price-history.ts';
import { type FanOut, type Standing, ticketOf } from './standing-store.ts';
import { priceAt, UNKNOWN } from './watch-plan.ts';
import { type FanOutCursor, watchersAfter } from './watcher-store.ts';

const WATCHERS_PER_PAGE = 200;

export interface ChangeTaken {
  standing: Standing;
  /** The pages that are still out belong to a price that no longer stands. */
  overtaken: boolean;
}

/** What a shard knows after a change. `unfinished`: not everybody has heard of the fan-out in `standing`. */
export function takeChange(
  standing: Standing,
  change: ItemChange,
  prices: PriceSince[],
  unfinished: boolean,
): ChangeTaken {
  const known: Standing = {
    v: 1,
    item: change.item,
    version: change.version,
    changedAt: change.changedAt,
    prices,
    adopted: standing.adopted ?? firstPrice(prices),
    fanOut: standing.fanOut,
    ...restockedBy(standing, change),
    ...(standing.split && { split: standing.split }),
    ...ticketOf(standing),
  };
  const running = unfinished ? standing.fanOut : null;
  const price = priceOf(change.item);
  if (running !== null && samePrice(priceOf(running.change.item), price)) {
    return { standing: known, overtaken: false };
  }
  // Without a gap, what this shard saw last is exact; the catalog's `previous` may span what was told already.
  const seen = change.version === standing.version + 1 ? previousOf(standing.item) : (change.previous ?? {});
  const previous = running === null ? seen : coalesce(running.change.previous ?? {}, seen);
  const fanOut = isDrop(priceOf(previous), price) ? begin({ ...change, previous }) : null;
  return { standing: { ...known, fanOut }, overtaken: running !== null };
}

function restockedBy({ item, restockedAt }: Standing, change: ItemChange): Pick<Standing, 'restockedAt'> {
  if (item?.stock === 0 && (change.item.stock ?? 0) > 0) return { restockedAt: change.changedAt };
  return restockedAt === undefined ? {} : { restockedAt };
}

/** At most `limit` further pages, and where the walk then stands. */
export function nextPages(
  sql: CountedSql,
  standing: Standing,
  fanOut: FanOut,
  limit: number,
): { pages: Page[]; fanOut: FanOut } {
  const pages: Page[] = [];
  let { cursor } = fanOut;
  while (cursor !== null && pages.length < limit) {
    const rows = watchersAfter(sql, cursor, WATCHERS_PER_PAGE);
    if (rows.length > 0) pages.push(toPage(rows, standing, fanOut, fanOut.nextPage + pages.length));
    const last = rows.at(-1);
    cursor =
      last !== undefined && rows.length === WATCHERS_PER_PAGE ? last : nextPart(cursor, standing, fanOut);
  }
  return { pages, fanOut: { ...fanOut, cursor, nextPage: fanOut.nextPage + pages.length } };
}

function begin(change: ItemChange): FanOut {
  const price = priceOf(change.item);
  // The smallest key above the price itself: whoever began at this very price sees no drop.
  const cursor =
    price === null ? null : { currency: price.currency, reference: toUnits(price.amount) + 1, profile: '' };
  return { change, nextPage: 0, cursor };
}

/** After the watchers with a price come those who began before the item had any. */
function nextPart(cursor: FanOutCursor, standing: Standing, fanOut: FanOut): FanOutCursor | null {
  const isLastPart = cursor.currency === UNKNOWN.currency;
  if (isLastPart || !isDrop(standing.adopted, priceOf(fanOut.change.item))) return null;
  return { ...UNKNOWN, profile: '' };
}

function toPage(rows: FanOutCursor[], standing: Standing, fanOut: FanOut, page: number): Page {
  const watchers = rows.map((row) => ({ profile: row.profile, reference: priceAt(row, standing.adopted) }));
  return { version: fanOut.change.version, page, watchers };
}
