/**
 * What became of a trigger's messages, or of all triggers', in numbers: deliveries by where they stand, who left after
 * them, conversions, and the hold-out beside them. Every number counts rows whose keys are the facts' own, so that it is
 * the same however often and in whichever order they were told.
 *
 * Reads one index row a message, conversion and reaction in the span: what has lived long is better asked for a span.
 */
import {
  type ConversionRow,
  type DeliveryRow,
  foldReport,
  type HoldoutRow,
  type PeopleRow,
  type ReactionRow,
  type TriggerReport,
} from './report-numbers.ts';

/** By when the message was decided: `fromAt` ≤ then < `toAt`. */
export interface ReportSpan {
  fromAt: number;
  toAt: number;
}

export interface ReportContext {
  /** The workspace's: what values are summed in. */
  currency: string;
  now: number;
}

/** After so long, who hasn't opened a message won't. */
const OPEN_WITHIN_MS = 72 * 3_600_000;

/** When a message could be seen first: in the app at once, elsewhere when it was sent. */
const SEEN_FROM = `CASE WHEN channel IN ('in_app', 'card') THEN created_at ELSE sent_at END`;
/** A ghost that was held first left a row that waits for ever; it is counted as held out. */
const NO_GHOST = `(status > 30 OR NOT EXISTS (SELECT 1 FROM holdouts AS h WHERE h.id = deliveries.id))`;

const OF_ONE = 'trigger_id = ?1';
/** Each trigger's own stretch of the index: without it, a whole table would be read. */
const OF_ALL = `?1 IS NULL AND trigger_id IN (SELECT id FROM documents WHERE kind = 'trigger')`;

const queriesOf = (of: string) => ({
  deliveries: `
SELECT trigger_id, variant, channel, status, reason, COUNT(*) AS n, COUNT(dismissed_at) AS dismissed,
  SUM(${SEEN_FROM} <= ?4 - ${OPEN_WITHIN_MS}) AS judged,
  SUM(${SEEN_FROM} <= ?4 - ${OPEN_WITHIN_MS} AND shown_at < ${SEEN_FROM} + ${OPEN_WITHIN_MS}) AS opened
FROM deliveries
WHERE ${of} AND created_at >= ?2 AND created_at < ?3 AND test = 0 AND ${NO_GHOST}
GROUP BY trigger_id, variant, channel, status, reason`,
  holdouts: `
SELECT trigger_id, variant, channel, COUNT(*) AS n FROM holdouts
WHERE ${of} AND held_out_at >= ?2 AND held_out_at < ?3 GROUP BY trigger_id, variant, channel`,
  conversions: `
SELECT trigger_id, variant, channel, goal, held_out, credited, currency, COUNT(*) AS n, SUM(value) AS value FROM conversions
WHERE ${of} AND converted_at >= ?2 AND sent_at >= ?2 AND sent_at < ?3
GROUP BY trigger_id, variant, channel, goal, held_out, credited, currency`,
  reactions: `
SELECT trigger_id, variant, channel, kind, held_out, COUNT(*) AS n FROM reactions
WHERE ${of} AND sent_at >= ?2 AND sent_at < ?3 GROUP BY trigger_id, variant, channel, kind, held_out`,
  // A person is one, however many messages there were.
  people: `
SELECT COUNT(*) AS n FROM (
  SELECT profile_key FROM deliveries WHERE ${of} AND created_at >= ?2 AND created_at < ?3 AND test = 0
  UNION SELECT profile_key FROM holdouts WHERE ${of} AND held_out_at >= ?2 AND held_out_at < ?3
)`,
});

/** @param trigger null: of all */
export async function readTriggerReport(
  db: D1Database,
  trigger: string | null,
  { fromAt, toAt }: ReportSpan,
  { currency, now }: ReportContext,
): Promise<TriggerReport> {
  const queries = queriesOf(trigger === null ? OF_ALL : OF_ONE);
  const of = (sql: string) => db.prepare(sql).bind(trigger, fromAt, toAt);
  const results = await db.batch<unknown>([
    db.prepare(queries.deliveries).bind(trigger, fromAt, toAt, now),
    of(queries.holdouts),
    of(queries.conversions),
    of(queries.reactions),
    of(queries.people),
  ]);
  const [deliveries, holdouts, conversions, reactions, people] = results.map((one) => one.results);
  const report = foldReport(
    {
      deliveries: deliveries as DeliveryRow[],
      holdouts: holdouts as HoldoutRow[],
      conversions: conversions as ConversionRow[],
      reactions: reactions as ReactionRow[],
      people: people as PeopleRow[],
    },
    currency,
  );
  if (trigger === null) return report;
  const { perTrigger: _, ...own } = report;
  return own;
}
