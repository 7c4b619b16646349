/**
 * What others know, for all objects of an isolate: what a thousand ask for is read once in a while, not a thousand times.
 * While one reads anew, others go on with what is there. Only where nothing is, several may read at once: a promise that
 * belongs to one object must never be awaited by another.
 */
interface Known<T> {
  value: T;
  readAt: number;
  /** Somebody reads it anew since then. */
  readingSince?: number;
}

export interface Freshness {
  /** So old an answer is given without asking. */
  freshMs: number;
  /** So old at most, while somebody else asks. */
  usableMs: number;
  /** How many answers are kept. */
  max: number;
}

export class SharedReads<T> {
  readonly #limits: Freshness;
  /** In the order of reading. */
  readonly #known = new Map<string, Known<T>>();

  constructor(limits: Freshness) {
    this.#limits = limits;
  }

  /** Throws where `read` does, and keeps what it had. */
  async get(key: string, now: number, read: () => Promise<T>): Promise<T> {
    const { freshMs, usableMs, max } = this.#limits;
    const known = this.#known.get(key);
    const ageMs = known ? now - known.readAt : Number.POSITIVE_INFINITY;
    if (known && ageMs >= 0 && ageMs < freshMs) return known.value;
    const isBeingRead = known?.readingSince !== undefined && now - known.readingSince < freshMs;
    if (known && isBeingRead && ageMs >= 0 && ageMs < usableMs) return known.value;
    if (known) this.#known.set(key, { ...known, readingSince: now });
    const value = await read();
    this.#known.delete(key);
    this.#known.set(key, { value, readAt: now });
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= max) break;
      this.#known.delete(oldest);
    }
    return value;
  }
}
