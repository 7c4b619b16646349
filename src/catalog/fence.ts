/**
 * Orders that overtake each other. A profile gives one order at a time and repeats it until it is answered, so that
 * orders come in their order, but for one case: a call that was given up arrives after all, when a later order has been
 * carried out. Nothing that the row says would tell: a removal leaves none.
 *
 * So an order that is made again puts up a fence, which bears its time; every later order of that profile moves it on, and
 * what is older is turned away. A fence is a row in the watchers' table, in a currency that is none: no drop reads it, no
 * news concerns it, and a split takes it along. It stands for an hour, which no call outlives. An order that was answered
 * the first time, which nearly all are, costs none.
 */
import type { WatchOrder } from '../engine/vocabulary.ts';
import type { CountedSql } from '../objects/counted-sql.ts';
import type { WatchPlace } from './watch-plan.ts';
import { interestAt, putWatcher } from './watcher-store.ts';

/** After every currency's place, in the order of the key. */
export const FENCE: WatchPlace = { currency: '~', reference: 0 };
const FENCE_MS = 3_600_000;

/** A later order for this profile's row has been carried out. */
export function isOvertaken(sql: CountedSql, profile: string, { orderedAt }: WatchOrder): boolean {
  const fence = interestAt(sql, FENCE, profile);
  return fence !== null && orderedAt !== undefined && orderedAt < fence.since;
}

/** In the transaction that carries the order out. True: there is a fence now, which is to be taken down in time. */
export function moveFence(sql: CountedSql, profile: string, { orderedAt, again }: WatchOrder): boolean {
  if (orderedAt === undefined) return false;
  const fence = interestAt(sql, FENCE, profile);
  if (!again && fence === null) return false;
  if (fence?.since !== orderedAt) putWatcher(sql, FENCE, profile, { relations: 0, since: orderedAt });
  return true;
}

/** When the oldest of them has stood long enough; null where there is none. */
export function fencesDueAt(sql: CountedSql): number | null {
  const [row] = sql.all<{ oldest: number | null }>(
    'SELECT MIN(since) AS oldest FROM watchers WHERE currency = ?',
    FENCE.currency,
  );
  return row?.oldest == null ? null : row.oldest + FENCE_MS;
}

export function takeDownFences(sql: CountedSql, now: number): void {
  sql.all('DELETE FROM watchers WHERE currency = ? AND since <= ?', FENCE.currency, now - FENCE_MS);
}
