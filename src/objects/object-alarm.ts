/**
 * The one alarm of an object, which never gives up. The platform tries a handler that failed six times more and then
 * forgets the alarm, and with it whatever waits in the object. So:
 *
 *     rings → fails             → set again by the handler, which throws nothing
 *           → dies half-way     → rung again by the platform; now the next alarm is durable before the work begins
 *           → lost all the same → set again by the next call that wakes the object (`load`)
 *
 * `setAlarm` is a row, and moving it earlier delays the commit, so it is set only where the earliest due time moves
 * earlier, and last in a turn; an alarm that comes too early finds nothing due and is set anew.
 */
const LOST_AFTER_MS = 60_000;

/** What the platform says of an alarm; nothing where a test rings. */
export type AlarmInfo = Pick<AlarmInvocationInfo, 'isRetry'>;

export class ObjectAlarm {
  readonly #storage: DurableObjectStorage;
  #at: number | null | undefined;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
  }

  get isLoaded(): boolean {
    return this.#at !== undefined;
  }

  /** Before anything is armed; true on the first call of a wake, when lost alarms are to be healed. */
  async load(): Promise<boolean> {
    if (this.#at !== undefined) return false;
    this.#at = await this.#storage.getAlarm();
    return true;
  }

  /**
   * The handler: `work` does what is due and arms last. Whatever becomes of it, there is a next time: at the latest
   * `againMs` from now where it throws. Answers whether it did not.
   */
  async ring(
    info: AlarmInfo | undefined,
    againMs: number,
    now: () => number,
    work: () => Promise<void>,
  ): Promise<boolean> {
    // The alarm that is being handled no longer stands; known before the first turn, which would else take it for lost.
    this.#at = null;
    try {
      if (info?.isRetry) {
        // The one before died without a word, and so may this one. Set now, it takes the place of the retries.
        this.ensureBy(now() + againMs, now());
        await this.#storage.sync();
      }
      await work();
      return true;
    } catch {
      const failedAt = now();
      this.ensureBy(failedAt + againMs, failedAt);
      return false;
    }
  }

  /** `deleteAll` has taken it along. */
  gone(): void {
    this.#at = null;
  }

  /**
   * Not awaited: the write is part of the turn's commit, and the output gate holds answers until it is durable. An
   * alarm long past never came and counts as none. What is overdue is due now.
   */
  ensureBy(dueAt: number, now: number): void {
    const at = Math.max(dueAt, now);
    const armed = this.#at ?? null;
    if (armed !== null && armed <= at && armed > now - LOST_AFTER_MS) return;
    this.#at = at;
    void this.#storage.setAlarm(at);
  }
}
