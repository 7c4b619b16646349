/**
 * What a change of an item is to its topics: news (new, or cheaper), or the end of what was told of it a moment ago. It is
 * owed to all topics that the item was or is in with one row of the catalog's outbox, beside the rows of its watcher shards.
 */
import { isDrop, priceOf, samePrice } from '../engine/items/price.ts';
import { topicsOf } from '../engine/items/topics.ts';
import { LATE_MS } from '../engine/runs/happening.ts';
import { coalesce, type Previous } from './coalesce.ts';
import type { ItemRecord } from './item-record.ts';

/** In the place of a shard's name, which always has a colon. */
export const TOPICS = 'topics';

/** As `Previous`, with what topics need besides. */
export interface TopicsOwed extends Previous {
  topics: string[];
  isNew?: true;
}

export interface TopicsConcern {
  owed: TopicsOwed;
  /** It is news; else the end of what was news within the hour. */
  isNews: boolean;
}

/** Null: nothing to them. */
export function topicsConcerned(
  before: ItemRecord,
  after: ItemRecord,
  previous: Previous,
  imported: boolean,
): TopicsConcern | null {
  const [left, joined] = [before, after].map(({ item }) => (item === null ? [] : topicsOf(item)));
  const topics = [...new Set([...(left ?? []), ...(joined ?? [])])];
  if (topics.length === 0) return null;
  const [was, is] = [before, after].map(({ item }) => (item === null ? null : priceOf(item)));
  const isNew = before.version === 0 && after.item !== null && !imported;
  const isNews = isNew || isDrop(was ?? null, is ?? null);
  // News that is older starts nothing any more, whoever still hears of it.
  const wasNews = before.newsAt !== undefined && after.changedAt - before.newsAt <= LATE_MS;
  const isOver =
    after.item === null || !samePrice(was ?? null, is ?? null) || left?.join() !== joined?.join();
  if (!isNews && !(wasNews && isOver)) return null;
  return { owed: { ...previous, topics, ...(isNew && { isNew }) }, isNews };
}

/** Two changes owed as one: see `coalesce`. */
export function coalesceOwed(older: TopicsOwed, newer: TopicsOwed): TopicsOwed {
  return {
    ...coalesce(older, newer),
    topics: [...new Set([...older.topics, ...newer.topics])],
    ...((older.isNew || newer.isNew) && { isNew: true }),
  };
}
