/**
 * One of the catalog's 64 shards. A write is one row; where the item is watched, what each watcher shard is owed is part
 * of the same commit. It is told right after, and by the alarm where that failed or the object died in between. A shard
 * ignores versions that it has, so telling twice is harmless. Changes that a shard hasn't heard of are told as one: the
 * newest snapshot with the `previous` from which nothing that mattered is lost (`coalesce.ts`).
 */
import { DurableObject } from 'cloudflare:workers';
import type { Env } from '../bindings.ts';
import type { ItemSnapshot } from '../engine/vocabulary.ts';
import { CountedSql } from '../objects/counted-sql.ts';
import { type AlarmInfo, ObjectAlarm } from '../objects/object-alarm.ts';
import type { CatalogRpc, ItemPatch, ItemStanding, PutItemResult } from '../protocol/catalog-rpc.ts';
import { watcherStub } from '../protocol/stubs.ts';
import { coalesce, type Previous } from './coalesce.ts';
import { applyRemoval, applyWrite, emptyRecord, type ItemRecord, standingOf } from './item-record.ts';
import { ItemStore, type PendingPush } from './item-store.ts';

const RETRY_AFTER_MS = 10_000;
const MAX_RETRY_AFTER_MS = 600_000;
const PUSHES_PER_ALARM = 50;
const START = { itemId: '', shard: '' };

export class CatalogObject extends DurableObject<Env> implements CatalogRpc {
  readonly sql = new CountedSql(this.ctx.storage);
  readonly #store = new ItemStore(this.sql);
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
  ): Promise<PutItemResult> {
    await this.#wake();
    const now = this.#now();
    const known = this.#store.read(itemId) ?? emptyRecord();
    const write = { itemId, patch, updatedAt, defaultCurrency: defaultCurrency ?? null, now };
    const outcome = applyWrite(known, write);
    if (outcome.kind === 'refused') return outcome;
    if (outcome.kind === 'ignored') return { kind: 'ignored', item: known.item, version: known.version };
    if (outcome.kind === 'changed') await this.#commit(itemId, outcome.record, outcome.previous, now);
    if (outcome.kind === 'unchanged' && outcome.touched) this.#store.write(itemId, outcome.record);
    const { item, version } = outcome.record;
    return { kind: 'done', item: item ?? { id: itemId }, version, changed: outcome.kind === 'changed' };
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
    const removal = applyRemoval(this.#store.read(itemId) ?? emptyRecord(), now);
    if (removal === null) return false;
    await this.#commit(itemId, removal.record, removal.previous, now);
    return true;
  }

  async subscribe(itemId: string, shard: string): Promise<ItemStanding> {
    await this.#wake();
    const known = this.#store.read(itemId) ?? emptyRecord();
    if (!known.shards.includes(shard)) {
      this.#store.prepare();
      this.#store.write(itemId, { ...known, shards: [...known.shards, shard] });
    }
    return standingOf(known);
  }

  async unsubscribe(itemId: string, shard: string): Promise<void> {
    const known = this.#store.read(itemId);
    if (!known?.shards.includes(shard)) return;
    this.sql.transaction(() => {
      this.#store.write(itemId, { ...known, shards: known.shards.filter((one) => one !== shard) });
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

  async #commit(itemId: string, record: ItemRecord, previous: Previous, now: number): Promise<void> {
    this.#store.prepare();
    const pushes = this.sql.transaction(() => {
      this.#store.write(itemId, record);
      return this.#owe(itemId, record, previous);
    });
    if (pushes.length === 0) return;
    this.#alarm.ensureBy(now + RETRY_AFTER_MS, now);
    await Promise.all(pushes.map((push) => this.#tell(push)));
  }

  #owe(itemId: string, record: ItemRecord, previous: Previous): PendingPush[] {
    if (record.shards.length === 0) return [];
    const owed = new Map(this.#store.pendingOf(itemId).map((push) => [push.shard, push.previous]));
    return record.shards.map((shard) => {
      const older = owed.get(shard);
      const push = {
        itemId,
        shard,
        version: record.version,
        previous: older === undefined ? previous : coalesce(older, previous),
      };
      this.#store.owe(push);
      return push;
    });
  }

  /** Must be called in the turn that read or wrote `push`: its `previous` belongs to the version that stands now. */
  async #tell(push: PendingPush): Promise<boolean> {
    const record = this.#store.read(push.itemId) ?? emptyRecord();
    const { version, changedAt, prices } = record;
    const item = record.item ?? { id: push.itemId };
    try {
      const change = { item, version, previous: push.previous, changedAt };
      await watcherStub(this.env, push.shard).itemChanged(change, prices);
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
