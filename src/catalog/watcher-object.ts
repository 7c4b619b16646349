/**
 * One shard of one item's watchers. It comes to life with the first watch, subscribes to the catalog, and keeps the
 * item's standing. A drop is committed together with its first pages; the pages leave through the queue, more are made
 * by the alarm, a bounded number a turn, and each stays until the consumer has settled it. So a crash anywhere repeats
 * at most what profiles recognise by the notice's id.
 */
import { DurableObject } from 'cloudflare:workers';
import type { Env } from '../bindings.ts';
import type { ItemChange, WatchOrder } from '../engine/vocabulary.ts';
import { CountedSql } from '../objects/counted-sql.ts';
import { ObjectAlarm } from '../objects/object-alarm.ts';
import { sendUntilRefused } from '../objects/pack-messages.ts';
import { RESEND_AFTER_MS } from '../objects/resend.ts';
import type { WatcherPage } from '../protocol/queue-messages.ts';
import type { ForgetResult, ItemStanding, WatcherRpc, WatchResult } from '../protocol/rpc.ts';
import { catalogStub, firstWatcherShard } from '../protocol/stubs.ts';
import { loadConfig } from '../store/config-cache.ts';
import { nextPages, takeChange } from './fan-out.ts';
import { type Interest, interestOf } from './interest.ts';
import { nextNewsPages, takeNews } from './news-walk.ts';
import {
  addPage,
  dropPages,
  FIRST_NEWS_PAGE,
  forgetOnPages,
  hasPages,
  nextPageDueAt,
  type Page,
  removePage,
  takeDuePages,
  type Walk,
} from './page-store.ts';
import { firstPrice } from './price-history.ts';
import { parseShardName } from './shard-name.ts';
import { readStanding, type Standing, writeStanding } from './standing-store.ts';
import { planRemoval, planWatch, type WatchPlace } from './watch-plan.ts';
import { forgetWatcher, interestAt, putWatcher, removeWatcher } from './watcher-store.ts';
import { WatcherTables } from './watcher-tables.ts';

/** Of each kind, new and due again: 4,000 watchers. */
const PAGES_PER_TURN = 20;
const SUBSCRIBE_AGAIN_SECONDS = 5;

export class WatcherObject extends DurableObject<Env> implements WatcherRpc {
  readonly sql = new CountedSql(this.ctx.storage);
  readonly #tables = new WatcherTables(this.sql);
  readonly #alarm = new ObjectAlarm(this.ctx.storage);
  #lastNow = 0;

  async watch(profile: string, order: WatchOrder): Promise<WatchResult> {
    await this.#wake();
    // An id too long for an object's name is too long for the catalog: there is no such item to watch.
    const shard = this.#shard(order.itemId);
    if (shard === null) return { kind: 'removed' };
    if (order.relations.length === 0) return this.#unwatch(profile, order);
    const standing = this.#standing() ?? (await this.#subscribe(order.itemId, shard));
    if (standing === null) return { kind: 'unavailable', retryAfterSeconds: SUBSCRIBE_AGAIN_SECONDS };
    const plan = planWatch(order, standing);
    this.#tables.prepare();
    this.sql.transaction(() => {
      if (this.#standing() === null) writeStanding(this.sql, standing);
      for (const place of plan.stale) removeWatcher(this.sql, place, profile);
      this.#put(profile, plan.places, interestOf(order));
    });
    const { item, version, changedAt, restockedAt } = standing;
    const restocked = restockedAt !== undefined && { restockedAt };
    return { kind: 'watching', reference: plan.reference, item, version, changedAt, ...restocked };
  }

  async itemChanged(change: ItemChange, prices: ItemStanding['prices']): Promise<void> {
    await this.#wake();
    const { itemListeners } = await loadConfig(this.env);
    const known = this.#standing() ?? unseen();
    if (change.version <= known.version) return;
    const now = this.#now();
    this.#tables.prepare();
    const messages = this.sql.transaction(() => {
      const drop = takeChange(known, change, prices, this.#isUnfinished('drop', known.fanOut));
      if (drop.overtaken) dropPages(this.sql, 'drop');
      const unfinished = this.#isUnfinished('news', known.news ?? null);
      const news = takeNews(known, drop.standing, change, unfinished, itemListeners);
      if (news.overtaken) dropPages(this.sql, 'news');
      return this.#advance(news.standing, now);
    });
    this.#armForDue(now);
    this.ctx.waitUntil(this.#send(messages));
  }

  async settlePage(version: number, page: number): Promise<void> {
    if (this.#tables.exist()) removePage(this.sql, version, page);
  }

  async forget(profile: string): Promise<ForgetResult> {
    if (this.#tables.exist()) {
      this.sql.transaction(() => {
        forgetWatcher(this.sql, profile);
        forgetOnPages(this.sql, profile);
      });
    }
    return { kind: 'forgotten' };
  }

  override async alarm(): Promise<void> {
    this.#alarm.fired();
    const now = this.#now();
    try {
      const messages = this.sql.transaction(() => this.#work(now));
      await this.#send(messages);
      this.#armForDue(now);
    } catch {
      // A throw would use up the alarm's retries. Everything to be done is in the tables: come back for it.
      this.#alarm.ensureBy(now + RESEND_AFTER_MS, now);
    }
  }

  /** One row: where it stands already, only what has changed of it. */
  #put(profile: string, places: [WatchPlace, ...WatchPlace[]], interest: Interest): void {
    for (const place of places) {
      const known = interestAt(this.sql, place, profile);
      if (known === null) continue;
      const isSame = known.relations === interest.relations && known.since === interest.since;
      if (!isSame) putWatcher(this.sql, place, profile, interest);
      return;
    }
    putWatcher(this.sql, places[0], profile, interest);
  }

  #isUnfinished(walk: Walk, at: { cursor: object | null } | null): boolean {
    return at !== null && (at.cursor !== null || hasPages(this.sql, walk));
  }

  #unwatch(profile: string, order: WatchOrder): WatchResult {
    const standing = this.#standing();
    if (standing !== null) {
      this.sql.transaction(() => {
        for (const place of planRemoval(order, standing)) removeWatcher(this.sql, place, profile);
      });
    }
    return { kind: 'removed' };
  }

  /** Not written yet: it is committed with the first watcher. Null where the catalog can't be reached. */
  async #subscribe(itemId: string, shard: string): Promise<Standing | null> {
    try {
      const told = await catalogStub(this.env, itemId).subscribe(itemId, shard);
      const { item, version, changedAt, prices, restockedAt } = told;
      // While the answer was on its way, a change may have come, or another watcher's answer.
      return (
        this.#standing() ?? {
          v: 1,
          item,
          version,
          changedAt,
          prices,
          adopted: firstPrice(prices),
          fanOut: null,
          ...(restockedAt !== undefined && { restockedAt }),
        }
      );
    } catch {
      return null;
    }
  }

  #work(now: number): WatcherPage[] {
    const standing = this.#standing();
    if (standing === null) return [];
    const again = this.#messages(takeDuePages(this.sql, now, PAGES_PER_TURN), standing);
    const goesOn = (standing.fanOut?.cursor ?? standing.news?.cursor ?? null) !== null;
    return goesOn ? [...again, ...this.#advance(standing, now)] : again;
  }

  /** Makes the next pages of both walks and keeps the standing; to be called in a transaction. */
  #advance(standing: Standing, now: number): WatcherPage[] {
    const drop = standing.fanOut && nextPages(this.sql, standing, standing.fanOut, PAGES_PER_TURN);
    const news = standing.news ? nextNewsPages(this.sql, standing, standing.news, PAGES_PER_TURN) : null;
    const pages = [...(drop?.pages ?? []), ...(news?.pages ?? [])];
    for (const page of pages) addPage(this.sql, page, now);
    writeStanding(this.sql, {
      ...standing,
      fanOut: drop?.fanOut ?? standing.fanOut,
      ...(news && { news: news.walk }),
    });
    return this.#messages(pages, standing);
  }

  #messages(pages: Page[], { fanOut, news }: Standing): WatcherPage[] {
    return pages.flatMap(({ page, watchers }) => {
      const change = (page >= FIRST_NEWS_PAGE ? news : fanOut)?.change;
      if (!change) return [];
      const shard = this.ctx.id.name ?? firstWatcherShard(change.item.id);
      return [{ v: 1, kind: 'page', shard, page, change, watchers }];
    });
  }

  /** What gets lost is due again: the alarm is armed for it in the turn that made the page. */
  #send(messages: WatcherPage[]): Promise<void> {
    return sendUntilRefused(this.env.FANOUT, messages);
  }

  #armForDue(now: number): void {
    const dueAt = this.#dueAt(now);
    if (dueAt !== null) this.#alarm.ensureBy(dueAt, now);
  }

  #dueAt(now: number): number | null {
    const standing = this.#standing();
    if (standing === null || (standing.fanOut === null && !standing.news)) return null;
    const goesOn = (standing.fanOut?.cursor ?? standing.news?.cursor ?? null) !== null;
    return goesOn ? now : nextPageDueAt(this.sql);
  }

  #standing(): Standing | null {
    return this.#tables.exist() ? readStanding(this.sql) : null;
  }

  #shard(itemId: string): string | null {
    const name = this.ctx.id.name;
    return name !== undefined && parseShardName(name)?.itemId === itemId ? name : null;
  }

  async #wake(): Promise<void> {
    if (await this.#alarm.load()) this.#armForDue(this.#now());
  }

  #now(): number {
    this.#lastNow = Math.max(this.#lastNow, Date.now());
    return this.#lastNow;
  }
}

function unseen(): Standing {
  return { v: 1, item: null, version: 0, changedAt: 0, prices: [], adopted: null, fanOut: null };
}
