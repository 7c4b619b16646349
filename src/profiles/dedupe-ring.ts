/**
 * Hashes of the newest 4,096 event ids, with the client's own time of each. A hash that is there only raises the
 * suspicion; whoever asks compares the id itself. `evictedUntil` is the newest client time among those that have fallen
 * out: only an event that claims to be older can be one of them.
 *
 * Typed arrays, looked through from end to end: that is a microsecond or two where the ring is full, and thousands of
 * profiles in one isolate leave the garbage collector nothing to follow. In a map each of these numbers is an object.
 */
import { hash53 } from '../engine/hash.ts';

export const RING_SIZE = 4_096;
const FIRST_SIZE = 16;

export class DedupeRing {
  readonly #hash: (messageId: string) => number;
  #hashes = new Float64Array(FIRST_SIZE);
  #times = new Float64Array(FIRST_SIZE);
  #size = 0;
  /** Where the oldest stands, once the ring is full. */
  #oldest = 0;
  evictedUntil = Number.NEGATIVE_INFINITY;

  constructor(hash: (messageId: string) => number = hash53) {
    this.#hash = hash;
  }

  add(messageId: string, originalAt: number): void {
    this.#add(this.#hash(messageId), originalAt);
  }

  /** The client's own time of the event that probably is this one; undefined where none is. */
  originalAtOf(messageId: string): number | undefined {
    const at = this.#indexOf(this.#hash(messageId));
    return at < 0 ? undefined : this.#times[at];
  }

  /** The oldest first. */
  toBuffer(): ArrayBuffer {
    const numbers = new Float64Array(1 + this.#size * 2);
    numbers[0] = this.evictedUntil;
    for (let i = 0; i < this.#size; i++) {
      const at = (this.#oldest + i) % this.#size;
      numbers[1 + i * 2] = this.#hashes[at] as number;
      numbers[2 + i * 2] = this.#times[at] as number;
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

  /** One that is there already keeps its place. */
  #add(hash: number, originalAt: number): void {
    const known = this.#indexOf(hash);
    if (known >= 0) {
      this.#times[known] = originalAt;
      return;
    }
    if (this.#size < RING_SIZE) {
      this.#put(this.#size++, hash, originalAt);
      return;
    }
    this.evictedUntil = Math.max(this.evictedUntil, this.#times[this.#oldest] as number);
    this.#put(this.#oldest, hash, originalAt);
    this.#oldest = (this.#oldest + 1) % RING_SIZE;
  }

  /** What lies behind the last one is 0, which is a hash as well. */
  #indexOf(hash: number): number {
    const at = this.#hashes.indexOf(hash);
    return at < this.#size ? at : -1;
  }

  #put(at: number, hash: number, originalAt: number): void {
    if (at === this.#hashes.length) {
      this.#hashes = twice(this.#hashes);
      this.#times = twice(this.#times);
    }
    this.#hashes[at] = hash;
    this.#times[at] = originalAt;
  }
}

function twice(numbers: Float64Array): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(numbers.length * 2);
  larger.set(numbers);
  return larger;
}
