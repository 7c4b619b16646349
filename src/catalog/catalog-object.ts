/**
 * One of the catalog's 64 shards. A write is one row; where the item is watched, what each watcher shard is owed is part
 * of the same commit. It is told right after, and by the alarm where that failed or the object died in between. A shard
 * ignores versions that it has, so telling twice is harmless. Changes that a shard hasn't heard of are told as one: the
 * newest snapshot with the `previous` from which nothing that mattered is lost (`coalesce.ts`). What is news to followers of
 * the item's topics is owed in the same way, with one row for all of them (`topics-owed.ts`).
 */
import { DurableObject } from 'cloudflare:workers';
import type { Env } from '../bindings.ts';
import type { ItemListKind, ItemSample } from '../engine/recommend/item-sample.ts';
import type { Scored } from '../engine/recommend/top-list.ts';
import type { ItemSnapshot } from '../engine/vocabulary.ts';
import { CountedSql } from '../objects/counted-sql.ts';
import { type AlarmInfo, ObjectAlarm } from '../objects/object-alarm.ts';
import type {
  CatalogRpc,
  ItemPatch,
  ItemStanding,
  PopularRpc,
  PutItemResult,
  TogetherRpc,
} from '../protocol/catalog-rpc.ts';
import type { ImportRequest, ImportResult } from '../protocol/item-import.ts';
import { watcherStub } from '../protocol/stubs.ts';
import { coalesce, type Previous } from './coalesce.ts';
import { hasHadLine } from './import-writes.ts';
import {
  applyRemoval,
  applyWrite,
  emptyRecord,
  type ItemRecord,
  type ItemWrite,
  missingOf,
  standingOf,
  type WriteOutcome,
} from './item-record.ts';
import { ItemStore, type PendingPush } from './item-store.ts';
import { endsSubscription, subscribed, ticketAfter, unsubscribed } from './subscription.ts';
import { Together } from './together.ts';
import { TopicNews } from './topic-news.ts';
import { coalesceOwed, TOPICS, type TopicsConcern, type TopicsOwed, topicsConcerned } from './topics-owed.ts';

const RETRY_AFTER_MS = 10_000;
const MAX_RETRY_AFTER_MS = 600_000;
const PUSHES_PER_ALARM = 50;
const START = { itemId: '', shard: '' };

export class CatalogObject extends DurableObject<Env> implements CatalogRpc, TogetherRpc, PopularRpc {
  readonly sql = new CountedSql(this.ctx.storage);
  readonly #store = new ItemStore(this.sql);
  readonly #together = new Together(this.sql);
  readonly #topics = new TopicNews(() => this.env);
  readonly #alarm = new ObjectAlarm(this.ctx.storage);
  /** Where the alarm's round through what is owed stands, so that a shard that can't be reached holds up no other. */
  #round = { after: START, failed: false };
  #failedRounds = 0;
  #lastNow = 0;

  async put(
    itemId: string,
    patch: ItemPatch,
    updatedAt: number | null,
    defaultCurrency?: string,
    imported = false,
  ): Promise<PutItemResult> {
    await this.#wake();
    const write = { itemId, patch, updatedAt, defaultCurrency: defaultCurrency ?? null, imported };
    const now = this.#now();
    const isHeard = await this.#topics.isHeard(() => this.#change({ ...write, now }).concern);
    const { known, outcome, concern } = this.#change({ ...write, now });
    if (outcome.kind === 'refused') return outcome;
    if (outcome.kind === 'ignored') return { kind: 'ignored', item: known.item, version: known.version };
    const { record } = outcome;
    if (outcome.kind === 'changed') {
      await this.#commit(itemId, record, outcome.previous, isHeard ? concern : null, now);
    }
    if (outcome.kind === 'unchanged' && outcome.touched) this.#store.write(itemId, record);
    const { item, version } = record;
    return { kind: 'done', item: item ?? { id: itemId }, version, changed: outcome.kind === 'changed' };
  }

  async importItems({ id, defaultCurrency, writes }: ImportRequest): Promise<ImportResult> {
    await this.#wake();
    const now = this.#now();
    const all = writes.map(({ line, ...write }) => ({
      line,
      write: { ...write, defaultCurrency: defaultCurrency ?? null, now },
    }));
    const isHeard = await this.#topics.isHeard(
      () => all.map(({ write }) => this.#change(write).concern).find((concern) => concern !== null) ?? null,
    );
    this.#store.prepare();
    const lines = this.sql.transaction(() =>
      all.map(({ line, write }) => this.#importLine({ id, line }, write, isHeard)),
    );
    // Not at once: what many lines owe is told by the alarm, a page at a time.
    if (lines.includes('owes')) this.#alarm.ensureBy(now, now);
    return { refused: lines.filter((one) => one !== null && one !== 'owes') };
  }

  async fill(itemId: string, fields: ItemPatch): Promise<void> {
    await this.#wake();
    const known = this.#store.read(itemId);
    const missing = missingOf(known?.item ?? null, fields);
    if (known === null || missing === null) return;
    const write = { itemId, patch: missing, updatedAt: null, defaultCurrency: null, now: this.#now() };
    const outcome = applyWrite(known, write);
    if (outcome.kind === 'changed') this.#store.write(itemId, outcome.record);
  }

  async read(itemId: string): Promise<{ item: ItemSnapshot; version: number } | null> {
    await this.#wake();
    const record = this.#store.read(itemId);
    return record === null || record.item === null ? null : { item: record.item, version: record.version };
  }

  async standing(itemId: string): Promise<ItemStanding> {
    await this.#wake();
    return standingOf(this.#store.read(itemId) ?? emptyRecord());
  }

  /** False where there is no such item. Its watchers stay, and hear of it when it comes back. */
  async remove(itemId: string): Promise<boolean> {
    await this.#wake();
    const now = this.#now();
    const known = this.#store.read(itemId) ?? emptyRecord();
    const removal = applyRemoval(known, now);
    if (removal === null) return false;
    this.#together.forget(itemId);
    const concern = topicsConcerned(known, removal.record, removal.previous, false);
    await this.#commit(itemId, removal.record, removal.previous, concern, now);
    return true;
  }

  /** Of an item that the shop has: of others anybody can speak. */
  async noteTogether(sample: ItemSample): Promise<void> {
    if (this.#store.read(sample.itemId)?.item) this.#together.note(sample, this.#now());
  }

  async notePopular(samples: ItemSample[]): Promise<void> {
    this.#together.notePopular(samples, this.#now());
  }

  async goingWith(itemId: string, list: ItemListKind): Promise<Scored[]> {
    return this.#together.goingWith(itemId, list, this.#now());
  }

  async popular(): Promise<Scored[]> {
    return this.#together.popular(this.#now());
  }

  async subscribe(itemId: string, shard: string): Promise<ItemStanding> {
    await this.#wake();
    const known = this.#store.read(itemId) ?? emptyRecord();
    this.#store.prepare();
    this.#store.write(itemId, subscribed(known, shard));
    return { ...standingOf(known), ticket: ticketAfter(known) };
  }

  async unsubscribe(itemId: string, shard: string, ticket?: number): Promise<void> {
    const known = this.#store.read(itemId);
    if (!known || !endsSubscription(known, shard, ticket)) return;
    this.sql.transaction(() => {
      this.#store.write(itemId, unsubscribed(known, shard));
      this.#store.forgive(itemId, shard);
    });
  }

  override async alarm(info?: AlarmInfo): Promise<void> {
    await this.#alarm.ring(
      info,
      RETRY_AFTER_MS,
      () => this.#now(),
      async () => {
        const retryAfterMs = await this.#tellOwed();
        const now = this.#now();
        if (retryAfterMs !== null) this.#alarm.ensureBy(now + retryAfterMs, now);
      },
    );
  }

  /** What a write makes of the item as it stands, and what that is to its topics. */
  #change(write: ItemWrite): { known: ItemRecord; outcome: WriteOutcome; concern: TopicsConcern | null } {
    const known = this.#store.read(write.itemId) ?? emptyRecord();
    const outcome = applyWrite(known, write);
    const concern =
      outcome.kind === 'changed'
        ? topicsConcerned(known, outcome.record, outcome.previous, write.imported ?? false)
        : null;
    return { known, outcome, concern };
  }

  async #commit(
    itemId: string,
    record: ItemRecord,
    previous: Previous,
    concern: TopicsConcern | null,
    now: number,
  ): Promise<void> {
    this.#store.prepare();
    const pushes = this.sql.transaction(() => this.#keep(itemId, record, previous, concern));
    if (pushes.length === 0) return;
    this.#alarm.ensureBy(now + RETRY_AFTER_MS, now);
    await Promise.all(pushes.map((push) => this.#tell(push)));
  }

  /** In a transaction. Whether somebody is owed news of it; where it is refused, why. */
  #importLine(
    lastImport: { id: string; line: number },
    write: ItemWrite,
    isHeard: boolean,
  ): 'owes' | ImportResult['refused'][number] | null {
    const { known, outcome, concern } = this.#change(write);
    const { line } = lastImport;
    if (outcome.kind === 'refused') return { line, path: outcome.path, message: outcome.message };
    if (outcome.kind === 'ignored' || hasHadLine(known, lastImport)) return null;
    const record = { ...outcome.record, lastImport };
    if (outcome.kind === 'changed') {
      const pushes = this.#keep(write.itemId, record, outcome.previous, isHeard ? concern : null);
      return pushes.length > 0 ? 'owes' : null;
    }
    if (outcome.touched) this.#store.write(write.itemId, record);
    return null;
  }

  /** In a transaction: the item as it is now, and what others are owed of it. */
  #keep(
    itemId: string,
    record: ItemRecord,
    previous: Previous,
    concern: TopicsConcern | null,
  ): PendingPush[] {
    const newsAt = concern?.isNews && { newsAt: record.changedAt };
    this.#store.write(itemId, { ...record, ...newsAt });
    return this.#owe(itemId, record, previous, concern);
  }

  #owe(
    itemId: string,
    { version, shards }: ItemRecord,
    previous: Previous,
    concern: TopicsConcern | null,
  ): PendingPush[] {
    if (shards.length === 0 && concern === null) return [];
    const owed = new Map(this.#store.pendingOf(itemId).map((push) => [push.shard, push.previous]));
    const pushes: PendingPush[] = shards.map((shard) => {
      const older = owed.get(shard);
      return { itemId, shard, version, previous: older === undefined ? previous : coalesce(older, previous) };
    });
    if (concern !== null) {
      const older = owed.get(TOPICS) as TopicsOwed | undefined;
      const told = older === undefined ? concern.owed : coalesceOwed(older, concern.owed);
      pushes.push({ itemId, shard: TOPICS, version, previous: told });
    }
    for (const push of pushes) this.#store.owe(push);
    return pushes;
  }

  /** Must be called in the turn that read or wrote `push`: its `previous` belongs to the version that stands now. */
  async #tell(push: PendingPush): Promise<boolean> {
    const record = this.#store.read(push.itemId) ?? emptyRecord();
    const { version, changedAt, prices } = record;
    const item = record.item ?? { id: push.itemId };
    try {
      if (push.shard === TOPICS) {
        await this.#topics.tell({ item, version, changedAt }, push.previous as TopicsOwed);
      } else {
        const change = { item, version, previous: push.previous, changedAt };
        await watcherStub(this.env, push.shard).itemChanged(change, prices, record.tickets?.[push.shard]);
      }
    } catch {
      return false;
    }
    this.#store.settle(push);
    return true;
  }

  /** One page of what is owed. Answers after which delay the next is due; null where nothing is left to do. */
  async #tellOwed(): Promise<number | null> {
    const { after } = this.#round;
    const page = this.#store.pendingAfter(after.itemId, after.shard, PUSHES_PER_ALARM);
    const told = await Promise.all(page.map((push) => this.#tell(push)));
    const failed = this.#round.failed || told.includes(false);
    const last = page.at(-1);
    if (last !== undefined && page.length === PUSHES_PER_ALARM) {
      this.#round = { after: last, failed };
      return 0;
    }
    this.#round = { after: START, failed: false };
    this.#failedRounds = failed ? this.#failedRounds + 1 : 0;
    if (failed) return Math.min(RETRY_AFTER_MS * 2 ** (this.#failedRounds - 1), MAX_RETRY_AFTER_MS);
    return this.#store.hasPending() ? RETRY_AFTER_MS : null;
  }

  async #wake(): Promise<void> {
    if ((await this.#alarm.load()) && this.#store.hasPending()) {
      const now = this.#now();
      this.#alarm.ensureBy(now + RETRY_AFTER_MS, now);
    }
  }

  #now(): number {
    this.#lastNow = Math.max(this.#lastNow, Date.now());
    return this.#lastNow;
  }
}
