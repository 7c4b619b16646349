/**
 * The events since the last snapshot. Those of the present turn are here themselves; the others stand in the log, and
 * memory holds only what finds them there: an event with its explanation is some kilobytes, and with sixty of them
 * each an awake profile took twice as much. A column each for the same reason: an array of numbers is
 * one thing to the garbage collector, as many objects are many.
 */
import type { Piece } from './history-chunk.ts';
import { eventsIn, type LogEntry, type LoggedEvent, type LogText } from './log-entry.ts';

export class LogTail {
  readonly #read: (seq: number) => string;
  #ids = new Set<string>();
  /** Of what stands in the log, oldest first. */
  #names: string[] = [];
  #areOwn: boolean[] = [];
  #times: number[] = [];
  #originalTimes: number[] = [];
  /** The row of each, and how long the text of that row's events is. */
  #rows: number[] = [];
  #chars: (number | null)[] = [];
  /** Not in the log yet. */
  readonly #fresh: LoggedEvent[] = [];
  /** Rows that were looked into; a turn long. */
  readonly #known = new Map<number, LoggedEvent[]>();

  /** @param read  the body of the log's row of that seq */
  constructor(read: (seq: number) => string) {
    this.#read = read;
  }

  has(messageId: string): boolean {
    return this.#ids.has(messageId);
  }

  add(event: LoggedEvent): void {
    this.#fresh.push(event);
    this.#ids.add(event.messageId);
  }

  /** So many of the fresh ones, the oldest, are in this row of the log now. */
  logged(
    seq: number,
    { events, eventsChars }: Pick<LogText, 'events'> & { eventsChars: number | null },
  ): void {
    for (const { name, timestamp, originalAt, system } of this.#fresh.splice(0, events)) {
      this.#names.push(name);
      this.#areOwn.push(!system);
      this.#times.push(timestamp);
      this.#originalTimes.push(originalAt);
      this.#rows.push(seq);
      this.#chars.push(eventsChars);
    }
  }

  /** The user's own of that name after the instant, oldest first. */
  named(name: string, afterAt: number): LoggedEvent[] {
    const found: LoggedEvent[] = [];
    for (let i = 0; i < this.#names.length; i++) {
      if (this.#names[i] === name && this.#isOwnAfter(i, afterAt)) found.push(this.#at(i));
    }
    const isOne = (event: LoggedEvent) => event.name === name && event.timestamp > afterAt && !event.system;
    return found.concat(this.#fresh.filter(isOne));
  }

  /** When the user did anything after the instant. */
  ownInstants(afterAt: number): number[] {
    const logged = this.#times.filter((_, i) => this.#isOwnAfter(i, afterAt));
    const fresh = this.#fresh.filter(({ timestamp, system }) => timestamp > afterAt && !system);
    return logged.concat(fresh.map(({ timestamp }) => timestamp));
  }

  /** Oldest first; the newest `limit` of them. */
  events(limit = Number.POSITIVE_INFINITY): LoggedEvent[] {
    const from = Math.max(0, this.#rows.length + this.#fresh.length - limit);
    const logged = this.#rows.slice(from).map((_, i) => this.#at(from + i));
    return logged.concat(this.#fresh.slice(Math.max(0, from - this.#rows.length)));
  }

  /** What stands in the log, a row after the other: it goes into chunks, for those rows will be overwritten. */
  takeLogged(): Piece[] {
    const pieces: Piece[] = [];
    for (let from = 0; from < this.#rows.length; ) {
      const seq = this.#rows[from] as number;
      const to = this.#rows.lastIndexOf(seq) + 1;
      pieces.push({
        text: eventsIn(this.#read(seq), this.#chars[from] ?? null),
        names: this.#names.slice(from, to),
        times: this.#times.slice(from, to),
        originalTimes: this.#originalTimes.slice(from, to),
      });
      from = to;
    }
    this.#names = [];
    this.#areOwn = [];
    this.#times = [];
    this.#originalTimes = [];
    this.#rows = [];
    this.#chars = [];
    this.#known.clear();
    this.#ids = new Set(this.#fresh.map(({ messageId }) => messageId));
    return pieces;
  }

  endTurn(): void {
    this.#known.clear();
  }

  #isOwnAfter(index: number, afterAt: number): boolean {
    return this.#areOwn[index] === true && (this.#times[index] as number) > afterAt;
  }

  #at(index: number): LoggedEvent {
    const seq = this.#rows[index] as number;
    const first = this.#rows.indexOf(seq);
    const event = this.#rowOf(seq)[index - first];
    if (!event) throw new Error(`Row ${seq} of the log holds fewer events than were written there.`);
    return event;
  }

  #rowOf(seq: number): LoggedEvent[] {
    let events = this.#known.get(seq);
    if (!events) {
      events = (JSON.parse(this.#read(seq)) as LogEntry).events;
      this.#known.set(seq, events);
    }
    return events;
  }
}
