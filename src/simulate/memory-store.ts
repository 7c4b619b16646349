/** A profile's state and history in memory: what `ProfileStore` is on disk, without the disk. */
import { applyDelta, type Delta } from '../engine/delta.ts';
import type { TriggerTrace } from '../engine/reasons.ts';
import type { History, TestedEvent } from '../engine/scope.ts';
import { emptyState, type ProfileState, serializeState } from '../engine/state.ts';
import type { Event } from '../engine/vocabulary.ts';
import { type LoggedEvent, loggedEvent, timerEvent } from '../profiles/log-entry.ts';
import type { TurnStore } from '../profiles/turn-store.ts';
import type { Handover, ProfileRef } from '../protocol/rpc.ts';

/** Told of every explanation; the event is null where a timer or the dispatcher set it off. */
export type Explained = (event: Event | null, trace: TriggerTrace[]) => void;

class MemoryHistory implements History {
  readonly #events: LoggedEvent[] = [];
  readonly #ids = new Set<string>();

  add(events: LoggedEvent[]): void {
    for (const event of events) {
      this.#events.push(event);
      this.#ids.add(event.messageId);
    }
  }

  has(messageId: string): boolean {
    return this.#ids.has(messageId);
  }

  recent(name: string, afterAt: number, limit: number): TestedEvent[] {
    return this.#ownSince(afterAt)
      .filter((event) => event.name === name)
      .sort(newestFirst)
      .slice(0, limit);
  }

  ownInstants(afterAt: number, limit: number): number[] {
    return this.#ownSince(afterAt)
      .sort(newestFirst)
      .slice(0, limit)
      .map(({ timestamp }) => timestamp);
  }

  newest(limit: number): LoggedEvent[] {
    return this.#events.slice(-limit).reverse();
  }

  all(): LoggedEvent[] {
    return [...this.#events];
  }

  /** What the user did: the system's own events are explained, but are no history. */
  #ownSince(afterAt: number): LoggedEvent[] {
    return this.#events.filter((event) => event.timestamp > afterAt && !event.system);
  }
}

export class MemoryStore implements TurnStore {
  state: ProfileState;
  readonly history = new MemoryHistory();
  readonly #explained: Explained;
  #isOpen = false;

  constructor(profile: ProfileRef, now: number, explained: Explained) {
    this.state = emptyState(profile, now);
    this.#explained = explained;
  }

  get isNew(): boolean {
    return this.state.meta.seq === 0;
  }

  apply(delta: Delta, event: Event | null = null, trace: TriggerTrace[] = []): void {
    this.#isOpen = true;
    applyDelta(this.state, delta);
    if (!event) return;
    this.history.add([loggedEvent(event, trace, this.state.meta.lastNow)]);
    this.#explained(event, trace);
  }

  explainTimers(trace: TriggerTrace[], now: number): void {
    if (trace.length === 0) return;
    this.#isOpen = true;
    this.history.add([timerEvent(this.state.meta.seq + 1, trace, now)]);
    this.#explained(null, trace);
  }

  /** One turn is one commit, which cursors count. */
  commit(): void {
    if (this.#isOpen) this.state.meta.seq += 1;
    this.#isOpen = false;
  }

  handOver(): Handover {
    return { state: serializeState(this.state), history: [JSON.stringify(this.history.all())] };
  }

  adoptHistory(history: string[]): void {
    for (const body of history) this.history.add(JSON.parse(body) as LoggedEvent[]);
  }

  replaceWith(state: ProfileState): void {
    this.state = state;
  }
}

function newestFirst(a: TestedEvent, b: TestedEvent): number {
  return b.timestamp - a.timestamp;
}
