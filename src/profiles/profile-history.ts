/**
 * What the profile has done: the events since the last snapshot in the log, the older ones in chunks. Dedupe is exact over
 * all that is kept: the ring of hashes tells cheaply that an id is new; where it can't, the ids themselves are compared.
 */
import type { History, TestedEvent } from '../engine/scope.ts';
import { DedupeRing } from './dedupe-ring.ts';
import { type Piece, parseEvents } from './history-chunk.ts';
import type { LoggedEvent } from './log-entry.ts';
import { LogTail } from './log-tail.ts';
import type { ProfileTables } from './profile-tables.ts';

export class ProfileHistory implements History {
  readonly #tables: ProfileTables;
  readonly #ring = new DedupeRing();
  readonly #tail: LogTail;
  /** A merged profile's events, not yet on disk. */
  #adopted: LoggedEvent[] = [];
  /** Which chunks there are, and the ids in those that were looked into; a turn long. */
  #chunks: { id: number; min: number; max: number }[] | null = null;
  readonly #chunkIds = new Map<number, Set<string>>();

  constructor(tables: ProfileTables) {
    this.#tables = tables;
    this.#tail = new LogTail((seq) => tables.log(seq));
    const hashes = tables.hashes();
    if (hashes) this.#ring.load(hashes);
  }

  has(messageId: string, originalAt: number): boolean {
    if (this.#tail.has(messageId)) return true;
    const suspectAt = this.#ring.originalAtOf(messageId);
    if (suspectAt === undefined && originalAt > this.#ring.evictedUntil) return false;
    if (this.#adopted.some((event) => event.messageId === messageId)) return true;
    // The suspicion may be another id's, of the same hash: then the event's own time is where to look.
    return (
      (suspectAt !== undefined && this.#isInChunk(messageId, suspectAt)) ||
      (suspectAt !== originalAt && this.#isInChunk(messageId, originalAt))
    );
  }

  recent(name: string, afterAt: number, limit: number): TestedEvent[] {
    const matches = (event: LoggedEvent) => event.name === name && event.timestamp > afterAt && !event.system;
    const found: TestedEvent[] = [...this.#tail.named(name, afterAt), ...this.#adopted.filter(matches)];
    for (const body of this.#tables.chunksWith(name, afterAt)) {
      if (found.length >= limit) break;
      found.push(...parseEvents(body).filter(matches));
    }
    return found.sort((a, b) => b.timestamp - a.timestamp).slice(0, limit);
  }

  ownInstants(afterAt: number, limit: number): number[] {
    const isOwn = (event: LoggedEvent) => event.timestamp > afterAt && !event.system;
    const adopted = this.#adopted.filter(isOwn).map(({ timestamp }) => timestamp);
    const found = [...this.#tail.ownInstants(afterAt), ...adopted];
    for (const body of this.#tables.chunksAfter(afterAt)) {
      if (found.length >= limit) break;
      for (const event of parseEvents(body)) if (isOwn(event)) found.push(event.timestamp);
    }
    return found.sort((a, b) => b - a).slice(0, limit);
  }

  /** The newest events with their explanations, newest first. */
  newest(limit: number): LoggedEvent[] {
    const newestFirst = this.#tail.events(limit).reverse();
    for (const body of this.#tables.chunksNewestFirst()) {
      if (newestFirst.length >= limit) break;
      for (const event of parseEvents(body).reverse()) newestFirst.push(event);
    }
    return newestFirst.slice(0, limit);
  }

  /** The next chunk's events, oldest first, and which it was; after the last one, those of no chunk yet, and null. */
  eventsAfter(chunk: number): { events: LoggedEvent[]; chunk: number | null } {
    const next = this.#tables.chunkAfter(chunk);
    if (next) return { events: parseEvents(next.body), chunk: next.id };
    return { events: [...this.#adopted, ...this.#tail.events()], chunk: null };
  }

  remember(events: LoggedEvent[]): void {
    for (const event of events) {
      this.#tail.add(event);
      this.#ring.add(event.messageId, event.originalAt);
    }
  }

  /** So many of the events that were remembered, the oldest first, are in this row of the log now. */
  logged(seq: number, row: Parameters<LogTail['logged']>[1]): void {
    this.#tail.logged(seq, row);
  }

  /** All that stand in the log, oldest first: they go into chunks. */
  takeLogged(): Piece[] {
    return this.#tail.takeLogged();
  }

  /** Another profile's events become this one's. */
  adopt(events: LoggedEvent[]): void {
    for (const event of events) {
      this.#ring.add(event.messageId, event.originalAt);
      this.#adopted.push(event);
    }
  }

  get hasAdopted(): boolean {
    return this.#adopted.length > 0;
  }

  takeAdopted(): LoggedEvent[] {
    const events = this.#adopted;
    this.#adopted = [];
    return events;
  }

  hashes(): ArrayBuffer {
    return this.#ring.toBuffer();
  }

  /** Everything, oldest first, in texts of some events each. */
  handOver(): string[] {
    return [...this.#tables.chunksNewestFirst()].reverse().concat(JSON.stringify(this.#tail.events()));
  }

  endTurn(): void {
    this.#chunks = null;
    this.#chunkIds.clear();
    this.#tail.endTurn();
  }

  /** A repeated batch looks for each of its ids: no chunk is read twice in a turn. */
  #isInChunk(messageId: string, at: number): boolean {
    this.#chunks ??= this.#tables.chunkBounds();
    for (const { id, min, max } of this.#chunks) {
      if (at >= min && at <= max && this.#idsIn(id).has(messageId)) return true;
    }
    return false;
  }

  #idsIn(chunk: number): Set<string> {
    let ids = this.#chunkIds.get(chunk);
    if (!ids) {
      ids = new Set(parseEvents(this.#tables.chunk(chunk)).map((event) => event.messageId));
      this.#chunkIds.set(chunk, ids);
    }
    return ids;
  }
}
