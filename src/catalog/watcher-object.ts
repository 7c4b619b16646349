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
import { type AlarmInfo, ObjectAlarm } from '../objects/object-alarm.ts';
import { sendUntilRefused } from '../objects/pack-messages.ts';
import { RESEND_AFTER_MS } from '../objects/resend.ts';
import type { WatcherPage } from '../protocol/queue-messages.ts';
import type { ForgetResult, ItemStanding, WatcherRpc, WatchResult } from '../protocol/rpc.ts';
import { catalogStub, firstWatcherShard } from '../protocol/stubs.ts';
import { nextPages, takeChange } from './fan-out.ts';
import {
  addPage,
  dropPages,
  forgetOnPages,
  hasPages,
  nextPageDueAt,
  removePage,
  takeDuePages,
} from './page-store.ts';
import { firstPrice } from './price-history.ts';
import { parseShardName } from './shard-name.ts';
import { readStanding, type Standing, writeStanding } from './standing-store.ts';
import { planRemoval, planWatch } from './watch-plan.ts';
import { addWatcher, forgetWatcher, hasWatcher, removeWatcher } from './watcher-store.ts';
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
      const stands = plan.places.some((place) => hasWatcher(this.sql, place, profile));
      if (!stands) addWatcher(this.sql, plan.places[0], profile);
    });
    const { item, version, changedAt } = standing;
    return { kind: 'watching', reference: plan.reference, item, version, changedAt };
  }

  async itemChanged(change: ItemChange, prices: ItemStanding['prices']): Promise<void> {
    await this.#wake();
    const known = this.#standing() ?? unseen();
    if (change.version <= known.version) return;
    const now = this.#now();
    this.#tables.prepare();
    const messages = this.sql.transaction(() => {
      const unfinished = known.fanOut !== null && (known.fanOut.cursor !== null || hasPages(this.sql));
      const { standing, overtaken } = takeChange(known, change, prices, unfinished);
      if (overtaken) dropPages(this.sql);
      return this.#advance(standing, now);
    });
    this.#armForDue(now);
    this.ctx.waitUntil(this.#send(messages));
  }

  async settlePage(version: number, page: number): Promise<void> {
    await this.#wake();
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

  override async alarm(info?: AlarmInfo): Promise<void> {
    const work = async () => {
      const now = this.#now();
      const messages = this.sql.transaction(() => this.#work(now));
      await this.#send(messages);
      this.#armForDue(now);
    };
    await this.#alarm.ring(info, RESEND_AFTER_MS, () => this.#now(), work);
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
      const { item, version, changedAt, prices } = await catalogStub(this.env, itemId).subscribe(
        itemId,
        shard,
      );
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
        }
      );
    } catch {
      return null;
    }
  }

  #work(now: number): WatcherPage[] {
    const standing = this.#standing();
    if (standing === null || standing.fanOut === null) return [];
    const { change } = standing.fanOut;
    const again = takeDuePages(this.sql, now, PAGES_PER_TURN).map((page) => this.#message(page, change));
    return standing.fanOut.cursor === null ? again : [...again, ...this.#advance(standing, now)];
  }

  /** Makes the next pages of the fan-out and keeps the standing; to be called in a transaction. */
  #advance(standing: Standing, now: number): WatcherPage[] {
    const walk = standing.fanOut && nextPages(this.sql, standing, standing.fanOut, PAGES_PER_TURN);
    for (const page of walk?.pages ?? []) addPage(this.sql, page, now);
    writeStanding(this.sql, walk === null ? standing : { ...standing, fanOut: walk.fanOut });
    return walk === null ? [] : walk.pages.map((page) => this.#message(page, walk.fanOut.change));
  }

  #message({ page, watchers }: Pick<WatcherPage, 'page' | 'watchers'>, change: ItemChange): WatcherPage {
    const shard = this.ctx.id.name ?? firstWatcherShard(change.item.id);
    return { v: 1, kind: 'page', shard, page, change, watchers };
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
    const fanOut = this.#standing()?.fanOut ?? null;
    if (fanOut === null) return null;
    return fanOut.cursor === null ? nextPageDueAt(this.sql) : now;
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
