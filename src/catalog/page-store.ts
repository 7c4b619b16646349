/**
 * Pages of watchers that are to hear of a change. A page is written when it is made, and removed when the consumer says
 * that every profile on it has heard. Until then it is sent again: the queue may lose it.
 */
import type { Price } from '../engine/vocabulary.ts';
import type { CountedSql } from '../objects/counted-sql.ts';
import { resendAfterMs } from '../objects/resend.ts';

/** Pages of a price drop are numbered from 0, those of other news from here: both may be of one version. */
export const FIRST_NEWS_PAGE = 1_000_000;

/** Which of the two walks through a shard. */
export type Walk = 'drop' | 'news';

export interface Page {
  version: number;
  page: number;
  watchers: { profile: string; reference: Price | null }[];
}

export function createPages(sql: CountedSql): void {
  sql.all(
    `CREATE TABLE IF NOT EXISTS pages (version INTEGER NOT NULL, page INTEGER NOT NULL, attempts INTEGER NOT NULL,
     due_at INTEGER NOT NULL, watchers TEXT NOT NULL, PRIMARY KEY (version, page)) WITHOUT ROWID`,
  );
}

/** A page that is about to be sent for the first time. */
export function addPage(sql: CountedSql, page: Page, now: number): void {
  sql.all(
    'INSERT INTO pages (version, page, attempts, due_at, watchers) VALUES (?, ?, 1, ?, ?)',
    page.version,
    page.page,
    now + resendAfterMs(1),
    JSON.stringify(page.watchers),
  );
}

/** The pages that nobody settled in time; each is due again later, as it is about to be sent. */
export function takeDuePages(sql: CountedSql, now: number, limit: number): Page[] {
  const due = sql.all<{ version: number; page: number; attempts: number; watchers: string }>(
    'SELECT version, page, attempts, watchers FROM pages WHERE due_at <= ? ORDER BY version, page LIMIT ?',
    now,
    limit,
  );
  return due.map(({ version, page, attempts, watchers }) => {
    sql.all(
      'UPDATE pages SET attempts = ?, due_at = ? WHERE version = ? AND page = ?',
      attempts + 1,
      now + resendAfterMs(attempts + 1),
      version,
      page,
    );
    return { version, page, watchers: JSON.parse(watchers) as Page['watchers'] };
  });
}

export function hasPage(sql: CountedSql, version: number, page: number): boolean {
  return sql.all('SELECT 1 AS found FROM pages WHERE version = ? AND page = ?', version, page).length > 0;
}

/** Settled: everybody on it has heard. */
export function removePage(sql: CountedSql, version: number, page: number): void {
  sql.all('DELETE FROM pages WHERE version = ? AND page = ?', version, page);
}

/** The others on its pages still hear of the change. */
export function forgetOnPages(sql: CountedSql, profile: string): void {
  const rows = sql.all<{ version: number; page: number; watchers: string }>(
    'SELECT version, page, watchers FROM pages WHERE instr(watchers, ?) > 0',
    profile,
  );
  for (const { version, page, watchers } of rows) {
    const others = (JSON.parse(watchers) as Page['watchers']).filter((one) => one.profile !== profile);
    sql.all(
      'UPDATE pages SET watchers = ? WHERE version = ? AND page = ?',
      JSON.stringify(others),
      version,
      page,
    );
  }
}

/** What a newer price has overtaken isn't told any more. */
export function dropPages(sql: CountedSql, walk: Walk): void {
  sql.all('DELETE FROM pages WHERE (page >= ?) = ?', FIRST_NEWS_PAGE, Number(walk === 'news'));
}

export function hasPages(sql: CountedSql, walk: Walk): boolean {
  return (
    sql.all(
      'SELECT 1 AS found FROM pages WHERE (page >= ?) = ? LIMIT 1',
      FIRST_NEWS_PAGE,
      Number(walk === 'news'),
    ).length > 0
  );
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
