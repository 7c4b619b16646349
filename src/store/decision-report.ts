/**
 * What a trigger answered to whom, counted by reason from the decisions that D1 keeps: why people did not get it. A person is
 * counted once, under how it ended: the message that was made for them, else the last that was said. A visitor who has become a
 * user is that one person, where D1 is told of that (policy `reports`).
 *
 * No index leads from a trigger to its answers (it would be a row more for each of them), so what is read are all triggers'
 * answers in the span: at most `MOST_EVENTS`, the newest. What is older is not counted, and the report says since when it counts.
 */
import { FIRED, type Reason } from '../engine/reasons.ts';
import { DECISIONS_KEPT_MS } from './decisions.ts';

/** Events that any trigger answered: 400,000 rows read ($0.0004), 2.2 million ($0.0022) where this one answered all of them. */
const MOST_EVENTS = 200_000;

export interface Counted {
  decisions: number;
  people: number;
}

export interface DecisionReport {
  /** From when on they are counted; null where none of the span is kept. */
  sinceAt: number | null;
  decided: Counted;
  /** Of those: a message was made. */
  fired: Counted;
  /** Most decisions first. `people` add up to those of `decided`. */
  reasons: (Counted & { reason: Reason })[];
}

const NOTHING_KEPT: DecisionReport = {
  sinceAt: null,
  decided: { decisions: 0, people: 0 },
  fired: { decisions: 0, people: 0 },
  reasons: [],
};

const OLDEST = 'SELECT MIN(decided_at) AS at FROM decisions';
/** The newest that is too many. */
const CUT_OFF = `
SELECT decided_at AS at FROM decisions WHERE decided_at >= ?1 AND decided_at < ?2 ORDER BY decided_at DESC LIMIT 1 OFFSET ?3`;

/** Most rows are none of this trigger's: a look at the text spares taking it apart. */
const REASONS = `
WITH answers AS (
  SELECT coalesce(m.profile_key, d.profile_key) AS person, d.profile_key, d.fact_seq, d.decided_at, a.key AS place,
    a.value ->> 'reason' AS reason
  FROM decisions AS d CROSS JOIN json_each(d.answers) AS a LEFT JOIN merged_profiles AS m ON m.from_key = d.profile_key
  WHERE d.decided_at >= ?1 AND d.decided_at < ?2 AND instr(d.answers, '"' || ?3 || '"') > 0 AND a.value ->> 'trigger' = ?3
),
placed AS (
  SELECT reason, ROW_NUMBER() OVER (
    PARTITION BY person
    ORDER BY reason IN (SELECT value FROM json_each(?4)) DESC, decided_at DESC, profile_key DESC, fact_seq DESC, place DESC
  ) AS place FROM answers
)
SELECT reason, COUNT(*) AS decisions, SUM(place = 1) AS people FROM placed
GROUP BY reason ORDER BY decisions DESC, people DESC, reason`;

/** `fromAt` ≤ when it was decided < `toAt`. `mostEvents`: what may be read. */
export async function readDecisionReport(
  db: D1Database,
  trigger: string,
  { fromAt, toAt }: { fromAt: number; toAt: number },
  { now, mostEvents = MOST_EVENTS }: { now: number; mostEvents?: number },
): Promise<DecisionReport> {
  const from = Math.max(fromAt, now - DECISIONS_KEPT_MS);
  const [oldest, cutOff] = (
    await db.batch<{ at: number | null }>([
      db.prepare(OLDEST),
      db.prepare(CUT_OFF).bind(from, toAt, mostEvents),
    ])
  ).map(({ results }) => results[0]?.at ?? null);
  if (typeof oldest !== 'number') return NOTHING_KEPT;
  // Of a millisecond either all are counted or none.
  const sinceAt = Math.max(from, oldest, typeof cutOff === 'number' ? cutOff + 1 : 0);
  if (sinceAt >= toAt) return NOTHING_KEPT;
  const { results } = await db
    .prepare(REASONS)
    .bind(sinceAt, toAt, trigger, JSON.stringify(FIRED))
    .all<DecisionReport['reasons'][number]>();
  const fired = results.filter(({ reason }) => FIRED.includes(reason));
  return { sinceAt, decided: sumOf(results), fired: sumOf(fired), reasons: results };
}

function sumOf(some: readonly Counted[]): Counted {
  return {
    decisions: some.reduce((sum, { decisions }) => sum + decisions, 0),
    people: some.reduce((sum, { people }) => sum + people, 0),
  };
}
