/** The plans that are known, each with the instant that comes next. */
import type { CountedSql } from '../objects/counted-sql.ts';
import type { Plan } from './plans.ts';

export interface KnownPlan extends Plan {
  /** Null: it is over. */
  nextAt: number | null;
  /** Not begun before: until then, an isolate somewhere may not know that the trigger is live. */
  readyAt: number;
}

export function createPlans(sql: CountedSql): void {
  sql.all(
    `CREATE TABLE IF NOT EXISTS plans ("trigger" TEXT NOT NULL, first_at INTEGER NOT NULL, every_ms INTEGER NOT NULL,
     ends_at INTEGER NOT NULL, next_at INTEGER, ready_at INTEGER NOT NULL,
     PRIMARY KEY ("trigger", first_at, every_ms, ends_at)) WITHOUT ROWID`,
  );
}

export function readPlans(sql: CountedSql): KnownPlan[] {
  return sql
    .all<{
      trigger: string;
      first_at: number;
      every_ms: number;
      ends_at: number;
      next_at: number | null;
      ready_at: number;
    }>('SELECT "trigger", first_at, every_ms, ends_at, next_at, ready_at FROM plans')
    .map((row) => ({
      trigger: row.trigger,
      firstAt: row.first_at,
      everyMs: row.every_ms,
      endsAt: row.ends_at,
      nextAt: row.next_at,
      readyAt: row.ready_at,
    }));
}

export function putPlan(sql: CountedSql, plan: KnownPlan): void {
  sql.all(
    `INSERT INTO plans ("trigger", first_at, every_ms, ends_at, next_at, ready_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
     ON CONFLICT DO UPDATE SET next_at = ?5, ready_at = ?6`,
    plan.trigger,
    plan.firstAt,
    plan.everyMs,
    plan.endsAt,
    plan.nextAt,
    plan.readyAt,
  );
}

export function removePlan(sql: CountedSql, { trigger, firstAt, everyMs, endsAt }: Plan): void {
  sql.all(
    'DELETE FROM plans WHERE "trigger" = ? AND first_at = ? AND every_ms = ? AND ends_at = ?',
    trigger,
    firstAt,
    everyMs,
    endsAt,
  );
}
