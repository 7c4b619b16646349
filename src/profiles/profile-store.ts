/**
 * The profile in memory and its way to disk. Loaded once per wake; every commit writes the log first and changes memory
 * with it. After a commit that failed, memory is thrown away and read anew: it must never be ahead of the disk.
 */
import { applyDelta, type Delta } from '../engine/delta.ts';
import type { RuledOut, TriggerTrace } from '../engine/reasons.ts';
import { emptyState, type ProfileState, parseState, serializeState } from '../engine/state.ts';
import { STATE_VERSION } from '../engine/state-meta.ts';
import { durationMs } from '../engine/time/duration.ts';
import { type StateStep, upgradeState } from '../engine/upgrade-state.ts';
import type { Event } from '../engine/vocabulary.ts';
import type { CountedSql } from '../objects/counted-sql.ts';
import { NewerSchemaError } from '../objects/schema.ts';
import type { Handover, ProfileRef } from '../protocol/rpc.ts';
import { readErasure } from './erasure-store.ts';
import { chunksOf, parseEvents, pieceOf } from './history-chunk.ts';
import { type LogEntry, type LogText, loggedEvent, rowsOf, timerEvent } from './log-entry.ts';
import { ProfileHistory } from './profile-history.ts';
import { LOG_SLOTS, ProfileTables } from './profile-tables.ts';
import type { TurnStore } from './turn-store.ts';

export class ProfileStore implements TurnStore {
  readonly #sql: CountedSql;
  readonly #tables: ProfileTables;
  readonly state: ProfileState;
  readonly history: ProfileHistory;
  /** Decided in this turn, not yet on disk. */
  #pending: LogEntry | null = null;

  private constructor(sql: CountedSql, tables: ProfileTables, state: ProfileState) {
    this.#sql = sql;
    this.#tables = tables;
    this.state = state;
    this.history = new ProfileHistory(tables);
  }

  /**
   * Null where the profile has never been written and nobody says whose it would be. What an older build wrote is
   * upgraded, on disk with the next commit. Throws `NewerSchemaError` where a newer build has written.
   */
  static load(
    sql: CountedSql,
    profile: ProfileRef | null,
    now: number,
    steps?: readonly StateStep[],
  ): ProfileStore | null {
    const tables = new ProfileTables(sql);
    if (!tables.written) return profile && ProfileStore.#begin(sql, tables, profile, now);
    const snapshot = tables.snapshot();
    const rows = tables.logSince(snapshot?.seq ?? 0);
    const state = snapshot
      ? parseState(snapshot.body)
      : emptyState({ kind: 'anonymous', id: '', key: '' }, now);
    const store = new ProfileStore(sql, tables, state);
    for (const { seq, body } of rows) {
      const entry = JSON.parse(body) as LogEntry;
      applyDelta(state, entry.delta);
      state.meta.seq = seq;
      store.history.remember(entry.events);
      store.history.logged(seq, { events: entry.events.length, eventsChars: null });
    }
    const upgrade = upgradeState(state, steps);
    if (!upgrade) throw new NewerSchemaError('The profile', state.meta.v, STATE_VERSION);
    if (upgrade.length > 0) store.#pending = { at: state.meta.lastNow, events: [], delta: upgrade };
    return store;
  }

  /** A new life, where one was erased before; none while the erasure is under way. */
  static #begin(sql: CountedSql, tables: ProfileTables, profile: ProfileRef, now: number) {
    const erasure = readErasure(sql);
    if (erasure?.isPending) return null;
    const state = emptyState(profile, now);
    state.meta.erasedAt = erasure?.erasedAt ?? null;
    return new ProfileStore(sql, tables, state);
  }

  get isNew(): boolean {
    return this.state.meta.seq === 0;
  }

  /** Takes one decision into memory; `commit` brings it to disk. */
  apply(delta: Delta, event: Event | null = null, trace: TriggerTrace[] = [], ruledOut?: RuledOut): void {
    const entry = this.#openEntry();
    entry.delta.push(...delta);
    applyDelta(this.state, delta);
    if (!event) return;
    const logged = loggedEvent(event, trace, this.state.meta.lastNow, ruledOut);
    entry.events.push(logged);
    this.history.remember([logged]);
  }

  explainTimers(trace: TriggerTrace[], now: number): void {
    if (trace.length === 0) return;
    const logged = timerEvent(this.state.meta.seq + 1, trace, now);
    this.#openEntry().events.push(logged);
    this.history.remember([logged]);
  }

  /** Writes what was applied since the last commit, all or nothing. */
  commit(now: number, retention: string): void {
    this.history.endTurn();
    const entry = this.#pending;
    if (!entry) return;
    this.#pending = null;
    entry.at = this.state.meta.lastNow;
    const rows = rowsOf(entry);
    const isSingle = rows.length === 1 && this.#isPlain();
    this.#sql.transaction(
      () => {
        for (const row of rows) this.#write(row, now, retention);
        this.#writeAdopted();
      },
      { isSingle },
    );
  }

  /** Whether a row of this commit is all that is written with it. */
  #isPlain(): boolean {
    const isSnapshotNext = (this.state.meta.seq + 1) % LOG_SLOTS === 0;
    return this.#tables.written && !isSnapshotNext && !this.history.hasAdopted;
  }

  #write(row: LogText, now: number, retention: string): void {
    const seq = this.state.meta.seq + 1;
    this.state.meta.seq = seq;
    this.#tables.putLog({ seq, body: row.body });
    this.history.logged(seq, row);
    if (seq % LOG_SLOTS !== 0) return;
    // Later rows of this commit are in the state already: folding them once more changes nothing, for writes are
    // absolute.
    this.#tables.putSnapshot({ seq, body: serializeState(this.state) });
    this.#tables.putHashes(this.history.hashes());
    for (const chunk of chunksOf(seq, this.history.takeLogged())) this.#tables.addChunk(chunk);
    this.#tables.trimHistory(now - durationMs(retention));
  }

  #writeAdopted(): void {
    const events = this.history.takeAdopted();
    if (events.length === 0) return;
    for (const chunk of chunksOf(this.state.meta.seq, events.map(pieceOf))) this.#tables.addChunk(chunk);
    this.#tables.putHashes(this.history.hashes());
  }

  /** Everything, for a merge: the state, and the events in chunks, oldest first. */
  handOver(): Handover {
    return { state: serializeState(this.state), history: this.history.handOver() };
  }

  /** Another profile's events become this one's, in the commit of the merge. */
  adoptHistory(history: string[]): void {
    for (const body of history) this.history.adopt(parseEvents(body));
  }

  /** Leaves nothing but the given state. */
  replaceWith(state: ProfileState, now: number): void {
    this.#sql.transaction(() => {
      this.#tables.clear();
      this.#tables.putLog({
        seq: state.meta.seq,
        body: JSON.stringify({ at: now, events: [], delta: wholeMeta(state) }),
      });
    });
  }

  /** Leaves nothing. To be called in a transaction; the store is of no use afterwards. */
  removeTables(): void {
    this.#tables.drop();
  }

  #openEntry(): LogEntry {
    // The first commit carries the whole meta: it is what a wake without a snapshot starts from.
    const delta = this.isNew ? wholeMeta(this.state) : [];
    this.#pending ??= { at: this.state.meta.lastNow, events: [], delta };
    return this.#pending;
  }
}

function wholeMeta({ meta }: ProfileState): Delta {
  return Object.entries(meta).map(([field, value]) => ['meta', field, value]);
}
