/**
 * What became of a trigger's messages, in numbers: deliveries by where they stand, conversions, and the hold-out beside
 * them. Reads one row a message, so that a long-lived trigger is better asked for a span.
 */
import { DELIVERY_STATUSES, type DeliveryStatus, statusOfRank, wasSent } from './delivery-status.ts';

/** Of all, or of one arm of the experiment. */
export interface TriggerNumbers {
  /** Messages made, by where they stand now. */
  statuses: Record<DeliveryStatus, number>;
  /** Those that left; in the app, that were on screen. */
  sent: number;
  shown: number;
  clicked: number;
  /** Goals met after a message, and what they were worth. */
  converted: number;
  value: number;
  /** Messages that the hold-out would have got, and the goals that it met all the same. */
  heldOut: number;
  heldOutConverted: number;
  heldOutValue: number;
}

export interface TriggerReport extends TriggerNumbers {
  perVariant: Record<string, TriggerNumbers>;
  perGoal: Record<string, Pick<TriggerNumbers, 'converted' | 'value' | 'heldOutConverted' | 'heldOutValue'>>;
}

/** By when the message was decided: `fromAt` ≤ then < `toAt`. */
export interface ReportSpan {
  fromAt: number;
  toAt: number;
}

interface DeliveryRow {
  variant: string | null;
  status: number;
  n: number;
}
interface HoldoutRow {
  variant: string | null;
  n: number;
}
interface ConversionRow {
  variant: string | null;
  goal: string;
  held_out: number;
  n: number;
  value: number | null;
}

export async function readTriggerReport(
  db: D1Database,
  trigger: string,
  { fromAt, toAt }: ReportSpan,
): Promise<TriggerReport> {
  const [deliveries, holdouts, conversions] = await db.batch<DeliveryRow | HoldoutRow | ConversionRow>([
    db
      .prepare(
        `SELECT variant, status, COUNT(*) AS n FROM deliveries
         WHERE trigger_id = ?1 AND created_at >= ?2 AND created_at < ?3 AND test = 0 GROUP BY variant, status`,
      )
      .bind(trigger, fromAt, toAt),
    db
      .prepare(
        `SELECT variant, COUNT(*) AS n FROM holdouts
         WHERE trigger_id = ?1 AND held_out_at >= ?2 AND held_out_at < ?3 GROUP BY variant`,
      )
      .bind(trigger, fromAt, toAt),
    db
      .prepare(
        `SELECT variant, goal, held_out, COUNT(*) AS n, SUM(value) AS value FROM conversions
         WHERE trigger_id = ?1 AND converted_at >= ?2 AND sent_at >= ?2 AND sent_at < ?3
         GROUP BY variant, goal, held_out`,
      )
      .bind(trigger, fromAt, toAt),
  ]);
  return reportOf(
    (deliveries?.results ?? []) as DeliveryRow[],
    (holdouts?.results ?? []) as HoldoutRow[],
    (conversions?.results ?? []) as ConversionRow[],
  );
}

function reportOf(
  deliveries: DeliveryRow[],
  holdouts: HoldoutRow[],
  conversions: ConversionRow[],
): TriggerReport {
  const report: TriggerReport = { ...noNumbers(), perVariant: {}, perGoal: {} };
  for (const row of deliveries) {
    for (const numbers of numbersFor(report, row.variant)) addDeliveries(numbers, row);
  }
  for (const row of holdouts) for (const numbers of numbersFor(report, row.variant)) numbers.heldOut += row.n;
  for (const row of conversions) {
    report.perGoal[row.goal] ??= { converted: 0, value: 0, heldOutConverted: 0, heldOutValue: 0 };
    const ofGoal = report.perGoal[row.goal];
    for (const numbers of [...numbersFor(report, row.variant), ...(ofGoal ? [ofGoal] : [])]) {
      addConversions(numbers, row);
    }
  }
  return report;
}

/** The whole, and the arm where there is one. */
function numbersFor(report: TriggerReport, variant: string | null): TriggerNumbers[] {
  if (variant === null) return [report];
  report.perVariant[variant] ??= noNumbers();
  const own = report.perVariant[variant];
  return own ? [report, own] : [report];
}

function addDeliveries(numbers: TriggerNumbers, { status: rank, n }: DeliveryRow): void {
  const status = statusOfRank(rank);
  numbers.statuses[status] += n;
  if (wasSent(status)) numbers.sent += n;
  if (status === 'shown' || status === 'clicked') numbers.shown += n;
  if (status === 'clicked') numbers.clicked += n;
}

function addConversions(
  numbers: TriggerReport['perGoal'][string],
  { held_out: isHeldOut, n, value }: ConversionRow,
): void {
  if (isHeldOut) {
    numbers.heldOutConverted += n;
    numbers.heldOutValue += value ?? 0;
  } else {
    numbers.converted += n;
    numbers.value += value ?? 0;
  }
}

function noNumbers(): TriggerNumbers {
  const statuses = Object.fromEntries(DELIVERY_STATUSES.map((status) => [status, 0]));
  return {
    statuses: statuses as TriggerNumbers['statuses'],
    sent: 0,
    shown: 0,
    clicked: 0,
    converted: 0,
    value: 0,
    heldOut: 0,
    heldOutConverted: 0,
    heldOutValue: 0,
  };
}
