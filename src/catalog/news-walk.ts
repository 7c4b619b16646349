/**
 * Telling an item's watchers of what isn't its price: that it is back, that few are left, that it has changed. Only what
 * some live trigger listens to is told, and only to watchers with a relation that it counts.
 *
 * The walk goes through the shard by a cursor of its own, beside that of a price drop. When the stock or something else
 * that is listened to changes before everybody has heard, the two changes count as one: where they still are news together,
 * the walk begins anew with both (who was told of the first remembers it); where they aren't (sold out again), it stops.
 */
import { concerned } from '../engine/items/item-news.ts';
import type { ItemOn } from '../engine/trigger.ts';
import type { ItemChange } from '../engine/vocabulary.ts';
import type { CountedSql } from '../objects/counted-sql.ts';
import { coalesce, type Previous, previousOf } from './coalesce.ts';
import { bitsOf } from './interest.ts';
import { FIRST_NEWS_PAGE, type Page } from './page-store.ts';
import type { NewsWalk, Standing } from './standing-store.ts';
import { priceAt } from './watch-plan.ts';
import { type NewsCursor, relatedAfter } from './watcher-store.ts';

const WATCHERS_PER_PAGE = 200;
const START: NewsCursor = { rank: -1, since: 0, profile: '' };

export interface NewsTaken {
  standing: Standing;
  /** The pages that are still out tell what no longer stands. */
  overtaken: boolean;
}

/** `before` is what the shard knew, `after` what `takeChange` made of it. `unfinished`: not everybody has heard of `before.news`. */
export function takeNews(
  before: Standing,
  after: Standing,
  change: ItemChange,
  unfinished: boolean,
  listeners: readonly ItemOn[],
): NewsTaken {
  const seen = seenOf(before, change);
  const running = unfinished ? (before.news ?? null) : null;
  const isDisturbed =
    seen.stock !== change.item.stock || concerned(listeners, { ...change, previous: seen }).size > 0;
  if (running !== null && !isDisturbed) {
    return { standing: { ...after, news: running }, overtaken: false };
  }
  const both = running === null ? seen : coalesce(running.change.previous ?? {}, seen);
  // A price drop of the same version is the same event: it tells from which price it came.
  const drop = after.fanOut?.change.version === change.version ? after.fanOut : null;
  const { price, currency } = drop?.change.previous ?? seen;
  const previous: Previous = {
    ...both,
    ...(price === undefined ? {} : { price }),
    ...(currency === undefined ? {} : { currency }),
  };
  const told = { ...change, previous };
  const relations = bitsOf(concerned(listeners, told));
  if (relations === 0) return { standing: { ...after, news: null }, overtaken: running !== null };
  const news: NewsWalk = { change: told, relations, nextPage: FIRST_NEWS_PAGE, cursor: START };
  return {
    standing: { ...after, news, fanOut: drop ? { ...drop, change: told } : after.fanOut },
    overtaken: running !== null,
  };
}

/** At most `limit` further pages, and where the walk then stands. */
export function nextNewsPages(
  sql: CountedSql,
  { adopted }: Standing,
  walk: NewsWalk,
  limit: number,
): { pages: Page[]; walk: NewsWalk } {
  if (walk.cursor === null) return { pages: [], walk };
  const rows = relatedAfter(sql, walk.cursor, walk.relations, limit * WATCHERS_PER_PAGE);
  const pages: Page[] = [];
  for (let at = 0; at < rows.length; at += WATCHERS_PER_PAGE) {
    const some = rows.slice(at, at + WATCHERS_PER_PAGE);
    const watchers = some.map((row) => ({ profile: row.profile, reference: priceAt(row, adopted) }));
    pages.push({ version: walk.change.version, page: walk.nextPage + pages.length, watchers });
  }
  const last = rows.at(-1);
  const isOver = last === undefined || rows.length < limit * WATCHERS_PER_PAGE;
  const cursor = isOver ? null : { rank: last.rank, since: last.since, profile: last.profile };
  return { pages, walk: { ...walk, cursor, nextPage: walk.nextPage + pages.length } };
}

/** What the shard saw last is what was told. Only one that has seen nothing yet goes by the catalog's word. */
function seenOf(before: Standing, { previous = {} }: ItemChange): Previous {
  if (before.version === 0) return previous;
  const differs = Object.entries(previous.differs ?? {}).filter(([, at]) => at > before.changedAt);
  return {
    ...previousOf(before.item),
    at: before.changedAt,
    ...(differs.length > 0 && { differs: Object.fromEntries(differs) }),
  };
}
