/**
 * Results of one batch wait a moment for each other, so that D1 gets them in one write instead of one by one. They wait for
 * the slowest of them, but a few milliseconds at most, and in all: a message whose provider takes longer keeps nobody.
 */
const LINGER_MS = 4;

/** One batch's own: a promise of one must never be awaited by another. */
export class Company {
  readonly #sleep: (ms: number) => Promise<void>;
  readonly #expected: Set<string>;
  readonly #complete = Promise.withResolvers<void>();
  #gathered: Promise<void> | null = null;

  constructor(expected: Iterable<string>, sleep: (ms: number) => Promise<void>) {
    this.#expected = new Set(expected);
    this.#sleep = sleep;
  }

  /** Waits for the others that are expected, but no longer than a moment. */
  gather(id: string): Promise<void> {
    this.leave(id);
    this.#gathered ??=
      this.#expected.size === 0
        ? Promise.resolve()
        : Promise.race([this.#complete.promise, this.#sleep(LINGER_MS)]);
    return this.#gathered;
  }

  /** Nobody needs to wait for this one. */
  leave(id: string): void {
    this.#expected.delete(id);
    if (this.#expected.size === 0) this.#complete.resolve();
  }
}
