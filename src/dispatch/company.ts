/**
 * Results of one batch wait a moment for each other, so that D1 gets few writes instead of one each. They wait for the
 * slowest of them, but a few milliseconds at most: a message whose provider takes longer keeps nobody.
 */
const LINGER_MS = 10;

/** One batch's own: a promise of one must never be awaited by another. */
export class Company {
  readonly #sleep: (ms: number) => Promise<void>;
  readonly #expected: Set<string>;
  readonly #complete = Promise.withResolvers<void>();
  #gathering: Promise<void> | null = null;

  constructor(expected: Iterable<string>, sleep: (ms: number) => Promise<void>) {
    this.#expected = new Set(expected);
    this.#sleep = sleep;
  }

  /** Waits for the others that are expected, but no longer than a moment. */
  gather(id: string): Promise<void> {
    this.leave(id);
    if (this.#expected.size === 0) return this.#gathering ?? this.#complete.promise;
    this.#gathering ??= Promise.race([this.#complete.promise, this.#sleep(LINGER_MS)]).then(() => {
      this.#gathering = null;
    });
    return this.#gathering;
  }

  /** Nobody needs to wait for this one. */
  leave(id: string): void {
    this.#expected.delete(id);
    if (this.#expected.size === 0) this.#complete.resolve();
  }
}
