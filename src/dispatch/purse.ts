/**
 * The money that this isolate has in hand for each trigger with a budget, so that its limiter is asked once for the messages
 * of a batch instead of for each. What isn't needed goes to later messages for some seconds, and then back.
 *
 * Without an answer from the limiter nothing is sent: a budget that can't be asked is not exceeded either.
 */
import type { SpendRequest } from '../engine/limits/budget-ledger.ts';
import type { LimiterRpc } from '../protocol/rpc.ts';

interface Purse {
  day: string;
  left: number;
  untilAt: number;
}

/** An isolate's, by trigger. */
export type Purses = Map<string, Purse>;

export interface Price {
  trigger: string;
  day: string;
  /** Millionths of the budget's currency. */
  cost: number;
  perDay: number | null;
  total: number | null;
}

export type Payment = { kind: 'paid' } | { kind: 'refused'; limit: 'perDay' | 'total' } | { kind: 'unknown' };

interface PursesDeps {
  limiter(name: string): Pick<LimiterRpc, 'spend'>;
  now(): number;
}

const IN_HAND_MS = 5_000;
/** No lease is for more messages than this, whatever a batch holds. */
const MAX_MESSAGES = 100;
const MAX_PURSES = 1_000;

/** One batch's view: its messages share one question; batches share the money, never a promise. */
export class BatchPurses {
  readonly #purses: Purses;
  readonly #deps: PursesDeps;
  readonly #asking = new Map<string, Promise<Payment>>();
  readonly #waiting = new Map<string, number>();

  constructor(purses: Purses, deps: PursesDeps) {
    this.#purses = purses;
    this.#deps = deps;
  }

  async pay(price: Price): Promise<Payment> {
    for (;;) {
      const purse = this.#of(price.trigger);
      if (purse.day === price.day && this.#deps.now() < purse.untilAt && purse.left >= price.cost) {
        purse.left -= price.cost;
        return { kind: 'paid' };
      }
      const asked = await this.#ask(price);
      if (asked.kind !== 'paid') return asked;
    }
  }

  /** The message was not sent after all. */
  giveBack({ trigger, day, cost }: Price): void {
    const purse = this.#of(trigger);
    if (purse.day === day) purse.left += cost;
  }

  async #ask(price: Price): Promise<Payment> {
    const { trigger, cost } = price;
    this.#waiting.set(trigger, (this.#waiting.get(trigger) ?? 0) + cost);
    const asked = this.#asking.get(trigger);
    if (asked !== undefined) return asked;
    // The others of this batch come in the same turn.
    const asking = Promise.resolve().then(() => this.#call(price));
    this.#asking.set(trigger, asking);
    return asking;
  }

  async #call({ trigger, day, cost, perDay, total }: Price): Promise<Payment> {
    const wanted = Math.min(this.#waiting.get(trigger) ?? cost, MAX_MESSAGES * cost);
    this.#waiting.delete(trigger);
    this.#asking.delete(trigger);
    const purse = this.#of(trigger);
    const isOver = purse.day !== day || this.#deps.now() >= purse.untilAt;
    const returned = isOver && purse.left > 0 ? { day: purse.day, amount: purse.left } : null;
    // Brought back once, whether or not that is heard: twice would be money that isn't there.
    if (isOver) purse.left = 0;
    const request: SpendRequest = {
      day,
      perDay,
      total,
      wanted: Math.max(wanted, cost),
      unit: cost,
      returned,
    };
    try {
      const { granted, limit } = await this.#deps.limiter(`budget:${trigger}`).spend(request);
      if (granted === 0) return { kind: 'refused', limit: limit ?? 'total' };
      // Another batch may have asked meanwhile.
      purse.left = purse.day === day ? purse.left + granted : granted;
      purse.day = day;
      purse.untilAt = this.#deps.now() + IN_HAND_MS;
      return { kind: 'paid' };
    } catch {
      return { kind: 'unknown' };
    }
  }

  #of(trigger: string): Purse {
    const known = this.#purses.get(trigger);
    if (known) return known;
    if (this.#purses.size >= MAX_PURSES) this.#purses.clear();
    const purse: Purse = { day: '', left: 0, untilAt: 0 };
    this.#purses.set(trigger, purse);
    return purse;
  }
}
