import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import type { Env } from '../../src/bindings.ts';
import type { CatalogObject } from '../../src/catalog/catalog-object.ts';
import type { WatcherObject } from '../../src/catalog/watcher-object.ts';
import type { WatchOrder } from '../../src/engine/vocabulary.ts';
import type { CountedSql } from '../../src/objects/counted-sql.ts';
import type { WatcherPage } from '../../src/protocol/queue-messages.ts';
import { firstWatcherShard, watcherStub } from '../../src/protocol/stubs.ts';

/** A catalog shard of the test's own, so that nothing else writes to it. */
export function catalogShard(name: string) {
  return env.CATALOG.getByName(name) as unknown as DurableObjectStub<CatalogObject>;
}

export function watcherShard(itemId: string) {
  return env.WATCHERS.getByName(firstWatcherShard(itemId)) as unknown as DurableObjectStub<WatcherObject>;
}

/** The same shard, as others call it. */
export function watchersOf(itemId: string) {
  return watcherStub(env, firstWatcherShard(itemId));
}

export function inCatalog<T>(name: string, work: (catalog: CatalogObject) => Promise<T>): Promise<T> {
  return runInDurableObject(catalogShard(name), work);
}

export function inWatchers<T>(itemId: string, work: (watchers: WatcherObject) => Promise<T>): Promise<T> {
  return runInDurableObject(watcherShard(itemId), work);
}

/** Lets an object reach other bindings from now on, until it is evicted. */
export function rebind(object: object, bindings: Partial<Record<keyof Env, unknown>>): void {
  Object.defineProperty(object, 'env', { value: { ...env, ...bindings }, configurable: true });
}

/** A namespace whose one object answers with `methods`. */
export function namespaceOf(methods: Record<string, unknown>) {
  return { getByName: () => methods };
}

/** A fan-out queue that keeps what it is given, call by call. */
export function keptQueue() {
  const calls: WatcherPage[][] = [];
  const sendBatch = async (messages: Iterable<{ body: WatcherPage }>) => {
    calls.push([...messages].map((message) => message.body));
  };
  return { calls, messages: () => calls.flat(), queue: { sendBatch } };
}

/** The rows that `work` read and wrote. */
export async function rowsOf(object: { sql: CountedSql }, work: () => Promise<unknown>) {
  const { rowsRead, rowsWritten } = object.sql;
  await work();
  return { read: object.sql.rowsRead - rowsRead, written: object.sql.rowsWritten - rowsWritten };
}

export function aWatch(itemId: string, order: Partial<WatchOrder> = {}): WatchOrder {
  return { itemId, relations: ['liked'], since: Date.now(), ...order };
}
