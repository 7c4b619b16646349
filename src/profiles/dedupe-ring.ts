/**
 * Hashes of the newest 4,096 event ids, with the client's own time of each. A hash that is there only raises the
 * suspicion; whoever asks compares the id itself. `evictedUntil` is the newest client time among those that have fallen
 * out: only an event that claims to be older can be one of them.
 */
import { hash53 } from '../engine/hash.ts';

export const RING_SIZE = 4_096;

export class DedupeRing {
  /** Hash → original time; a map keeps the order of insertion. */
  readonly #seen = new Map<number, number>();
  readonly #hash: (messageId: string) => number;
  evictedUntil = Number.NEGATIVE_INFINITY;

  constructor(hash: (messageId: string) => number = hash53) {
    this.#hash = hash;
  }

  add(messageId: string, originalAt: number): void {
    this.#add(this.#hash(messageId), originalAt);
  }

  /** The client's own time of the event that probably is this one; undefined where none is. */
  originalAtOf(messageId: string): number | undefined {
    return this.#seen.get(this.#hash(messageId));
  }

  toBuffer(): ArrayBuffer {
    const numbers = new Float64Array(1 + this.#seen.size * 2);
    numbers[0] = this.evictedUntil;
    let at = 1;
    for (const [hash, originalAt] of this.#seen) {
      numbers[at++] = hash;
      numbers[at++] = originalAt;
    }
    return numbers.buffer;
  }

  load(buffer: ArrayBuffer): void {
    const numbers = new Float64Array(buffer);
    this.evictedUntil = numbers[0] ?? Number.NEGATIVE_INFINITY;
    for (let at = 1; at + 1 < numbers.length; at += 2) {
      this.#add(numbers[at] as number, numbers[at + 1] as number);
    }
  }

  #add(hash: number, originalAt: number): void {
    this.#seen.set(hash, originalAt);
    if (this.#seen.size <= RING_SIZE) return;
    const oldest = this.#seen.entries().next().value;
    if (!oldest) return;
    this.#seen.delete(oldest[0]);
    this.evictedUntil = Math.max(this.evictedUntil, oldest[1]);
  }
}
