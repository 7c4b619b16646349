/**
 * The one alarm of an object. `setAlarm` is a row, and moving it earlier delays the commit, so it is set only where the
 * earliest due time moves earlier; an alarm that comes too early finds nothing due and is set anew.
 */
const LOST_AFTER_MS = 60_000;

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

  /** In the handler: the alarm that is being handled no longer stands. */
  fired(): void {
    this.#at = null;
  }

  /**
   * Not awaited: the write is part of the turn's commit, and the output gate holds answers until it is durable. An
   * alarm long past never came and counts as none.
   */
  ensureBy(at: number, now: number): void {
    const armed = this.#at ?? null;
    if (armed !== null && armed <= at && armed > now - LOST_AFTER_MS) return;
    this.#at = at;
    void this.#storage.setAlarm(at);
  }
}
