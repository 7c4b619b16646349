/** Who the visitor is, in every tab of the browser alike. */
import type { Store } from './store.ts';

interface Ids {
  anonymousId: string;
  userId: string | null;
}

const NAME = 'ids';

export class Identity {
  readonly #store: Store;
  readonly #changed: () => void;
  #ids: Ids;

  /** @param changed called when somebody else is meant from now on, in whichever tab that was said */
  constructor(store: Store, changed: () => void) {
    this.#store = store;
    this.#changed = changed;
    this.#ids = store.get<Ids>(NAME) ?? { anonymousId: crypto.randomUUID(), userId: null };
    store.set(NAME, this.#ids);
    store.onChange((name) => {
      const ids = name === NAME ? store.get<Ids>(NAME) : null;
      if (ids) this.#become(ids);
    });
  }

  get anonymousId(): string {
    return this.#ids.anonymousId;
  }

  get userId(): string | null {
    return this.#ids.userId;
  }

  /** Names the profile that events and messages are of. */
  get profile(): string {
    return this.#ids.userId === null ? `a ${this.#ids.anonymousId}` : `u ${this.#ids.userId}`;
  }

  know(userId: string): void {
    // A visitor's past belongs to one user: who comes second brings none of it along.
    const isSecond = this.#ids.userId !== null && this.#ids.userId !== userId;
    this.#write({ anonymousId: isSecond ? crypto.randomUUID() : this.#ids.anonymousId, userId });
  }

  reset(): void {
    this.#write({ anonymousId: crypto.randomUUID(), userId: null });
  }

  #write(ids: Ids): void {
    this.#store.set(NAME, ids);
    this.#become(ids);
  }

  #become(ids: Ids): void {
    const before = this.profile;
    this.#ids = ids;
    if (this.profile !== before) this.#changed();
  }
}
