/**
 * The workspace's people: who is active on which day, who comes back after how many weeks, how far they get on the journey.
 * Reads the rows of the days and entries asked for, and no others.
 */
import { JOURNEY_STAGES, type JourneyStage } from '../engine/reporting/report-facts.ts';

/** Days since 1970-01-01 on the workspace's clock: `from` ≤ day < `to`. */
export interface DaySpan {
  from: number;
  to: number;
}

export interface AudienceReport {
  days: { day: number; active: number }[];
  /** By the week of a person's first active day: how many there were, and how many were active so many weeks later. */
  cohorts: { week: number; people: number; activeAfter: number[] }[];
  /** Of who entered in the span: how many reached the stage, and how many of those who had reached the one before. */
  journey: { stage: JourneyStage; reached: number; ofPrevious: number | null }[];
}

/** ISO weeks since that of 1970-01-01, which began on Monday 1969-12-29. */
export function weekOf(day: number): number {
  return Math.floor((day + 3) / 7);
}

const DAYS = `SELECT day, COUNT(*) AS active FROM active_days WHERE day >= ?1 AND day < ?2 GROUP BY day ORDER BY day`;

/** Who was two people until a merge has two first days; the earlier is true. */
const COHORTS = `
SELECT cohort, week, COUNT(*) AS n FROM (
  SELECT DISTINCT profile_key, (day + 3) / 7 AS week, MIN((first_day + 3) / 7) OVER (PARTITION BY profile_key) AS cohort
  FROM active_days WHERE day >= ?1 AND day < ?2
)
WHERE cohort >= (?1 + 3) / 7 GROUP BY cohort, week`;

/** The stages that each person has reached, as bits, and how many people there are of each kind: at most 64 rows. */
const JOURNEYS = `
SELECT stages, COUNT(*) AS n FROM (
  SELECT SUM(1 << s.stage) AS stages FROM journey_stages AS e INDEXED BY journeys_by_entry
  JOIN journey_stages AS s ON s.profile_key = e.profile_key
  WHERE e.stage = 0 AND e.reached_at >= ?1 AND e.reached_at < ?2 GROUP BY e.profile_key
)
GROUP BY stages`;

/** `enteredFromAt` and `enteredToAt`: the instants at which the span's days begin and end. */
export async function readAudience(
  db: D1Database,
  { from, to }: DaySpan,
  entered: { fromAt: number; toAt: number },
): Promise<AudienceReport> {
  const [days, cohorts, journeys] = (
    await db.batch<unknown>([
      db.prepare(DAYS).bind(from, to),
      db.prepare(COHORTS).bind(from, to),
      db.prepare(JOURNEYS).bind(entered.fromAt, entered.toAt),
    ])
  ).map((one) => one.results);
  return {
    days: days as AudienceReport['days'],
    cohorts: cohortsOf(cohorts as CohortRow[], weekOf(to - 1)),
    journey: journeyOf(journeys as JourneyRow[]),
  };
}

interface CohortRow {
  cohort: number;
  week: number;
  n: number;
}
interface JourneyRow {
  stages: number;
  n: number;
}

function cohortsOf(rows: CohortRow[], lastWeek: number): AudienceReport['cohorts'] {
  const weeks = [...new Set(rows.map(({ cohort }) => cohort))].sort((a, b) => a - b);
  return weeks.map((week) => {
    const own = new Map(rows.filter(({ cohort }) => cohort === week).map((row) => [row.week, row.n]));
    const activeAfter = Array.from({ length: lastWeek - week + 1 }, (_, i) => own.get(week + i) ?? 0);
    return { week, people: activeAfter[0] ?? 0, activeAfter };
  });
}

function journeyOf(rows: JourneyRow[]): AudienceReport['journey'] {
  const countOf = (bits: number) =>
    rows.filter(({ stages }) => (stages & bits) === bits).reduce((sum, { n }) => sum + n, 0);
  return JOURNEY_STAGES.map((stage, i) => ({
    stage,
    reached: countOf(1 << i),
    ofPrevious: i === 0 ? null : countOf((1 << i) | (1 << (i - 1))),
  }));
}
