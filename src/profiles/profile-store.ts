/**
 * The profile in memory and its way to disk. Loaded once per wake; every commit writes the log first and changes memory
 * with it. After a commit that failed, memory is thrown away and read anew: it must never be ahead of the disk.
 */
import { applyDelta, type Delta } from '../engine/delta.ts';
import { durationMs } from '../engine/duration.ts';
import type { History, TestedEvent } from '../engine/scope.ts';
import { emptyState, type ProfileState, parseState, serializeState } from '../engine/state.ts';
import type { Event, TriggerTrace } from '../engine/vocabulary.ts';
import type { CountedSql } from '../objects/counted-sql.ts';
import type { ProfileRef } from '../protocol/rpc.ts';
import { DedupeRing } from './dedupe-ring.ts';
import { chunkOf, type LogEntry, type LoggedEvent, loggedEvent, parseEvents } from './log-entry.ts';
import { LOG_SLOTS, ProfileTables } from './profile-tables.ts';

/** A commit is cut into rows of at most so many events: a row may not exceed 2 MB. */
const EVENTS_PER_ROW = 100;

export class ProfileStore implements History {
  readonly #sql: CountedSql;
  readonly #tables: ProfileTables;
  readonly #ring = new DedupeRing();
  /** Events since the last snapshot, oldest first, with their ids. */
  readonly #tail: LoggedEvent[] = [];
  readonly #tailIds = new Set<string>();
  readonly state: ProfileState;
  /** How many of them are on disk. */
  #logged = 0;
  /** Decided in this turn, not yet on disk. */
  #pending: LogEntry[] = [];
  /** Chunks of a merged profile, not yet on disk. */
  #adopted: LoggedEvent[][] = [];

  private constructor(sql: CountedSql, tables: ProfileTables, state: ProfileState) {
    this.#sql = sql;
    this.#tables = tables;
    this.state = state;
  }

  /** Null where the profile has never been written and nobody says whose it would be. */
  static load(sql: CountedSql, profile: ProfileRef | null, now: number): ProfileStore | null {
    const tables = new ProfileTables(sql);
    if (!tables.written) {
      return profile ? new ProfileStore(sql, tables, emptyState(profile, now)) : null;
    }
    const snapshot = tables.snapshot();
    const rows = tables.logSince(snapshot?.seq ?? 0);
    const state = snapshot
      ? parseState(snapshot.body)
      : emptyState({ kind: 'anonymous', id: '', key: '' }, now);
    const store = new ProfileStore(sql, tables, state);
    const hashes = tables.hashes();
    if (hashes) store.#ring.load(hashes);
    for (const { body } of rows) {
      const entry = JSON.parse(body) as LogEntry;
      applyDelta(state, entry.delta);
      store.#remember(entry.events);
    }
    store.#logged = store.#tail.length;
    return store;
  }

  get isNew(): boolean {
    return this.state.meta.seq === 0;
  }

  /** Takes one decision into memory; `commit` brings it to disk. */
  apply(delta: Delta, event: Event | null, trace: TriggerTrace[]): void {
    const entry = this.#openEntry();
    // The first commit carries the whole meta: it is what a wake without a snapshot starts from.
    if (this.isNew && entry.delta.length === 0) {
      entry.delta.push(
        ...Object.entries(this.state.meta).map(([field, value]) => ['meta', field, value] as Delta[number]),
      );
    }
    entry.delta.push(...delta);
    applyDelta(this.state, delta);
    if (!event) return;
    const logged = loggedEvent(event, trace);
    entry.events.push(logged);
    this.#remember([logged]);
  }

  /** Why timers did what they did; not an event of the user's. */
  explainTimers(trace: TriggerTrace[], now: number): void {
    if (trace.length === 0) return;
    const seq = this.state.meta.seq + 1;
    const timer = { messageId: `$timer:${seq}`, name: '$timer', timestamp: now, originalAt: now };
    const logged: LoggedEvent = { ...timer, properties: {}, context: {}, system: true, trace };
    this.#openEntry().events.push(logged);
    this.#remember([logged]);
  }

  /** Writes what was applied since the last commit, all or nothing. */
  commit(now: number, retention: string): void {
    if (this.#pending.length === 0) return;
    const entries = this.#pending;
    this.#pending = [];
    this.#sql.transaction(() => {
      for (const entry of entries) this.#write(entry, now, retention);
      this.#writeAdopted();
    });
  }

  #write(entry: LogEntry, now: number, retention: string): void {
    const seq = this.state.meta.seq + 1;
    this.state.meta.seq = seq;
    this.#tables.putLog({
      seq,
      body: JSON.stringify({ ...entry, delta: [...entry.delta, ['meta', 'seq', seq]] }),
    });
    this.#logged += entry.events.length;
    if (seq % LOG_SLOTS !== 0) return;
    // Within one turn later commits may be in this state already: folding them once more changes nothing, for writes are
    // absolute.
    const events = this.#tail.splice(0, this.#logged);
    this.#logged = 0;
    for (const { messageId } of events) this.#tailIds.delete(messageId);
    this.#tables.putSnapshot(
      { seq, body: serializeState(this.state) },
      this.#ring.toBuffer(),
      chunkOf(seq, events),
    );
    this.#tables.trimHistory(now - durationMs(retention));
  }

  #writeAdopted(): void {
    const adopted = this.#adopted;
    this.#adopted = [];
    for (const events of adopted) {
      const chunk = chunkOf(this.state.meta.seq, events);
      if (chunk) this.#tables.addChunk(chunk);
    }
    if (adopted.length > 0) this.#tables.putHashes(this.#ring.toBuffer());
  }

  has(messageId: string, originalAt: number): boolean {
    if (this.#tailIds.has(messageId)) return true;
    const suspectAt = this.#ring.originalAtOf(messageId);
    const at = suspectAt ?? (originalAt <= this.#ring.evictedUntil ? originalAt : null);
    if (at === null) return false;
    return this.#tables.chunksMentioning(messageId, at).some((body) => hasEvent(body, messageId));
  }

  recent(name: string, afterAt: number, limit: number): TestedEvent[] {
    const matches = (event: LoggedEvent) => event.name === name && event.timestamp > afterAt && !event.system;
    const found: TestedEvent[] = this.#tail.filter(matches);
    for (const body of this.#tables.chunksWith(name, afterAt)) {
      if (found.length >= limit) break;
      found.push(...parseEvents(body).filter(matches));
    }
    return found.sort((a, b) => b.timestamp - a.timestamp).slice(0, limit);
  }

  /** The newest events with their explanations, newest first. */
  newest(limit: number): LoggedEvent[] {
    const events = [...this.#tail];
    for (const body of this.#tables.newestChunks(Math.ceil(limit / LOG_SLOTS) + 1)) {
      if (events.length >= limit) break;
      events.unshift(...parseEvents(body));
    }
    return events.reverse().slice(0, limit);
  }

  /** Everything, for a merge: the state, and the events in chunks, oldest first. */
  handOver(): { state: string; history: string[] } {
    const chunks = this.#tables.newestChunks(Number.MAX_SAFE_INTEGER).reverse();
    return { state: serializeState(this.state), history: [...chunks, JSON.stringify(this.#tail)] };
  }

  /** Another profile's events become this one's, in the commit of the merge. */
  adoptHistory(history: string[]): void {
    for (const body of history) {
      const events = parseEvents(body);
      for (const event of events) this.#ring.add(event.messageId, event.originalAt);
      this.#adopted.push(events);
    }
  }

  /** Leaves nothing but the given state. */
  replaceWith(state: ProfileState, now: number): void {
    this.#sql.transaction(() => {
      this.#tables.clear();
      const delta: Delta = Object.entries(state.meta).map(([field, value]) => ['meta', field, value]);
      this.#tables.putLog({ seq: state.meta.seq, body: JSON.stringify({ at: now, events: [], delta }) });
    });
  }

  #remember(events: LoggedEvent[]): void {
    for (const event of events) {
      this.#tail.push(event);
      this.#tailIds.add(event.messageId);
      this.#ring.add(event.messageId, event.originalAt);
    }
  }

  #openEntry(): LogEntry {
    const last = this.#pending.at(-1);
    if (last && last.events.length < EVENTS_PER_ROW) return last;
    const entry: LogEntry = { at: this.state.meta.lastNow, events: [], delta: [] };
    this.#pending.push(entry);
    return entry;
  }
}

function hasEvent(body: string, messageId: string): boolean {
  return parseEvents(body).some((event) => event.messageId === messageId);
}
