import type { ItemChange, ItemSnapshot, Price } from '../engine/vocabulary.ts';
import type { CountedSql } from '../objects/counted-sql.ts';
import type { PriceSince } from './price-history.ts';
import type { FanOutCursor, NewsCursor } from './watcher-store.ts';

/** What a watcher shard knows of its item: one row. It exists from the first watch on. */
export interface Standing {
  v: 1;
  item: ItemSnapshot | null;
  version: number;
  changedAt: number;
  prices: PriceSince[];
  /** The item's first price: the reference of all who began to watch before it. */
  adopted: Price | null;
  /** The change that watchers are being told of, or were last. */
  fanOut: FanOut | null;
  /** The same of what isn't its price. */
  news?: NewsWalk | null;
  /** When the item last came back in stock. */
  restockedAt?: number;
  split?: Split;
  /** Of its subscription. Without one, a change has come while nobody had subscribed yet: it may not be told of the next. */
  ticket?: number;
}

/** A shard that is being split, has been, or is yet to take over from one that is: see `split.ts`. */
export type Split =
  /** Up to and with `cursor`, the rows are with the children. */
  | { phase: 'copying'; cursor: FanOutCursor }
  | { phase: 'handing' }
  | { phase: 'split' }
  | { phase: 'waiting' };

export interface NewsWalk {
  change: ItemChange;
  /** Whom it concerns, as bits (`interest.ts`). */
  relations: number;
  nextPage: number;
  /** The last watcher on a page; null when all are. */
  cursor: NewsCursor | null;
}

export interface FanOut {
  change: ItemChange;
  nextPage: number;
  /** The last watcher on a page; null when all are. */
  cursor: FanOutCursor | null;
}

/** To be kept through every change: without it the shard would subscribe again. */
export function ticketOf({ ticket }: { ticket?: number }): { ticket?: number } {
  return ticket === undefined ? {} : { ticket };
}

/** Of a shard that has heard nothing yet. */
export function unseen(): Standing {
  return { v: 1, item: null, version: 0, changedAt: 0, prices: [], adopted: null, fanOut: null };
}

export function readStanding(sql: CountedSql): Standing | null {
  const [row] = sql.all<{ body: string }>('SELECT body FROM standing WHERE id = 1');
  return row === undefined ? null : (JSON.parse(row.body) as Standing);
}

export function writeStanding(sql: CountedSql, standing: Standing): void {
  sql.all(
    'INSERT INTO standing (id, body) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body',
    JSON.stringify(standing),
  );
}

/** The shard is as one that nobody has ever watched. */
export function removeStanding(sql: CountedSql): void {
  sql.all('DELETE FROM standing');
}

export function createStanding(sql: CountedSql): void {
  sql.all('CREATE TABLE IF NOT EXISTS standing (id INTEGER PRIMARY KEY, body TEXT NOT NULL)');
}
