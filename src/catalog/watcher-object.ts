/**
 * One shard of one item's watchers. It comes to life with the first watch, subscribes to the catalog, keeps the item's
 * standing, and leaves the catalog with its last watcher. A change is committed together with the first pages of who is to
 * hear of it; the pages leave through the queue, more are made by the alarm, a bounded number a turn, and each stays until
 * the consumer has settled it. So a crash anywhere repeats at most what profiles recognise by the notice's id. A shard that
 * has grown too large becomes eight (`split.ts`). Under a topic's name it holds followers instead (`topic-shard.ts`).
 */
import { DurableObject } from 'cloudflare:workers';
import type { Env } from '../bindings.ts';
import type { FollowOrder, ItemChange, WatchOrder } from '../engine/vocabulary.ts';
import { CountedSql } from '../objects/counted-sql.ts';
import { type AlarmInfo, ObjectAlarm } from '../objects/object-alarm.ts';
import { sendUntilRefused } from '../objects/pack-messages.ts';
import { RESEND_AFTER_MS } from '../objects/resend.ts';
import type {
  FollowResult,
  ForgetResult,
  ItemStanding,
  WatcherHandover,
  WatcherRow,
  WatcherRpc,
  WatchResult,
} from '../protocol/catalog-rpc.ts';
import type { FanoutMessage } from '../protocol/queue-messages.ts';
import type { SyncResult } from '../protocol/rpc.ts';
import { catalogStub, watcherStub } from '../protocol/stubs.ts';
import { loadConfig } from '../store/config-cache.ts';
import { fencesDueAt, isOvertaken, moveFence, takeDownFences } from './fence.ts';
import { interestOf } from './interest.ts';
import { dropPages, forgetOnPages, hasPage, removePage } from './page-store.ts';
import { highestSince } from './price-history.ts';
import { parseShardName, type ShardName } from './shard-name.ts';
import { missedSince } from './split.ts';
import { adoptStretch, directions, goOnSplitting, splitIfFull, WATCHERS_PER_SHARD } from './splitting.ts';
import { readStanding, removeStanding, type Standing, ticketOf, writeStanding } from './standing-store.ts';
import { keepSubscribed, Subscription, standingAs } from './subscription.ts';
import { Telling } from './telling.ts';
import { TopicShard } from './topic-shard.ts';
import { planRemoval, planWatch } from './watch-plan.ts';
import { forgetWatcher, hasWatchers, keepWatcher, removeWatcher } from './watcher-store.ts';
import { WatcherTables } from './watcher-tables.ts';

const COME_AGAIN_SECONDS = 5;
/** A split that waits for pages to be settled looks again. */
const SPLIT_AGAIN_MS = 1_000;

export class WatcherObject extends DurableObject<Env> implements WatcherRpc {
  readonly sql = new CountedSql(this.ctx.storage);
  readonly #tables = new WatcherTables(this.sql);
  readonly #alarm = new ObjectAlarm(this.ctx.storage);
  readonly #telling = new Telling(this.sql, this.ctx.id.name ?? '');
  readonly #subscription = new Subscription({
    catalog: (itemId) => catalogStub(this.env, itemId),
    shard: this.ctx.id.name ?? '',
  });
  readonly #topic = new TopicShard({
    sql: this.sql,
    tables: this.#tables,
    shard: this.ctx.id.name ?? '',
    child: (shard) => watcherStub(this.env, shard),
    limit: () => this.#limit(),
    arm: () => this.#armForDue(this.#now()),
  });
  #lastNow = 0;
  /** Orders that are being carried out: their shard doesn't leave meanwhile. */
  #registering = 0;

  async watch(profile: string, order: WatchOrder): Promise<WatchResult> {
    await this.#wake();
    // An id too long for an object's name is too long for the catalog: there is no such item to watch.
    const name = this.#name();
    if (name?.kind !== 'item' || name.of !== order.itemId) return { kind: 'removed' };
    const elsewhere = directions(this.#standing(), name, profile);
    if (elsewhere) return elsewhere;
    if (this.#isOvertaken(profile, order)) return { kind: 'overtaken' };
    if (order.relations.length === 0) return this.#unwatch(profile, order);
    this.#registering++;
    try {
      return await this.#register(profile, order, name);
    } finally {
      this.#registering--;
    }
  }

  async itemChanged(change: ItemChange, prices: ItemStanding['prices'], ticket?: number): Promise<void> {
    await this.#wake();
    const { itemListeners } = await loadConfig(this.env);
    const known = this.#standing();
    const phase = known?.split?.phase;
    // What comes from here on is the children's.
    if (phase === 'handing' || phase === 'split') return;
    // Not its turn yet: what the catalog isn't settled, it tells again.
    if (phase === 'waiting') throw new Error('this shard has not begun yet');
    if (known !== null && change.version <= known.version) return;
    const isWatched = this.#tables.exist() && hasWatchers(this.sql);
    if (!isWatched && this.#registering === 0) return this.#leave(ticket);
    const now = this.#now();
    this.#tables.prepare();
    const messages = this.sql.transaction(() =>
      this.#telling.take(known, change, prices, itemListeners, now),
    );
    this.#armForDue(now);
    this.ctx.waitUntil(this.#send(messages));
  }

  async owesPage(version: number, page: number): Promise<boolean> {
    await this.#wake();
    return this.#tables.exist() && hasPage(this.sql, version, page);
  }

  async settlePage(version: number, page: number): Promise<void> {
    await this.#wake();
    if (!this.#tables.exist()) return;
    removePage(this.sql, version, page);
    const standing = this.#standing();
    if (standing && this.#telling.goesOn(standing)) this.#alarm.ensureBy(this.#now(), this.#now());
  }

  async follow(profile: string, order: FollowOrder): Promise<FollowResult> {
    await this.#wake();
    return this.#topic.follow(profile, order);
  }

  async topicNews(change: ItemChange): Promise<void> {
    await this.#wake();
    this.ctx.waitUntil(this.#send(await this.#topic.news(change, this.#now())));
  }

  async owesTopicPage(walk: string, version: number, page: number): Promise<boolean> {
    await this.#wake();
    return this.#topic.telling.owes(walk, version, page);
  }

  async settleTopicPage(walk: string, version: number, page: number): Promise<void> {
    await this.#wake();
    this.sql.transaction(() => this.#topic.telling.settle(walk, version, page));
    this.#armForDue(this.#now());
  }

  async forget(profile: string): Promise<ForgetResult> {
    const standing = this.#standing();
    const name = this.#name();
    const elsewhere = name && directions(standing, name, profile);
    if (elsewhere) return elsewhere;
    if (this.#tables.exist()) {
      this.sql.transaction(() => {
        forgetWatcher(this.sql, profile);
        forgetOnPages(this.sql, profile);
        this.#topic.telling.forget(profile);
      });
      if (standing !== null) this.#leaveIfEmpty(standing);
    }
    return { kind: 'forgotten' };
  }

  async adopt(rows: WatcherRow[]): Promise<void> {
    adoptStretch(this.sql, this.#tables, rows);
  }

  async begin(handover: WatcherHandover): Promise<SyncResult> {
    const name = this.#name();
    const isWaiting = () => this.#standing()?.split?.phase === 'waiting';
    if (name === null || !isWaiting()) return { kind: 'done' };
    const base: Standing = { v: 1, ...handover, fanOut: null };
    if (name.kind === 'topic') {
      writeStanding(this.sql, base);
      return { kind: 'done' };
    }
    const { itemListeners } = await loadConfig(this.env);
    const told = await catalogStub(this.env, name.of).subscribe(name.of, this.ctx.id.name ?? '');
    if (!isWaiting()) return { kind: 'done' };
    await this.#wake();
    const now = this.#now();
    const missed = missedSince(base, told);
    const messages = this.sql.transaction(() => {
      const standing = { ...base, ...ticketOf(told) };
      if (missed) return this.#telling.take(standing, missed, told.prices, itemListeners, now);
      writeStanding(this.sql, standing);
      return [];
    });
    this.#armForDue(now);
    this.ctx.waitUntil(this.#send(messages));
    return { kind: 'done' };
  }

  override async alarm(info?: AlarmInfo): Promise<void> {
    const work = async () => {
      const now = this.#now();
      if (this.#tables.exist()) takeDownFences(this.sql, now);
      const standing = this.#standing();
      const messages: FanoutMessage[] = this.sql.transaction(() => [
        ...(standing ? this.#telling.work(standing, now) : []),
        ...this.#topic.telling.work(now),
      ]);
      await this.#send(messages);
      if (await this.#split()) this.#alarm.ensureBy(now, now);
      this.#armForDue(now);
    };
    await this.#alarm.ring(info, RESEND_AFTER_MS, () => this.#now(), work);
  }

  #split(): Promise<boolean> | false {
    const { name: shard } = this.ctx.id;
    const name = this.#name();
    if (name === null || shard === undefined || !this.#standing()?.split) return false;
    const deps = {
      sql: this.sql,
      watchers: (child: string) => watcherStub(this.env, child),
      catalog: (itemId: string) => catalogStub(this.env, itemId),
      isTelling: (standing: Standing) =>
        this.#telling.isUnfinished(standing) || this.#topic.telling.isUnfinished(),
    };
    return goOnSplitting(deps, name, shard);
  }

  async #register(profile: string, order: WatchOrder, name: ShardName): Promise<WatchResult> {
    const known = this.#standing();
    const standing = known?.ticket !== undefined ? known : await this.#subscribe(order.itemId);
    if (standing === null) return { kind: 'unavailable', retryAfterSeconds: COME_AGAIN_SECONDS };
    // It may have begun to split while this one subscribed.
    const moved = directions(standing, name, profile);
    if (moved) return moved;
    if (this.#isOvertaken(profile, order)) return { kind: 'overtaken' };
    const plan = planWatch(order, standing);
    const now = this.#now();
    this.#tables.prepare();
    this.sql.transaction(() => {
      keepSubscribed(this.sql, standing);
      for (const place of plan.stale) removeWatcher(this.sql, place, profile);
      const isNew = keepWatcher(this.sql, plan.places, profile, interestOf(order));
      this.#moveFence(profile, order, now);
      if (isNew && splitIfFull(this.sql, standing, this.#limit())) this.#alarm.ensureBy(now, now);
    });
    const { item, version, changedAt, restockedAt, adopted } = standing;
    const restocked = restockedAt !== undefined && { restockedAt };
    const { reference, began } = plan;
    const from = highestSince(standing.prices, order.since);
    return { kind: 'watching', reference, began, adopted, from, item, version, changedAt, ...restocked };
  }

  #unwatch(profile: string, order: WatchOrder): WatchResult {
    const standing = this.#standing();
    // Also where nobody watches any more: what it has overtaken would make the shard anew.
    if (standing === null && order.again) this.#tables.prepare();
    if (!this.#tables.exist()) return { kind: 'removed' };
    this.sql.transaction(() => {
      const places = standing ? planRemoval(order, standing) : [];
      for (const place of places) removeWatcher(this.sql, place, profile);
      this.#moveFence(profile, order, this.#now());
    });
    if (standing) this.#leaveIfEmpty(standing);
    return { kind: 'removed' };
  }

  #isOvertaken(profile: string, order: WatchOrder): boolean {
    return this.#tables.exist() && isOvertaken(this.sql, profile, order);
  }

  #moveFence(profile: string, order: WatchOrder, now: number): void {
    if (moveFence(this.sql, profile, order)) this.#alarm.ensureBy(fencesDueAt(this.sql) ?? now, now);
  }

  /** While pages are out it stays: it leaves with the next change, at the latest. */
  #leaveIfEmpty(standing: Standing): void {
    if (this.#name()?.kind !== 'item') return;
    if (this.#registering > 0 || hasWatchers(this.sql) || this.#telling.isUnfinished(standing)) return;
    this.ctx.waitUntil(this.#leave(standing.ticket));
  }

  /** Nobody watches. */
  #leave(ticket: number | undefined): Promise<void> {
    const itemId = this.#name()?.of;
    if (this.#tables.exist()) {
      this.sql.transaction(() => {
        // Whoever is on a page that is still out has left since.
        for (const walk of ['drop', 'news'] as const) dropPages(this.sql, walk);
        removeStanding(this.sql);
      });
    }
    return itemId === undefined ? Promise.resolve() : this.#subscription.end(itemId, ticket);
  }

  /** Not written yet: it is committed with the watcher. Null where the catalog can't be reached. */
  async #subscribe(itemId: string): Promise<Standing | null> {
    const told = await this.#subscription.begin(itemId);
    return told && standingAs(told, this.#standing(), this.#tables.exist() && hasWatchers(this.sql));
  }

  #limit(): number {
    return Number(this.env.WATCHERS_PER_SHARD ?? WATCHERS_PER_SHARD);
  }

  /** What gets lost is due again: the alarm is armed for it in the turn that made the page. */
  #send(messages: FanoutMessage[]): Promise<void> {
    return sendUntilRefused(this.env.FANOUT, messages);
  }

  #armForDue(now: number): void {
    const fencesAt = this.#tables.exist() ? fencesDueAt(this.sql) : null;
    if (fencesAt !== null) this.#alarm.ensureBy(fencesAt, now);
    const standing = this.#standing();
    if (standing === null) return;
    const phase = standing.split?.phase;
    if (phase === 'copying' || phase === 'handing') this.#alarm.ensureBy(now + SPLIT_AGAIN_MS, now);
    const dueAt = this.#telling.dueAt(standing, now) ?? this.#topic.telling.dueAt(now);
    if (dueAt !== null) this.#alarm.ensureBy(dueAt, now);
  }

  #standing(): Standing | null {
    return this.#tables.exist() ? readStanding(this.sql) : null;
  }

  #name(): ShardName | null {
    return parseShardName(this.ctx.id.name);
  }

  async #wake(): Promise<void> {
    if (await this.#alarm.load()) this.#armForDue(this.#now());
  }

  #now(): number {
    this.#lastNow = Math.max(this.#lastNow, Date.now());
    return this.#lastNow;
  }
}
