/**
 * Erasing a profile, in steps that may each be cut off anywhere and are taken again by the alarm:
 *
 *     living → pending (its own data is gone; what others hold of it is listed) → erased (only the tombstone is left)
 *
 * 1. One commit removes everything and writes the erasure with its list. From here on the profile answers as if it had
 *    never been; what happened before is dropped for good, what happens from now on has to wait for the end.
 * 2. Everybody on the list forgets it: watcher shards, and the anonymous profiles that had become it.
 * 3. The registry forgets it as well, and remembers to ask whether step 5 came to its end.
 * 4. D1 forgets it: the tombstone there, then its rows (`store/erase-from-d1.ts`).
 * 5. `deleteAll` removes the database's file, because SQLite only unlinks what it deletes; the tombstone is written anew.
 *    The two can't be one commit. Should it end in between, the registry asks again, and the tombstone comes back.
 *
 * A profile that is merely idle goes the same way, leaves D1's nameless rows to the reports but no list of members with it, and
 * leaves no tombstone.
 */
import type { Env } from '../bindings.ts';
import type { CountedSql } from '../objects/counted-sql.ts';
import { profileStub, registryStub } from '../protocol/stubs.ts';
import { eraseFromD1 } from '../store/erase-from-d1.ts';
import { forgetMember } from '../store/segment-members.ts';
import {
  type Erasure,
  type Holding,
  readErasure,
  readHoldings,
  removeHolding,
  writeErasure,
} from './erasure-store.ts';
import { forgetFollower, forgetWatcher } from './forget-watcher.ts';
import { holdingsOf } from './holdings.ts';
import type { ProfileStore } from './profile-store.ts';

/** Holdings asked to go at once, and in one go: an object's call may make a bounded number of calls itself. */
const AT_ONCE = 20;
const PER_DRIVE = 400;

/** Step 1. The caller arms the alarm in the same turn, and forgets the store. */
export function beginErasure(
  sql: CountedSql,
  store: ProfileStore,
  { at, also = [], leavesTombstone }: { at: number; also?: string[]; leavesTombstone: boolean },
): Erasure {
  const { key, erasedAt: before } = store.state.meta;
  const erasedAt = Math.max(at, before ?? 0);
  const erasure: Erasure = { v: 1, key, erasedAt, isPending: true, leavesTombstone };
  sql.transaction(() => {
    store.removeTables();
    writeErasure(sql, erasure, holdingsOf(store.state, also));
  });
  return erasure;
}

/** The tombstone alone, where it was lost: see step 5. */
export function entomb(sql: CountedSql, key: string, erasedAt: number): void {
  const erasure: Erasure = { v: 1, key, erasedAt, isPending: false, leavesTombstone: true };
  sql.transaction(() => writeErasure(sql, erasure, []));
}

export interface ErasureDeps {
  env: Env;
  sql: CountedSql;
  storage: DurableObjectStorage;
  /** `deleteAll` takes the alarm along. */
  alarmGone(): void;
}

/** Steps 2 to 5, as far as they go now. True where it is over. Throws where somebody can't be reached. */
export async function driveErasure(deps: ErasureDeps): Promise<boolean> {
  const { env, sql } = deps;
  const erasure = readErasure(sql);
  if (!erasure?.isPending) return true;
  const { key, erasedAt, leavesTombstone } = erasure;
  if (!(await forgetHoldings(deps, erasure))) return false;
  await registryStub(env, key).remove(key, leavesTombstone ? erasedAt : null);
  if (leavesTombstone) await eraseFromD1(env.DB, key, erasedAt);
  else await forgetMember(env.DB, key);
  // Another call has brought it to its end meanwhile.
  if (!readErasure(sql)?.isPending) return true;
  bury(deps, erasure);
  // It is over, whether or not the registry hears of it: then it asks.
  if (leavesTombstone)
    await registryStub(env, key)
      .settleErasure(key)
      .catch(() => {});
  return true;
}

/** In one turn without waiting: whatever is written between `deleteAll` and the tombstone would be a new life. */
function bury({ sql, storage, alarmGone }: ErasureDeps, { key, erasedAt, leavesTombstone }: Erasure): void {
  void storage.deleteAll();
  alarmGone();
  if (leavesTombstone) entomb(sql, key, erasedAt);
}

/** True where none is left. */
async function forgetHoldings({ env, sql }: ErasureDeps, { key, erasedAt }: Erasure): Promise<boolean> {
  for (let done = 0; done < PER_DRIVE; done += AT_ONCE) {
    const some = readHoldings(sql, AT_ONCE);
    if (some.length === 0) return true;
    const outcomes = await Promise.allSettled(
      some.map(async ({ id, holding }) => {
        await forgetHolding(env, holding, { at: erasedAt, of: key });
        if (readErasure(sql)?.isPending) removeHolding(sql, id);
      }),
    );
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed) throw failed.reason;
  }
  return readHoldings(sql, 1).length === 0;
}

async function forgetHolding(env: Env, holding: Holding, request: { at: number; of: string }): Promise<void> {
  switch (holding.kind) {
    case 'watcher':
      return forgetWatcher(env, holding.itemId, holding.profile);
    case 'topic':
      return forgetFollower(env, holding.topic, holding.profile);
    case 'profile':
      return eraseAnonymous(env, holding.key, request);
  }
}

async function eraseAnonymous(env: Env, key: string, request: { at: number; of: string }): Promise<void> {
  const { kind } = await profileStub(env, key).erase(request);
  // `moved`: it has become somebody else's since. `erasing` is its own promise.
  if (kind === 'unavailable') throw new Error('an anonymous profile cannot be erased now');
}
