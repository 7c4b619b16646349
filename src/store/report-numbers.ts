/** Rows of a trigger's report, folded into numbers: of all, of each variant, of each channel, of each goal. */
import { REACTIONS, type ReactionKind } from '../engine/reporting/report-facts.ts';
import {
  DELIVERY_STATUSES,
  type DeliveryStatus,
  statusOfRank,
  statusRank,
  wasSent,
} from './delivery-status.ts';

/** Of all, or of one arm or channel. Rates are null where nothing could be counted. */
export interface TriggerNumbers {
  /** Messages made, by where they stand now. */
  statuses: Record<DeliveryStatus, number>;
  /** Those that a provider took: they have left. */
  sent: number;
  /** In-app messages and cards: put where the app finds them. No provider takes them, so they are never `sent`. */
  offered: number;
  /** Of those offered: the app hasn't shown them yet, and still may. */
  waiting: number;
  /** Known to have arrived; many channels never say. */
  delivered: number;
  /** On screen, opened or clicked. */
  shown: number;
  clicked: number;
  dismissed: number;
  /** Clicked ÷ shown. */
  clickToOpen: number | null;
  /** Converted ÷ (sent + offered). */
  conversionRate: number | null;
  /** Of messages older than 72 hours (in the app those that were offered, elsewhere those that were sent): opened within those. */
  openRate72h: number | null;
  /** Left within a day after a message; and without one, in the hold-out. */
  reactions: Record<ReactionKind, number>;
  heldOutReactions: Record<ReactionKind, number>;
  /** Goals met after a message that has the credit, and what they were worth in the workspace's currency. */
  converted: number;
  value: number;
  /** What was worth something in other currencies. */
  otherValues: Record<string, number>;
  /** Messages that the hold-out would have got, and the goals that it met all the same. */
  heldOut: number;
  heldOutConverted: number;
  heldOutValue: number;
}

export interface GoalNumbers {
  /** Goals met, whichever trigger has the credit. */
  converted: number;
  value: number;
  heldOutConverted: number;
  heldOutValue: number;
}

export interface TriggerReport extends TriggerNumbers {
  currency: string;
  /** People for whom a message was decided, the hold-out among them. */
  entered: number;
  /** Messages that were decided and then neither sent nor shown, by why. */
  skipped: Record<string, number>;
  perVariant: Record<string, TriggerNumbers>;
  perChannel: Record<string, TriggerNumbers>;
  /** Where it is a report of all triggers. */
  perTrigger?: Record<string, TriggerNumbers>;
  perGoal: Record<string, GoalNumbers>;
}

interface Arm {
  trigger_id: string;
  variant: string | null;
  /** Null in conversions that an older build told of. */
  channel: string | null;
}
export interface DeliveryRow extends Arm {
  channel: string;
  status: number;
  reason: string;
  n: number;
  dismissed: number;
  judged: number | null;
  opened: number | null;
}
export interface HoldoutRow extends Arm {
  n: number;
}
export interface ReactionRow extends Arm {
  kind: string;
  held_out: number;
  n: number;
}
export interface ConversionRow extends Arm {
  goal: string;
  held_out: number;
  credited: number;
  currency: string | null;
  n: number;
  value: number | null;
}
export interface PeopleRow {
  n: number;
}

export interface ReportRows {
  deliveries: DeliveryRow[];
  holdouts: HoldoutRow[];
  conversions: ConversionRow[];
  reactions: ReactionRow[];
  people: PeopleRow[];
}

/** While they are folded. */
interface Counting extends TriggerNumbers {
  judged: number;
  opened: number;
}

export function foldReport(rows: ReportRows, currency: string): TriggerReport {
  const counters = new Counters();
  counters.count(rows.deliveries, addDeliveries);
  counters.count(rows.holdouts, (numbers, { n }) => {
    numbers.heldOut += n;
  });
  counters.count(rows.reactions, addReactions);
  const credited = rows.conversions.filter((row) => row.credited === 1);
  counters.count(credited, (numbers, row) => addConversions(numbers, row, currency));
  const perGoal = new Map<string, GoalNumbers>();
  for (const row of rows.conversions) addGoals(sectionOf(perGoal, row.goal, noGoals), row, currency);
  return {
    ...finished(counters.all),
    currency,
    entered: rows.people[0]?.n ?? 0,
    skipped: skippedOf(rows.deliveries),
    perVariant: finishedAll(counters.perVariant),
    perChannel: finishedAll(counters.perChannel),
    perTrigger: finishedAll(counters.perTrigger),
    perGoal: Object.fromEntries(perGoal),
  };
}

/** The numbers that a row counts towards. */
class Counters {
  readonly all = nothing();
  readonly perVariant = new Map<string, Counting>();
  readonly perChannel = new Map<string, Counting>();
  readonly perTrigger = new Map<string, Counting>();

  count<Row extends Arm>(rows: Row[], add: (numbers: Counting, row: Row) => void): void {
    for (const row of rows) for (const numbers of this.#of(row)) add(numbers, row);
  }

  #of({ trigger_id: trigger, variant, channel }: Arm): Counting[] {
    const counting = [this.all, sectionOf(this.perTrigger, trigger, nothing)];
    if (variant !== null) counting.push(sectionOf(this.perVariant, variant, nothing));
    if (channel !== null) counting.push(sectionOf(this.perChannel, channel, nothing));
    return counting;
  }
}

function skippedOf(rows: DeliveryRow[]): Record<string, number> {
  const skipped: Record<string, number> = {};
  for (const { status: rank, reason, n } of rows) {
    const status = statusOfRank(rank);
    if (rank < statusRank('cancelled') || wasSent(status)) continue;
    skipped[reason] = (skipped[reason] ?? 0) + n;
  }
  return skipped;
}

function finishedAll(sections: Map<string, Counting>): Record<string, TriggerNumbers> {
  return Object.fromEntries([...sections].map(([name, counting]) => [name, finished(counting)]));
}

function sectionOf<T>(sections: Map<string, T>, name: string, make: () => T): T {
  const known = sections.get(name);
  const section = known ?? make();
  if (!known) sections.set(name, section);
  return section;
}

function addDeliveries(numbers: Counting, row: DeliveryRow): void {
  const { channel, n, dismissed, judged, opened } = row;
  const status = statusOfRank(row.status);
  numbers.statuses[status] += n;
  if (channel === 'in_app' || channel === 'card') {
    numbers.offered += n;
    if (status === 'queued') numbers.waiting += n;
  } else if (wasSent(status)) numbers.sent += n;
  if (statusRank(status) >= statusRank('delivered')) numbers.delivered += n;
  if (status === 'shown' || status === 'clicked') numbers.shown += n;
  if (status === 'clicked') numbers.clicked += n;
  numbers.dismissed += dismissed;
  numbers.judged += judged ?? 0;
  numbers.opened += opened ?? 0;
}

function addReactions(numbers: Counting, { kind, held_out: isHeldOut, n }: ReactionRow): void {
  const counts = isHeldOut ? numbers.heldOutReactions : numbers.reactions;
  if (Object.hasOwn(counts, kind)) counts[kind as ReactionKind] += n;
}

function addGoals(numbers: GoalNumbers, row: ConversionRow, currency: string): void {
  const value = (row.currency ?? currency) === currency ? (row.value ?? 0) : 0;
  if (row.held_out) {
    numbers.heldOutConverted += row.n;
    numbers.heldOutValue += value;
  } else {
    numbers.converted += row.n;
    numbers.value += value;
  }
}

function addConversions(numbers: Counting, row: ConversionRow, currency: string): void {
  addGoals(numbers, row, currency);
  const { currency: named, value, held_out: isHeldOut } = row;
  if (!isHeldOut && value !== null && named !== null && named !== currency) {
    numbers.otherValues[named] = (numbers.otherValues[named] ?? 0) + value;
  }
}

function finished({ judged, opened, ...numbers }: Counting): TriggerNumbers {
  return {
    ...numbers,
    clickToOpen: rateOf(numbers.clicked, numbers.shown),
    conversionRate: rateOf(numbers.converted, numbers.sent + numbers.offered),
    openRate72h: rateOf(opened, judged),
  };
}

function rateOf(part: number, whole: number): number | null {
  return whole > 0 ? part / whole : null;
}

function noGoals(): GoalNumbers {
  return { converted: 0, value: 0, heldOutConverted: 0, heldOutValue: 0 };
}

function noReactions(): Record<ReactionKind, number> {
  return Object.fromEntries(REACTIONS.map((kind) => [kind, 0])) as Record<ReactionKind, number>;
}

function nothing(): Counting {
  return {
    statuses: Object.fromEntries(
      DELIVERY_STATUSES.map((status) => [status, 0]),
    ) as TriggerNumbers['statuses'],
    ...{ sent: 0, offered: 0, waiting: 0, delivered: 0, shown: 0, clicked: 0, dismissed: 0 },
    ...{ clickToOpen: null, conversionRate: null, openRate72h: null },
    reactions: noReactions(),
    heldOutReactions: noReactions(),
    ...{ converted: 0, value: 0, otherValues: {}, heldOut: 0, heldOutConverted: 0, heldOutValue: 0 },
    ...{ judged: 0, opened: 0 },
  };
}
