/**
 * What a shard has to tell its watchers, as rows: the two walks (a price drop's, other news') and the pages that they have
 * made. Every method is synchronous and is called in a transaction; what it answers is to be sent when that is committed.
 */
import type { ItemOn } from '../engine/trigger.ts';
import type { ItemChange } from '../engine/vocabulary.ts';
import type { CountedSql } from '../objects/counted-sql.ts';
import { MOST_PAGES_OUT } from '../objects/resend.ts';
import type { ItemStanding } from '../protocol/catalog-rpc.ts';
import type { WatcherPage } from '../protocol/queue-messages.ts';
import { nextPages, takeChange } from './fan-out.ts';
import { nextNewsPages, takeNews } from './news-walk.ts';
import {
  addPage,
  dropPages,
  FIRST_NEWS_PAGE,
  hasPages,
  nextPageDueAt,
  type Page,
  pagesOut,
  takeDuePages,
  type Walk,
} from './page-store.ts';
import { type Standing, unseen, writeStanding } from './standing-store.ts';

/** Of each kind, new and due again: 4,000 watchers. */
const PAGES_PER_TURN = 20;

export class Telling {
  readonly #sql: CountedSql;
  readonly #shard: string;

  constructor(sql: CountedSql, shard: string) {
    this.#sql = sql;
    this.#shard = shard;
  }

  /** Keeps the change and makes the first pages of what is to be told of it. */
  take(
    standing: Standing | null,
    change: ItemChange,
    prices: ItemStanding['prices'],
    listeners: readonly ItemOn[],
    now: number,
  ): WatcherPage[] {
    const known = standing ?? unseen();
    const drop = takeChange(known, change, prices, this.#isUnfinished('drop', known.fanOut));
    if (drop.overtaken) dropPages(this.#sql, 'drop');
    const unfinished = this.#isUnfinished('news', known.news ?? null);
    const news = takeNews(known, drop.standing, change, unfinished, listeners);
    if (news.overtaken) dropPages(this.#sql, 'news');
    return this.#advance(news.standing, now);
  }

  /** Pages that are due again, and more of a walk that isn't through. */
  work(standing: Standing, now: number): WatcherPage[] {
    const again = this.#messages(takeDuePages(this.#sql, now, PAGES_PER_TURN), standing);
    return this.goesOn(standing) ? [...again, ...this.#advance(standing, now)] : again;
  }

  dueAt(standing: Standing, now: number): number | null {
    if (standing.fanOut === null && !standing.news) return null;
    return this.goesOn(standing) ? now : nextPageDueAt(this.#sql);
  }

  /** Somebody is on no page yet, and there aren't so many out that they have to wait. */
  goesOn({ fanOut, news }: Standing): boolean {
    const isThrough = (fanOut?.cursor ?? news?.cursor ?? null) === null;
    return !isThrough && pagesOut(this.#sql) <= MOST_PAGES_OUT;
  }

  /** Somebody has still to hear of a change. */
  isUnfinished({ fanOut, news }: Standing): boolean {
    return this.#isUnfinished('drop', fanOut) || this.#isUnfinished('news', news ?? null);
  }

  #isUnfinished(walk: Walk, at: { cursor: object | null } | null): boolean {
    return at !== null && (at.cursor !== null || hasPages(this.#sql, walk));
  }

  /** Makes the next pages of both walks and keeps the standing. */
  #advance(standing: Standing, now: number): WatcherPage[] {
    const drop = standing.fanOut && nextPages(this.#sql, standing, standing.fanOut, PAGES_PER_TURN);
    const news = standing.news ? nextNewsPages(this.#sql, standing, standing.news, PAGES_PER_TURN) : null;
    const pages = [...(drop?.pages ?? []), ...(news?.pages ?? [])];
    for (const page of pages) addPage(this.#sql, page, now);
    writeStanding(this.#sql, {
      ...standing,
      fanOut: drop?.fanOut ?? standing.fanOut,
      ...(news && { news: news.walk }),
    });
    return this.#messages(pages, standing);
  }

  #messages(pages: Page[], { fanOut, news }: Standing): WatcherPage[] {
    return pages.flatMap(({ page, watchers }) => {
      const change = (page >= FIRST_NEWS_PAGE ? news : fanOut)?.change;
      return change ? [{ v: 1, kind: 'page', shard: this.#shard, page, change, watchers }] : [];
    });
  }
}
