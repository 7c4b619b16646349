/** Broadcasts under way: how far the walk through the registry has come, and the pages that nobody has settled yet. */
import type { CountedSql } from '../objects/counted-sql.ts';
import { resendAfterMs } from '../objects/resend.ts';

/** Which broadcast: of which trigger, at which of its instants. */
export interface BroadcastRef {
  trigger: string;
  instantAt: number;
}

/** Where the walk goes on: in this shard of the registry, after this key. */
export interface Walk {
  shard: number;
  after: string | null;
}

export interface Broadcast extends BroadcastRef {
  /** Null: everybody is on a page. */
  walk: Walk | null;
  nextPage: number;
}

export interface Page extends BroadcastRef {
  page: number;
  profiles: string[];
}

export function createBroadcasts(sql: CountedSql): void {
  sql.all(
    `CREATE TABLE IF NOT EXISTS broadcasts ("trigger" TEXT NOT NULL, instant_at INTEGER NOT NULL, shard INTEGER,
     after TEXT, next_page INTEGER NOT NULL, PRIMARY KEY ("trigger", instant_at)) WITHOUT ROWID`,
  );
  sql.all(
    `CREATE TABLE IF NOT EXISTS pages ("trigger" TEXT NOT NULL, instant_at INTEGER NOT NULL, page INTEGER NOT NULL,
     attempts INTEGER NOT NULL, due_at INTEGER NOT NULL, profiles TEXT NOT NULL,
     PRIMARY KEY ("trigger", instant_at, page)) WITHOUT ROWID`,
  );
}

/** Oldest first. */
export function readBroadcasts(sql: CountedSql): Broadcast[] {
  return sql
    .all<{
      trigger: string;
      instant_at: number;
      shard: number | null;
      after: string | null;
      next_page: number;
    }>('SELECT "trigger", instant_at, shard, after, next_page FROM broadcasts ORDER BY instant_at, "trigger"')
    .map((row) => ({
      trigger: row.trigger,
      instantAt: row.instant_at,
      walk: row.shard === null ? null : { shard: row.shard, after: row.after },
      nextPage: row.next_page,
    }));
}

export function putBroadcast(sql: CountedSql, { trigger, instantAt, walk, nextPage }: Broadcast): void {
  sql.all(
    `INSERT INTO broadcasts ("trigger", instant_at, shard, after, next_page) VALUES (?1, ?2, ?3, ?4, ?5)
     ON CONFLICT DO UPDATE SET shard = ?3, after = ?4, next_page = ?5`,
    trigger,
    instantAt,
    walk?.shard ?? null,
    walk?.after ?? null,
    nextPage,
  );
}

/** With its pages. */
export function removeBroadcast(sql: CountedSql, { trigger, instantAt }: BroadcastRef): void {
  sql.all('DELETE FROM broadcasts WHERE "trigger" = ? AND instant_at = ?', trigger, instantAt);
  sql.all('DELETE FROM pages WHERE "trigger" = ? AND instant_at = ?', trigger, instantAt);
}

/** A page that is about to be sent for the first time. */
export function addPage(sql: CountedSql, { trigger, instantAt, page, profiles }: Page, now: number): void {
  sql.all(
    'INSERT INTO pages ("trigger", instant_at, page, attempts, due_at, profiles) VALUES (?, ?, ?, 1, ?, ?)',
    trigger,
    instantAt,
    page,
    now + resendAfterMs(1),
    JSON.stringify(profiles),
  );
}

/** The pages that nobody settled in time; each is due again later, as it is about to be sent. */
export function takeDuePages(sql: CountedSql, now: number, limit: number): Page[] {
  const due = sql.all<{
    trigger: string;
    instant_at: number;
    page: number;
    attempts: number;
    profiles: string;
  }>(
    `SELECT "trigger", instant_at, page, attempts, profiles FROM pages WHERE due_at <= ?
     ORDER BY instant_at, page LIMIT ?`,
    now,
    limit,
  );
  return due.map(({ trigger, instant_at: instantAt, page, attempts, profiles }) => {
    sql.all(
      'UPDATE pages SET attempts = ?, due_at = ? WHERE "trigger" = ? AND instant_at = ? AND page = ?',
      attempts + 1,
      now + resendAfterMs(attempts + 1),
      trigger,
      instantAt,
      page,
    );
    return { trigger, instantAt, page, profiles: JSON.parse(profiles) as string[] };
  });
}

/** Settled: everybody on it has heard. With the last page of a walk that is through, the broadcast is over. */
export function removePage(sql: CountedSql, { trigger, instantAt }: BroadcastRef, page: number): void {
  sql.all('DELETE FROM pages WHERE "trigger" = ? AND instant_at = ? AND page = ?', trigger, instantAt, page);
  sql.all(
    `DELETE FROM broadcasts WHERE "trigger" = ?1 AND instant_at = ?2 AND shard IS NULL
     AND NOT EXISTS (SELECT 1 FROM pages WHERE "trigger" = ?1 AND instant_at = ?2)`,
    trigger,
    instantAt,
  );
}

export function hasPage(sql: CountedSql, { trigger, instantAt }: BroadcastRef, page: number): boolean {
  const find = 'SELECT 1 AS found FROM pages WHERE "trigger" = ? AND instant_at = ? AND page = ?';
  return sql.all(find, trigger, instantAt, page).length > 0;
}

/** Sent, and not settled by anybody. */
export function pagesOut(sql: CountedSql): number {
  return sql.all<{ pages: number }>('SELECT COUNT(*) AS pages FROM pages')[0]?.pages ?? 0;
}

/** When the first page is due again; null where there is none. */
export function nextPageDueAt(sql: CountedSql): number | null {
  const [row] = sql.all<{ due_at: number | null }>('SELECT MIN(due_at) AS due_at FROM pages');
  return row?.due_at ?? null;
}
