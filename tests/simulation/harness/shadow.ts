/**
 * What every profile has committed, read from its log beside the object's own memory: outbox, runs, links and events, as
 * a second, simpler account of the same life.
 */
import type { Delta } from '../../../src/engine/delta.ts';
import type { OutboxEntry } from '../../../src/engine/vocabulary.ts';
import type { LogEntry } from '../../../src/profiles/log-entry.ts';
import type { SimObject } from './sim-object.ts';

export interface Commit {
  shadow: Shadow;
  at: number;
  delta: Delta;
  events: LogEntry['events'];
  /** Outbox entries of messages before and after, of those that changed. */
  messages: { id: string; before: Message | null; after: Message | null }[];
}

export type Message = Extract<OutboxEntry, { kind: 'message' }>;

export class Shadow {
  readonly key: string;
  readonly outbox = new Map<string, OutboxEntry>();
  readonly #dueRuns = new Map<string, number>();
  movedTo: { key: string; released: boolean } | null = null;
  #seq = 0;

  constructor(key: string) {
    this.key = key;
  }

  /** When something that stands here comes due. */
  get dueAt(): number | null {
    if (this.movedTo) return null;
    let due = Number.POSITIVE_INFINITY;
    for (const at of this.#dueRuns.values()) due = Math.min(due, at);
    for (const { retryAt } of this.outbox.values()) due = Math.min(due, retryAt);
    return due === Number.POSITIVE_INFINITY ? null : due;
  }

  /** What the object has committed since the last look. */
  readFrom({ storage }: SimObject): Commit[] {
    // A first commit that failed takes its table with it.
    if (storage.peek("SELECT 1 FROM sqlite_master WHERE name = 'log'").length === 0) return [];
    const rows = storage.peek('SELECT seq, body FROM log WHERE seq > ? ORDER BY seq', this.#seq);
    return rows.map(({ seq, body }) => {
      this.#seq = seq as number;
      return this.#take(JSON.parse(body as string) as LogEntry);
    });
  }

  #take({ at, delta, events }: LogEntry): Commit {
    const messages: Commit['messages'] = [];
    for (const [section, key, value] of delta) {
      if (section === 'outbox') {
        const before = messageOf(this.outbox.get(key));
        const after = messageOf(value as OutboxEntry | null);
        if (before || after) messages.push({ id: key, before, after });
        if (value === null) this.outbox.delete(key);
        else this.outbox.set(key, value as OutboxEntry);
      }
      if (section === 'runs') this.#takeRun(key, value as { dueAt: number | null } | null);
      if (section === 'meta' && key === 'movedTo') this.#move(value as Shadow['movedTo']);
    }
    return { shadow: this, at, delta, events, messages };
  }

  #takeRun(id: string, run: { dueAt: number | null } | null): void {
    if (run === null || run.dueAt === null) this.#dueRuns.delete(id);
    else this.#dueRuns.set(id, run.dueAt);
  }

  #move(moved: Shadow['movedTo']): void {
    this.movedTo = moved;
    if (!moved?.released) return;
    this.outbox.clear();
    this.#dueRuns.clear();
  }
}

function messageOf(entry: OutboxEntry | null | undefined): Message | null {
  return entry?.kind === 'message' ? entry : null;
}
