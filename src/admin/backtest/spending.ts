/** Calls to objects that an answer may still make. */
export class Spending {
  #left: number;

  constructor(calls: number) {
    this.#left = calls;
  }

  /** Whether so many may still be made. */
  has(calls: number): boolean {
    return this.#left >= calls;
  }

  spend(): void {
    this.#left -= 1;
  }
}
