/**
 * What a topic's shard tells its followers. It hears of no item's whole life, only of what is news to them, and keeps nothing
 * of an item that all have heard of:
 *
 *     an item is new, or cheaper → its walk begins → pages → (all are on a page) → every page is settled → no row is left
 *
 * A walk goes on beside those of other items. It stops where the item leaves the topic or the shop, or the price no longer
 * stands below the one that it came from; it begins anew where the price changes and is a drop all the same. Every method is
 * synchronous and is called in a transaction; what it answers is to be sent when that is committed.
 */
import { isDrop, priceOf, samePrice } from '../engine/items/price.ts';
import { topicsOf } from '../engine/items/topics.ts';
import type { ItemChange } from '../engine/vocabulary.ts';
import type { CountedSql } from '../objects/counted-sql.ts';
import { MOST_PAGES_OUT } from '../objects/resend.ts';
import type { TopicPage } from '../protocol/queue-messages.ts';
import { coalesce } from './coalesce.ts';
import { parseShardName } from './shard-name.ts';
import {
  addFollowerPage,
  createTopicWalks,
  dropIfThrough,
  dropWalk,
  type FollowerPage,
  followerPagesOut,
  forgetOnFollowerPages,
  hasFollowerPage,
  hasWalks,
  nextFollowerPageDueAt,
  openWalks,
  readWalk,
  settleFollowerPage,
  type TopicWalk,
  takeDueFollowerPages,
  writeWalk,
} from './topic-walk-store.ts';
import { UNKNOWN } from './watch-plan.ts';
import { hasWatchers, watchersAfter } from './watcher-store.ts';

const FOLLOWERS_PER_PAGE = 200;
/** New and due again: 4,000 followers. */
const PAGES_PER_TURN = 20;

export class TopicTelling {
  readonly #sql: CountedSql;
  readonly #shard: string;
  #ready: boolean | undefined;

  constructor(sql: CountedSql, shard: string) {
    this.#sql = sql;
    this.#shard = shard;
    // An item's shard has nothing of this, and needn't look.
    if (parseShardName(shard)?.kind !== 'topic') this.#ready = false;
  }

  /** Before a turn's first write, outside its transaction. */
  prepare(): void {
    if (this.#exists()) return;
    createTopicWalks(this.#sql);
    this.#ready = true;
  }

  /** Keeps what is to be told and makes the first pages of it. */
  take(change: ItemChange, topic: string, now: number): TopicPage[] {
    const belongs = topicsOf(change.item).includes(topic);
    const begun = [...this.#takeNew(change, belongs), ...this.#takeDrop(change, belongs)];
    const room = this.#mayGoOn() ? PAGES_PER_TURN : 0;
    return begun.flatMap((walk) => this.#advance(walk, room, now));
  }

  /** Pages that are due again, and more of the walks that aren't through. */
  work(now: number): TopicPage[] {
    if (!this.#exists()) return [];
    const messages = takeDueFollowerPages(this.#sql, now, PAGES_PER_TURN).flatMap((page) => {
      const walk = readWalk(this.#sql, page.walk);
      return walk ? [this.#message(page, walk.change)] : [];
    });
    let room = this.#mayGoOn() ? PAGES_PER_TURN : 0;
    for (const walk of openWalks(this.#sql, PAGES_PER_TURN)) {
      if (room <= 0) break;
      const pages = this.#advance(walk, room, now);
      room -= Math.max(1, pages.length);
      messages.push(...pages);
    }
    return messages;
  }

  owes(walk: string, version: number, page: number): boolean {
    return this.#exists() && hasFollowerPage(this.#sql, walk, version, page);
  }

  settle(walk: string, version: number, page: number): void {
    if (this.#exists()) settleFollowerPage(this.#sql, walk, version, page);
  }

  forget(profile: string): void {
    if (this.#exists()) forgetOnFollowerPages(this.#sql, profile);
  }

  dueAt(now: number): number | null {
    if (!this.#exists()) return null;
    const goesOn = this.#mayGoOn() && openWalks(this.#sql, 1).length > 0;
    return goesOn ? now : nextFollowerPageDueAt(this.#sql);
  }

  /** Somebody has still to hear of something. */
  isUnfinished(): boolean {
    return this.#exists() && hasWalks(this.#sql);
  }

  #takeNew({ previous: _, ...change }: ItemChange, belongs: boolean): TopicWalk[] {
    const walk = `new_item ${change.item.id}`;
    const running = readWalk(this.#sql, walk);
    if (running && !belongs) dropWalk(this.#sql, walk);
    return !running && belongs && change.isNew ? this.#begin(walk, change) : [];
  }

  #takeDrop({ isNew: _, ...change }: ItemChange, belongs: boolean): TopicWalk[] {
    const walk = `price_drop ${change.item.id}`;
    const running = readWalk(this.#sql, walk);
    if (running && change.version <= running.change.version) return [];
    const price = priceOf(change.item);
    const seen = change.previous ?? {};
    const previous = running ? coalesce(running.change.previous ?? {}, seen) : seen;
    const stands = belongs && isDrop(priceOf(previous), price);
    if (running && stands && samePrice(priceOf(running.change.item), price)) return [];
    if (running) dropWalk(this.#sql, walk);
    return stands ? this.#begin(walk, { ...change, previous }) : [];
  }

  #begin(walk: string, change: ItemChange): TopicWalk[] {
    return hasWatchers(this.#sql) ? [{ walk, change, nextPage: 0, cursor: '' }] : [];
  }

  /** Makes the next pages of a walk and keeps where it stands. */
  #advance(walk: TopicWalk, limit: number, now: number): TopicPage[] {
    const messages: TopicPage[] = [];
    let { cursor } = walk;
    while (cursor !== null && messages.length < limit) {
      const rows = watchersAfter(this.#sql, { ...UNKNOWN, profile: cursor }, FOLLOWERS_PER_PAGE);
      const profiles = rows.map(({ profile }) => profile);
      if (profiles.length > 0) {
        const page = walk.nextPage + messages.length;
        const made = { walk: walk.walk, version: walk.change.version, page, profiles };
        addFollowerPage(this.#sql, made, now);
        messages.push(this.#message(made, walk.change));
      }
      cursor = profiles.length === FOLLOWERS_PER_PAGE ? (profiles.at(-1) ?? null) : null;
    }
    writeWalk(this.#sql, { ...walk, cursor, nextPage: walk.nextPage + messages.length });
    if (cursor === null && messages.length === 0) dropIfThrough(this.#sql, walk.walk);
    return messages;
  }

  #message({ walk, page, profiles }: FollowerPage, change: ItemChange): TopicPage {
    return { v: 1, kind: 'topic', shard: this.#shard, walk, page, change, profiles };
  }

  #mayGoOn(): boolean {
    return followerPagesOut(this.#sql) <= MOST_PAGES_OUT;
  }

  #exists(): boolean {
    this.#ready ??= this.#sql.hasTable('walks');
    return this.#ready;
  }
}
