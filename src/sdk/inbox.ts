/**
 * What is due, as the server last said. Every answer names all of it, so that a message that is missing has been
 * withdrawn; only an answer older than one already seen says nothing. What was shown, clicked or dismissed here is left
 * out at once: the server hears of it a moment later.
 */
import type { Store } from './store.ts';
import type { Listener, Message } from './types.ts';

/** Of an answer with messages; `next` is the seconds until the next poll. */
export interface Due {
  cursor: string;
  messages: Message[];
  next: number;
}

type Seen = { [id: string]: { at: number; state: 'claimed' | 'shown' | 'closed' } };

const SEEN = 'seen';
const ON_SCREEN = 'screen';
const MAX_SEEN = 100;
/** A tab that has claimed a message and not shown it by then is gone. */
const CLAIM_MS = 30_000;

export class Inbox {
  readonly #store: Store;
  readonly #listeners = new Set<Listener>();
  #due: Message[] = [];
  #cursor = 0;
  #told = '';

  constructor(store: Store) {
    this.#store = store;
    store.onChange((name) => {
      if (name === SEEN) this.#tell();
    });
  }

  get messages(): readonly Message[] {
    const seen = this.#seen();
    const now = Date.now();
    return this.#due.filter(({ id, channel, expiresAt }) => {
      const state = seen[id]?.state;
      return Date.parse(expiresAt) > now && state !== 'closed' && (channel === 'card' || state !== 'shown');
    });
  }

  receive({ cursor, messages }: Pick<Due, 'cursor' | 'messages'>): void {
    if (Number(cursor) < this.#cursor) return;
    this.#cursor = Number(cursor) || 0;
    this.#due = messages;
    this.#tell();
  }

  revoke(ids: string[]): void {
    this.#due = this.#due.filter(({ id }) => !ids.includes(id));
    // Also what has been acknowledged and is not among the due any more: it may still be on screen.
    this.#tell(ids);
  }

  /** Somebody else is meant from now on. */
  clear(): void {
    this.#cursor = 0;
    this.#due = [];
    this.#tell();
  }

  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    listener(this.messages, []);
    return () => this.#listeners.delete(listener);
  }

  get hasListeners(): boolean {
    return this.#listeners.size > 0;
  }

  /** The first tab to ask gets it, unless one has had a message on screen within `pauseMs`. */
  async claim(id: string, pauseMs = 0): Promise<boolean> {
    const take = () => {
      const now = Date.now();
      const before = this.#seen()[id];
      if (now - this.lastOnScreenAt < pauseMs) return false;
      if (before && (before.state !== 'claimed' || now - before.at < CLAIM_MS)) return false;
      this.mark(id, 'claimed');
      this.onScreen();
      return true;
    };
    try {
      return await navigator.locks.request('reflex.claim', take);
    } catch {
      return take();
    }
  }

  get lastOnScreenAt(): number {
    const at = this.#store.get<number>(ON_SCREEN) ?? 0;
    // Where the clock was set back, nobody waits for it to come round again.
    return at > Date.now() ? 0 : at;
  }

  onScreen(): void {
    this.#store.set(ON_SCREEN, Date.now());
  }

  mark(id: string, state: Seen[string]['state']): void {
    const seen = { ...this.#seen(), [id]: { at: Date.now(), state } };
    const newest = Object.entries(seen).sort(([, a], [, b]) => b.at - a.at);
    this.#store.set(SEEN, Object.fromEntries(newest.slice(0, MAX_SEEN)));
    this.#tell();
  }

  #seen(): Seen {
    return this.#store.get<Seen>(SEEN) ?? {};
  }

  #tell(revoked: readonly string[] = []): void {
    const { messages } = this;
    const told = messages.map(({ id }) => id).join();
    if (told === this.#told && revoked.length === 0) return;
    this.#told = told;
    for (const listener of this.#listeners) listener(messages, revoked);
  }
}
