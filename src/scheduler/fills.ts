/**
 * Back-fills of segments that are new, changed, or no longer needed: everybody is told to ask anew. One walk through the
 * registry at a time, and one event a profile, serve all segments that are due when it begins; what changes meanwhile
 * waits for the next. The walk is a broadcast like any other: durable where it stands, page by page.
 *
 *     waiting (until the change is in force everywhere) → walking → done
 *
 * Everything here is synchronous and to be called in a transaction.
 */
import { neededSegments } from '../engine/compile/compile-config.ts';
import type { LiveDocuments } from '../engine/config.ts';
import { SEGMENTS } from '../engine/segments/memberships.ts';
import type { CountedSql } from '../objects/counted-sql.ts';
import type { FillProgress } from '../protocol/rpc.ts';
import { REGISTRY_SHARDS } from '../protocol/stubs.ts';
import { putBroadcast, readBroadcasts } from './broadcast-store.ts';
import { putFill, readFills, removeFill } from './fill-store.ts';

export interface NeededSegment {
  id: string;
  version: number;
}

/** Those that profiles keep. */
export function segmentsOf(live: LiveDocuments): NeededSegment[] {
  const needed = neededSegments(live);
  return live.segments
    .map(({ document: { id }, version }) => ({ id, version }))
    .filter(({ id }) => needed.has(id));
}

/** Takes over which segments are needed now, each in its version. */
export function takeFills(sql: CountedSql, needed: NeededSegment[], readyAt: number): void {
  const wanted = new Map(needed.map(({ id, version }) => [id, version]));
  for (const { segment, version } of readFills(sql)) {
    const now = wanted.get(segment) ?? 0;
    if (now !== version) putFill(sql, { segment, version: now, readyAt, walkAt: null, doneAt: null });
    wanted.delete(segment);
  }
  for (const [segment, version] of wanted) {
    putFill(sql, { segment, version, readyAt, walkAt: null, doneAt: null });
  }
}

/** Ends the walk that is over, and begins one where some are due and none is under way. */
export function moveFills(sql: CountedSql, now: number): void {
  const walk = readBroadcasts(sql).find(({ trigger }) => trigger === SEGMENTS);
  for (const fill of readFills(sql)) {
    if (fill.walkAt === null || fill.doneAt !== null || fill.walkAt === walk?.instantAt) continue;
    if (fill.version === 0) removeFill(sql, fill.segment);
    else putFill(sql, { ...fill, doneAt: now });
  }
  const due = walk ? [] : waiting(sql).filter(({ readyAt }) => readyAt <= now);
  if (due.length === 0) return;
  putBroadcast(sql, { trigger: SEGMENTS, instantAt: now, walk: { shard: 0, after: null }, nextPage: 0 });
  for (const fill of due) putFill(sql, { ...fill, walkAt: now });
}

/** When the next walk may begin; null where none is waited for, or one is under way. */
export function nextFillAt(sql: CountedSql, now: number): number | null {
  if (readBroadcasts(sql).some(({ trigger }) => trigger === SEGMENTS)) return null;
  const fills = readFills(sql);
  // The walk that has just ended is to be noted.
  if (fills.some(({ walkAt, doneAt }) => walkAt !== null && doneAt === null)) return now;
  const times = waiting(sql).map(({ readyAt }) => readyAt);
  return times.length === 0 ? null : Math.min(...times);
}

/** Null where the segment isn't kept by anybody. */
export function fillProgress(sql: CountedSql, segment: string): FillProgress | null {
  const fill = readFills(sql).find((one) => one.segment === segment);
  if (!fill || fill.version === 0) return null;
  const { version, walkAt, doneAt } = fill;
  if (doneAt !== null) return { version, state: 'done', share: 1, doneAt };
  if (walkAt === null) return { version, state: 'waiting', share: 0, doneAt };
  const broadcast = readBroadcasts(sql).find((one) => one.trigger === SEGMENTS && one.instantAt === walkAt);
  const share = broadcast?.walk ? broadcast.walk.shard / REGISTRY_SHARDS : 1;
  return { version, state: 'walking', share, doneAt };
}

function waiting(sql: CountedSql) {
  return readFills(sql).filter(({ walkAt }) => walkAt === null);
}
