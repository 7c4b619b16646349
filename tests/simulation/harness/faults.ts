/** What goes wrong, how often, while the seed's life is played. In the end nothing does any more. */
import type { Random } from './random.ts';
import type { CallFate } from './sim-d1.ts';

export type SendFate = CallFate | 'lost' | 'repeated';
export type ProviderFate =
  | 'accepted'
  | 'retry'
  | 'rejected'
  | 'answer_lost'
  | 'never_arrived'
  | 'throws_after'
  | 'throws_before';

export class Faults {
  active = true;
  /** D1 answers nobody until then. */
  d1OutUntil = Number.NEGATIVE_INFINITY;
  readonly #random: Random;
  readonly #share: number;

  constructor(random: Random) {
    this.#random = random;
    // Some seeds are nearly calm, some are a storm: both find bugs that the other doesn't.
    this.#share = random.pick([0.3, 1, 1, 3]);
  }

  /** At a commit: the process dies right before or right after it. */
  commit(): 'survives' | 'dies_before' | 'dies_after' {
    if (!this.#happens(0.012)) return 'survives';
    return this.#random.chance(0.5) ? 'dies_before' : 'dies_after';
  }

  statement(): void {
    if (this.#happens(0.004)) throw new Error('SQLITE_FULL: database or disk is full');
  }

  d1(now: number, isConfigRead: boolean): CallFate {
    if (this.active && now < this.d1OutUntil) return 'before';
    // Whether a change is in force within 10 s is measured: what delays it is an outage, which is known.
    return isConfigRead ? 'done' : this.#call(0.02);
  }

  rpc(): CallFate {
    return this.#call(0.02);
  }

  send(): SendFate {
    if (!this.#happens(0.12)) return 'done';
    return this.#random.pick(['lost', 'lost', 'repeated', 'repeated', 'before', 'after']);
  }

  provider(): ProviderFate {
    if (!this.#happens(0.2)) return 'accepted';
    return this.#random.pick([
      'retry',
      'retry',
      'rejected',
      'answer_lost',
      'never_arrived',
      'throws_after',
      'throws_before',
    ]);
  }

  #call(share: number): CallFate {
    if (!this.#happens(share)) return 'done';
    return this.#random.chance(0.5) ? 'before' : 'after';
  }

  #happens(share: number): boolean {
    return this.active && this.#random.chance(share * this.#share);
  }
}
