/**
 * What a topic's shard is telling its followers: a row for each item and kind of news that isn't through, and the pages that
 * are out. Both tables are made with the first news: most topics hear of none.
 */
import type { ItemChange } from '../engine/vocabulary.ts';
import type { CountedSql } from '../objects/counted-sql.ts';
import { resendAfterMs } from '../objects/resend.ts';

export interface TopicWalk {
  /** `new_item ring`: two kinds of news of one item don't disturb each other. */
  walk: string;
  change: ItemChange;
  nextPage: number;
  /** The last follower on a page; null when all are. */
  cursor: string | null;
}

export interface FollowerPage {
  walk: string;
  version: number;
  page: number;
  profiles: string[];
}

export function createTopicWalks(sql: CountedSql): void {
  sql.all(
    `CREATE TABLE IF NOT EXISTS walks (walk TEXT PRIMARY KEY, version INTEGER NOT NULL, change TEXT NOT NULL,
     next_page INTEGER NOT NULL, cursor TEXT) WITHOUT ROWID`,
  );
  sql.all(
    `CREATE TABLE IF NOT EXISTS topic_pages (walk TEXT NOT NULL, version INTEGER NOT NULL, page INTEGER NOT NULL,
     attempts INTEGER NOT NULL, due_at INTEGER NOT NULL, profiles TEXT NOT NULL,
     PRIMARY KEY (walk, version, page)) WITHOUT ROWID`,
  );
}

interface WalkRow {
  [column: string]: SqlStorageValue;
  walk: string;
  change: string;
  next_page: number;
  cursor: string | null;
}

const COLUMNS = 'walk, change, next_page, cursor';

export function readWalk(sql: CountedSql, walk: string): TopicWalk | null {
  const [row] = sql.all<WalkRow>(`SELECT ${COLUMNS} FROM walks WHERE walk = ?`, walk);
  return row ? walkOf(row) : null;
}

/** Those of which not all followers are on a page. */
export function openWalks(sql: CountedSql, limit: number): TopicWalk[] {
  return sql
    .all<WalkRow>(`SELECT ${COLUMNS} FROM walks WHERE cursor IS NOT NULL ORDER BY walk LIMIT ?`, limit)
    .map(walkOf);
}

export function hasWalks(sql: CountedSql): boolean {
  return sql.all('SELECT 1 AS found FROM walks LIMIT 1').length > 0;
}

export function writeWalk(sql: CountedSql, { walk, change, nextPage, cursor }: TopicWalk): void {
  sql.all(
    `INSERT INTO walks (walk, version, change, next_page, cursor) VALUES (?, ?, ?, ?, ?) ON CONFLICT (walk) DO UPDATE
     SET version = excluded.version, change = excluded.change, next_page = excluded.next_page, cursor = excluded.cursor`,
    walk,
    change.version,
    JSON.stringify(change),
    nextPage,
    cursor,
  );
}

/** With its pages: what no longer stands isn't told any more. */
export function dropWalk(sql: CountedSql, walk: string): void {
  sql.all('DELETE FROM topic_pages WHERE walk = ?', walk);
  sql.all('DELETE FROM walks WHERE walk = ?', walk);
}

/** A page that is about to be sent for the first time. */
export function addFollowerPage(sql: CountedSql, page: FollowerPage, now: number): void {
  sql.all(
    'INSERT INTO topic_pages (walk, version, page, attempts, due_at, profiles) VALUES (?, ?, ?, 1, ?, ?)',
    page.walk,
    page.version,
    page.page,
    now + resendAfterMs(1),
    JSON.stringify(page.profiles),
  );
}

/** The pages that nobody settled in time; each is due again later, as it is about to be sent. */
export function takeDueFollowerPages(sql: CountedSql, now: number, limit: number): FollowerPage[] {
  const due = sql.all<{ walk: string; version: number; page: number; attempts: number; profiles: string }>(
    'SELECT walk, version, page, attempts, profiles FROM topic_pages WHERE due_at <= ? ORDER BY walk, version, page LIMIT ?',
    now,
    limit,
  );
  return due.map(({ attempts, profiles, ...page }) => {
    sql.all(
      'UPDATE topic_pages SET attempts = ?, due_at = ? WHERE walk = ? AND version = ? AND page = ?',
      attempts + 1,
      now + resendAfterMs(attempts + 1),
      page.walk,
      page.version,
      page.page,
    );
    return { ...page, profiles: JSON.parse(profiles) as string[] };
  });
}

export function hasFollowerPage(sql: CountedSql, walk: string, version: number, page: number): boolean {
  const find = 'SELECT 1 AS found FROM topic_pages WHERE walk = ? AND version = ? AND page = ?';
  return sql.all(find, walk, version, page).length > 0;
}

/** Sent, and not settled by anybody. */
export function followerPagesOut(sql: CountedSql): number {
  return sql.all<{ pages: number }>('SELECT COUNT(*) AS pages FROM topic_pages')[0]?.pages ?? 0;
}

/** Everybody on it has heard; with the last page of a walk that is through, the walk goes. */
export function settleFollowerPage(sql: CountedSql, walk: string, version: number, page: number): void {
  sql.all('DELETE FROM topic_pages WHERE walk = ? AND version = ? AND page = ?', walk, version, page);
  dropIfThrough(sql, walk);
}

/** All followers are on a page, and no page is out. */
export function dropIfThrough(sql: CountedSql, walk: string): void {
  sql.all(
    `DELETE FROM walks WHERE walk = ?1 AND cursor IS NULL AND NOT EXISTS (SELECT 1 FROM topic_pages WHERE walk = ?1)`,
    walk,
  );
}

/** The others on its pages still hear of it. */
export function forgetOnFollowerPages(sql: CountedSql, profile: string): void {
  sql.all(
    `UPDATE topic_pages SET profiles = (SELECT json_group_array(value) FROM json_each(profiles) WHERE value <> ?1)
     WHERE instr(profiles, ?1) > 0`,
    profile,
  );
}

/** When the first page is due again; null where there is none. */
export function nextFollowerPageDueAt(sql: CountedSql): number | null {
  const [row] = sql.all<{ due_at: number | null }>('SELECT MIN(due_at) AS due_at FROM topic_pages');
  return row?.due_at ?? null;
}

function walkOf({ walk, change, next_page: nextPage, cursor }: WalkRow): TopicWalk {
  return { walk, change: JSON.parse(change) as ItemChange, nextPage, cursor };
}
