/**
 * What has been given out of a trigger's budgets, for all who send its messages: `perDay` by the day, and `total`. A sender
 * takes money ahead for the messages that it has in hand, and brings back what it didn't need. Money counts as spent from the
 * moment that it is given: so no budget is ever exceeded, and what a sender that dies had in hand is lost to it, at most the
 * messages of one batch.
 *
 * Amounts are millionths of the budget's currency: whole numbers, for sums of fractions drift. Pure.
 */
export interface Ledger {
  /** `YYYY-MM-DD` → given on that day. */
  days: { [day: string]: number };
  total: number;
}

export interface SpendRequest {
  /** The workspace's, as the sender's clock has it. */
  day: string;
  /** As they are now; null without one. */
  perDay: number | null;
  total: number | null;
  /** For all messages in hand, and for the first of them: less than that is of no use. */
  wanted: number;
  unit: number;
  /** Taken earlier and not needed. */
  returned: { day: string; amount: number } | null;
}

/** `granted` 0: `limit` is used up. */
export type SpendResult = { granted: number; limit: 'perDay' | 'total' | null };

export const EMPTY_LEDGER: Ledger = { days: {}, total: 0 };

/** Clocks of senders differ by less than this many days. */
const DAYS_KEPT = 3;
const MILLION = 1_000_000;

export function toMillionths(amount: number): number {
  return Math.round(amount * MILLION);
}

export function takeMoney(ledger: Ledger, request: SpendRequest): { ledger: Ledger; result: SpendResult } {
  const before = withReturned(ledger, request.returned);
  const { day, perDay, total, wanted, unit } = request;
  const ofDay = perDay === null ? Number.POSITIVE_INFINITY : perDay - (before.days[day] ?? 0);
  const ofTotal = total === null ? Number.POSITIVE_INFINITY : total - before.total;
  const left = Math.min(ofDay, ofTotal);
  if (left < unit) {
    return { ledger: before, result: { granted: 0, limit: ofDay <= ofTotal ? 'perDay' : 'total' } };
  }
  const granted = Math.min(wanted, left);
  const days = { ...before.days, [day]: (before.days[day] ?? 0) + granted };
  return { ledger: { days: newest(days), total: before.total + granted }, result: { granted, limit: null } };
}

function withReturned(ledger: Ledger, returned: SpendRequest['returned']): Ledger {
  if (!returned) return ledger;
  const { day, amount } = returned;
  const ofDay = ledger.days[day];
  const days = ofDay === undefined ? ledger.days : { ...ledger.days, [day]: Math.max(0, ofDay - amount) };
  return { days, total: Math.max(0, ledger.total - amount) };
}

function newest(days: Ledger['days']): Ledger['days'] {
  return Object.fromEntries(Object.entries(days).sort().slice(-DAYS_KEPT));
}
