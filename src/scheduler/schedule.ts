/**
 * What the scheduler knows, and how it changes. Everything here is synchronous and to be called in a transaction.
 *
 *     plan (its next instant lies ahead) → broadcast (walks through the registry; its pages leave) → over
 *
 * A trigger has one broadcast under way at a time; what comes due meanwhile waits for it. One that is no longer live ends
 * at once, with whatever of it has not left.
 */

import { SEGMENTS } from '../engine/segments/memberships.ts';
import { DAY_MS, SECOND_MS } from '../engine/time/duration.ts';
import type { CountedSql } from '../objects/counted-sql.ts';
import { MOST_PAGES_OUT } from '../objects/resend.ts';
import {
  addPage,
  type Broadcast,
  nextPageDueAt,
  type Page,
  pagesOut,
  putBroadcast,
  readBroadcasts,
  removeBroadcast,
  type Walk,
} from './broadcast-store.ts';
import { nextFillAt } from './fills.ts';
import { type KnownPlan, putPlan, readPlans, removePlan } from './plan-store.ts';
import { hasInstant, instantToTell, type LivePlan, nextInstant, planKey } from './plans.ts';

const PROFILES_PER_PAGE = 200;
/** A change of the configuration is in force everywhere after this. */
export const IN_FORCE_MS = 10 * SECOND_MS;
/** What nobody has settled by then is given up: it would start nothing any more. */
const GIVE_UP_MS = DAY_MS;

/** Takes over what is in force now. A plan that is new has no instant before `since`, when it can first have been live. */
export function takePlans(sql: CountedSql, live: LivePlan[], since: number, now: number): void {
  const wanted = new Map(live.map((plan) => [planKey(plan), plan]));
  for (const plan of readPlans(sql)) if (!wanted.delete(planKey(plan))) removePlan(sql, plan);
  for (const { activatedAt, ...plan } of wanted.values()) {
    const nextAt = nextInstant(plan, Math.max(since, activatedAt));
    putPlan(sql, { ...plan, nextAt, readyAt: now + IN_FORCE_MS });
  }
  for (const broadcast of readBroadcasts(sql)) {
    // A back-fill has no instant that could be missed.
    if (broadcast.trigger === SEGMENTS) continue;
    const isMeant = live.some(
      (plan) => plan.trigger === broadcast.trigger && hasInstant(plan, broadcast.instantAt),
    );
    if (!isMeant || now - broadcast.instantAt > GIVE_UP_MS) removeBroadcast(sql, broadcast);
  }
}

/** Begins what is due. */
export function beginBroadcasts(sql: CountedSql, now: number): void {
  const busy = new Set(readBroadcasts(sql).map(({ trigger }) => trigger));
  for (const plan of readPlans(sql)) {
    if (busy.has(plan.trigger) || plan.nextAt === null || dueAtOf(plan) > now) continue;
    const instantAt = instantToTell(plan, plan.nextAt, now);
    if (instantAt !== null) {
      putBroadcast(sql, {
        trigger: plan.trigger,
        instantAt,
        walk: { shard: 0, after: null },
        nextPage: 0,
      });
      busy.add(plan.trigger);
    }
    putPlan(sql, { ...plan, nextAt: plan.everyMs === 0 ? null : nextInstant(plan, now + 1) });
  }
}

/** The oldest broadcast that has not reached everybody; null too while enough pages are out. */
export function unfinished(sql: CountedSql): (Broadcast & { walk: Walk }) | null {
  if (pagesOut(sql) > MOST_PAGES_OUT) return null;
  for (const broadcast of readBroadcasts(sql)) {
    if (broadcast.walk !== null) return { ...broadcast, walk: broadcast.walk };
  }
  return null;
}

/** Commits a stretch of a broadcast's walk with its pages; none where it was ended, or has moved, meanwhile. */
export function takeStretch(
  sql: CountedSql,
  before: Broadcast & { walk: Walk },
  { keys, walk }: { keys: string[]; walk: Walk | null },
  now: number,
): Page[] {
  const { trigger, instantAt } = before;
  const standing = unfinishedOf(sql, before);
  if (standing?.walk.shard !== before.walk.shard || standing.walk.after !== before.walk.after) return [];
  const pages: Page[] = [];
  for (let at = 0; at < keys.length; at += PROFILES_PER_PAGE) {
    const page = before.nextPage + pages.length;
    pages.push({ trigger, instantAt, page, profiles: keys.slice(at, at + PROFILES_PER_PAGE) });
  }
  for (const page of pages) addPage(sql, page, now);
  const nextPage = before.nextPage + pages.length;
  // Its pages may all be settled already: then nothing of it is left.
  if (walk === null && pages.length === 0 && !hasPagesOf(sql, before)) removeBroadcast(sql, before);
  else putBroadcast(sql, { trigger, instantAt, walk, nextPage });
  return pages;
}

/** When there is something to do; null where nothing is planned or under way. A walk goes on at `walkAt` or after. */
export function nextDueAt(sql: CountedSql, now: number, walkAt: number): number | null {
  const broadcasts = readBroadcasts(sql);
  const busy = new Set(broadcasts.map(({ trigger }) => trigger));
  const times = [
    ...(unfinished(sql) ? [Math.max(now, walkAt)] : []),
    ...readPlans(sql)
      .filter(({ trigger, nextAt }) => nextAt !== null && !busy.has(trigger))
      .map(dueAtOf),
  ];
  const fillAt = nextFillAt(sql, now);
  if (fillAt !== null) times.push(fillAt);
  const pageDueAt = nextPageDueAt(sql);
  if (pageDueAt !== null) times.push(pageDueAt);
  return times.length === 0 ? null : Math.min(...times);
}

function dueAtOf({ nextAt, readyAt }: KnownPlan): number {
  return Math.max(nextAt ?? 0, readyAt);
}

function unfinishedOf(sql: CountedSql, { trigger, instantAt }: Broadcast) {
  const found = readBroadcasts(sql).find((one) => one.trigger === trigger && one.instantAt === instantAt);
  return found?.walk ? { ...found, walk: found.walk } : null;
}

function hasPagesOf(sql: CountedSql, { trigger, instantAt }: Broadcast): boolean {
  const rows = sql.all(
    'SELECT 1 AS found FROM pages WHERE "trigger" = ? AND instant_at = ? LIMIT 1',
    trigger,
    instantAt,
  );
  return rows.length > 0;
}
