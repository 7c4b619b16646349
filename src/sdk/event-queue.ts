/**
 * Events on their way. Each lies in storage until the server has acknowledged it, and may be sent more than once: its
 * messageId makes every copy after the first do nothing.
 *
 *   added → (a tick) → sent with all that waits → acknowledged: gone · refused for good: gone · else: again, later
 *
 * One request is under way at a time, so events arrive in order and those that come meanwhile travel together. When the
 * page is hidden, what waits is sent by a beacon as well: the page may never run again.
 *
 * Every tab keeps its own list, under its own lock. A list whose lock is free belongs to a tab that is gone, and is taken
 * over.
 */
import type { Answer } from './call.ts';
import type { Store } from './store.ts';
import { backOffMs, verdictOn } from './verdict.ts';

export type QueuedEvent = { messageId: string; [name: string]: unknown };

interface QueueDeps {
  store: Store;
  send(events: QueuedEvent[]): Promise<Answer>;
  beacon(events: QueuedEvent[]): void;
  /** After an acknowledged request: its answer, and its last event. */
  answered(answer: Answer, last: QueuedEvent): void;
}

const MAX_EVENTS = 1_000;
const MAX_CHARACTERS = 1_000_000;
const BATCH_EVENTS = 100;
const BATCH_CHARACTERS = 200_000;
/** A browser takes no larger beacon. */
const BEACON_CHARACTERS = 20_000;
const LIST = 'events.';

export class EventQueue {
  readonly #deps: QueueDeps;
  readonly #name = LIST + crypto.randomUUID();
  #events: { event: QueuedEvent; size: number }[] = [];
  #batchEvents = BATCH_EVENTS;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sending: Promise<void> | null = null;

  constructor(deps: QueueDeps) {
    this.#deps = deps;
    void this.#adopt();
  }

  add(event: QueuedEvent): void {
    this.#push(event);
    this.#save();
    if (this.#failures === 0) this.#sendIn(0);
  }

  /** Now, whatever time was to be waited. */
  async flush(): Promise<void> {
    await this.#sending;
    await this.#send();
  }

  /** The page may be about to end. */
  hide(): void {
    const [events] = this.#first(BATCH_EVENTS, BEACON_CHARACTERS);
    if (events.length > 0) this.#deps.beacon(events);
  }

  #push(event: QueuedEvent): void {
    this.#events.push({ event, size: JSON.stringify(event).length });
    let size = this.#events.reduce((sum, one) => sum + one.size, 0);
    // The oldest go first: what is new is what a trigger may still answer.
    while (this.#events.length > MAX_EVENTS || size > MAX_CHARACTERS)
      size -= this.#events.shift()?.size ?? size;
  }

  #sendIn(delayMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#send(), delayMs);
  }

  #send(): Promise<void> {
    clearTimeout(this.#timer);
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = null;
    });
    return this.#sending;
  }

  async #sendAll(): Promise<void> {
    for (;;) {
      const [events, last] = this.#first(this.#batchEvents, BATCH_CHARACTERS);
      if (!last) return;
      const answer = await this.#deps.send(events);
      const verdict = verdictOn(answer.status, answer.retryAfter);
      if (verdict.kind === 'split' && events.length > 1) {
        this.#batchEvents = Math.ceil(events.length / 2);
        continue;
      }
      if (verdict.kind === 'retry' || verdict.kind === 'unauthorized') {
        const wishMs = verdict.kind === 'retry' ? verdict.afterMs : 0;
        this.#failures += 1;
        this.#sendIn(backOffMs(this.#failures, Math.random(), wishMs));
        return;
      }
      this.#failures = 0;
      this.#batchEvents = BATCH_EVENTS;
      const sent = new Set(events);
      this.#events = this.#events.filter(({ event }) => !sent.has(event));
      this.#save();
      if (verdict.kind === 'done') this.#deps.answered(answer, last);
    }
  }

  #first(maxEvents: number, maxCharacters: number): [QueuedEvent[], QueuedEvent | undefined] {
    const events: QueuedEvent[] = [];
    let size = 0;
    for (const one of this.#events.slice(0, maxEvents)) {
      size += one.size;
      if (events.length > 0 && size > maxCharacters) break;
      events.push(one.event);
    }
    return [events, events.at(-1)];
  }

  #save(): void {
    const { store } = this.#deps;
    const events = this.#events.map(({ event }) => event);
    if (events.length > 0) store.set(this.#name, events);
    else store.remove(this.#name);
  }

  /** Takes over the lists of tabs that are gone. Without locks that can't be told, and a copy sent twice is harmless. */
  async #adopt(): Promise<void> {
    const { store } = this.#deps;
    const held = await holdLock(store, this.#name);
    for (const name of store.names(LIST)) {
      if (held.has(name)) continue;
      const left = store.get<QueuedEvent[]>(name) ?? [];
      store.remove(name);
      const own = this.#events.splice(0);
      for (const event of left) this.#push(event);
      for (const { event } of own) this.#push(event);
    }
    this.#save();
    if (this.#events.length > 0) this.#sendIn(0);
  }
}

/** Holds this tab's lock until it is gone. Answers with the names that are held. */
async function holdLock(store: Store, name: string): Promise<Set<string>> {
  const { locks } = globalThis.navigator ?? {};
  if (!locks) return new Set([name]);
  try {
    void locks.request(name, () => new Promise(() => {})).catch(() => {});
    const { held } = await locks.query();
    return new Set([name, ...(held ?? []).map((lock) => lock.name ?? '')]);
  } catch {
    return new Set(store.names(LIST));
  }
}
