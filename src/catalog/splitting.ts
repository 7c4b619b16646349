/** The work of splitting one shard, in steps that each may be the last before it is killed; the protocol is told in `split.ts`. */
import type { CountedSql } from '../objects/counted-sql.ts';
import type { CatalogRpc, WatcherHandover, WatcherRow, WatcherRpc } from '../protocol/catalog-rpc.ts';
import type { ShardName } from './shard-name.ts';
import { childOf, childrenOf, MIN_ROW_BYTES } from './split.ts';
import { readStanding, type Standing, unseen, writeStanding } from './standing-store.ts';
import {
  adoptRows,
  countWatchers,
  type FanOutCursor,
  removeAllWatchers,
  rowsAfter,
} from './watcher-store.ts';
import type { WatcherTables } from './watcher-tables.ts';

export const WATCHERS_PER_SHARD = 50_000;
const ROWS_PER_STRETCH = 2_000;
const STRETCHES_PER_TURN = 5;
const START: FanOutCursor = { currency: '', reference: Number.MIN_SAFE_INTEGER, profile: '' };
const COME_AGAIN_SECONDS = 2;

export interface SplittingDeps {
  sql: CountedSql;
  watchers(shard: string): Pick<WatcherRpc, 'adopt' | 'begin'>;
  catalog(itemId: string): Pick<CatalogRpc, 'unsubscribe'>;
  /** Somebody on a page, or not on one yet, has still to hear of a change. */
  isTelling(standing: Standing): boolean;
}

/** What somebody is answered who wants to register, leave or be forgotten; null: the shard is as any other. */
export function directions(
  standing: Standing | null,
  name: ShardName,
  profile: string,
): { kind: 'moved'; shard: string } | { kind: 'unavailable'; retryAfterSeconds: number } | null {
  if (!standing?.split) return null;
  if (standing.split.phase === 'split') return { kind: 'moved', shard: childOf(name, profile) };
  return { kind: 'unavailable', retryAfterSeconds: COME_AGAIN_SECONDS };
}

/**
 * In the transaction that has added a watcher. The rows are counted only where the database is large enough to hold that
 * many: most shards never are.
 */
export function splitIfFull(sql: CountedSql, standing: Standing, limit: number): boolean {
  if (sql.databaseBytes < limit * MIN_ROW_BYTES || countWatchers(sql) < limit) return false;
  writeStanding(sql, { ...standing, split: { phase: 'copying', cursor: START } });
  return true;
}

/** A child keeps rows of the shard that is being split. */
export function adoptStretch(sql: CountedSql, tables: WatcherTables, rows: WatcherRow[]): void {
  const standing = tables.exist() ? readStanding(sql) : null;
  // Begun since: this stretch was on its way twice.
  if (standing !== null && standing.split?.phase !== 'waiting') return;
  tables.prepare();
  sql.transaction(() => {
    if (standing === null) writeStanding(sql, { ...unseen(), split: { phase: 'waiting' } });
    adoptRows(sql, rows);
  });
}

/** Goes on with the splitting by a bounded amount; throws where somebody can't be reached. True: call again at once. */
export async function goOnSplitting(deps: SplittingDeps, name: ShardName, shard: string): Promise<boolean> {
  const phase = readStanding(deps.sql)?.split?.phase;
  if (phase === 'copying') {
    for (let done = 0; done < STRETCHES_PER_TURN; done++) {
      if (!(await copyStretch(deps, name))) return handOver(deps);
    }
    return true;
  }
  if (phase === 'handing') await finish(deps, name, shard);
  return false;
}

/** False: there is none left. */
async function copyStretch({ sql, watchers }: SplittingDeps, name: ShardName): Promise<boolean> {
  const standing = readStanding(sql);
  if (standing?.split?.phase !== 'copying') return false;
  const rows = rowsAfter(sql, standing.split.cursor, ROWS_PER_STRETCH);
  const last = rows.at(-1);
  if (last === undefined) return false;
  const byChild = Map.groupBy(rows, ({ profile }: WatcherRow) => childOf(name, profile));
  await Promise.all([...byChild].map(([child, some]) => watchers(child).adopt(some)));
  const { currency, reference, profile } = last;
  // Read anew: a change may have been taken meanwhile. The rows themselves stand still.
  const now = readStanding(sql);
  if (now)
    writeStanding(sql, { ...now, split: { phase: 'copying', cursor: { currency, reference, profile } } });
  return true;
}

/** In one turn: whether anything is left to be told, and that nothing more is taken. */
function handOver({ sql, isTelling }: SplittingDeps): boolean {
  const standing = readStanding(sql);
  if (!standing || isTelling(standing)) return false;
  writeStanding(sql, { ...standing, split: { phase: 'handing' } });
  return true;
}

async function finish(
  { sql, watchers, catalog }: SplittingDeps,
  name: ShardName,
  shard: string,
): Promise<void> {
  const standing = readStanding(sql);
  if (standing?.split?.phase !== 'handing') return;
  const handover = handoverOf(standing);
  const answers = await Promise.all(childrenOf(name).map((child) => watchers(child).begin(handover)));
  if (answers.some(({ kind }) => kind !== 'done')) throw new Error('a child cannot begin yet');
  if (name.kind === 'item') await catalog(name.of).unsubscribe(name.of, shard);
  sql.transaction(() => {
    removeAllWatchers(sql);
    writeStanding(sql, { ...standing, fanOut: null, news: null, split: { phase: 'split' } });
  });
}

function handoverOf({ item, version, changedAt, prices, adopted, restockedAt }: Standing): WatcherHandover {
  return { item, version, changedAt, prices, adopted, ...(restockedAt !== undefined && { restockedAt }) };
}
