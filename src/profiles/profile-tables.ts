/**
 * A profile on disk: a log with snapshots.
 *
 *     log       slot = seq mod 64: one commit, with its events, their explanation and the state's writes as data
 *     snapshot  the whole state as of a seq that 64 divides; in one row, or in several where it is too large for one
 *     history   the events of those 64 commits, for good (until `retention` trims them)
 *     dedupe    hashes of the newest 4,096 event ids
 *
 * An ordinary event writes one row. Every 64th commit also writes the snapshot, the chunk and the hashes, so that the
 * slots may be overwritten; a wake loads the snapshot and folds at most 64 commits. `log` is made with the first commit,
 * the others with the first snapshot: a visitor of one page costs one table.
 */
import type { CountedSql } from '../objects/counted-sql.ts';
import { cutText } from './cut-text.ts';
import type { Chunk } from './history-chunk.ts';
import { MAX_ROW_CHARS } from './log-entry.ts';

export const LOG_SLOTS = 64;

export interface LogRow {
  seq: number;
  body: string;
}

export class ProfileTables {
  readonly #sql: CountedSql;
  #hasLog: boolean;
  #hasSnapshot: boolean;

  constructor(sql: CountedSql) {
    this.#sql = sql;
    this.#hasLog = sql.hasTable('log');
    this.#hasSnapshot = this.#hasLog && sql.hasTable('snapshot');
  }

  get written(): boolean {
    return this.#hasLog;
  }

  snapshot(): LogRow | null {
    if (!this.#hasSnapshot) return null;
    const rows = this.#sql.all<{ seq: number; body: string }>('SELECT seq, body FROM snapshot ORDER BY id');
    const [first] = rows;
    return first ? { seq: first.seq, body: rows.map(({ body }) => body).join('') } : null;
  }

  logSince(seq: number): LogRow[] {
    if (!this.#hasLog) return [];
    return this.#sql.all<{ seq: number; body: string }>(
      'SELECT seq, body FROM log WHERE seq > ? ORDER BY seq',
      seq,
    );
  }

  /** One commit's body, while its slot hasn't been overwritten. */
  log(seq: number): string {
    const [row] = this.#sql.all<{ body: string }>(
      'SELECT body FROM log WHERE slot = ? AND seq = ?',
      seq % LOG_SLOTS,
      seq,
    );
    if (!row) throw new Error(`The log's row ${seq} is gone.`);
    return row.body;
  }

  putLog({ seq, body }: LogRow): void {
    if (!this.#hasLog) {
      this.#sql.all(
        'CREATE TABLE IF NOT EXISTS log (slot INTEGER PRIMARY KEY, seq INTEGER NOT NULL, body TEXT NOT NULL)',
      );
      this.#hasLog = true;
    }
    this.#sql.run(
      'INSERT INTO log (slot, seq, body) VALUES (?1, ?2, ?3) ON CONFLICT (slot) DO UPDATE SET seq = ?2, body = ?3',
      seq % LOG_SLOTS,
      seq,
      body,
    );
  }

  putSnapshot({ seq, body }: LogRow): void {
    this.#createSnapshotTables();
    const parts = cutText(body, MAX_ROW_CHARS);
    for (const [id, part] of parts.entries()) {
      this.#sql.all(
        'INSERT INTO snapshot (id, seq, body) VALUES (?1, ?2, ?3) ON CONFLICT (id) DO UPDATE SET seq = ?2, body = ?3',
        id,
        seq,
        part,
      );
    }
    this.#sql.all('DELETE FROM snapshot WHERE id >= ?', parts.length);
  }

  putHashes(hashes: ArrayBuffer): void {
    this.#createSnapshotTables();
    this.#sql.all(
      'INSERT INTO dedupe (id, hashes) VALUES (0, ?1) ON CONFLICT (id) DO UPDATE SET hashes = ?1',
      hashes,
    );
  }

  addChunk(chunk: Chunk): void {
    this.#createSnapshotTables();
    this.#sql.all(
      `INSERT INTO history (seq, max_at, min_original_at, max_original_at, names, body)
       VALUES (?, ?, ?, ?, ?, ?)`,
      chunk.seq,
      chunk.maxAt,
      chunk.minOriginalAt,
      chunk.maxOriginalAt,
      chunk.names,
      chunk.body,
    );
  }

  hashes(): ArrayBuffer | null {
    if (!this.#hasSnapshot) return null;
    return (
      this.#sql.all<{ hashes: ArrayBuffer }>('SELECT hashes FROM dedupe WHERE id = 0')[0]?.hashes ?? null
    );
  }

  /** Bodies of the chunks that may hold events of the name after the instant, newest first; read one by one. */
  *chunksWith(name: string, afterAt: number): Generator<string> {
    if (!this.#hasSnapshot) return;
    const ids = this.#sql.all<{ id: number }>(
      'SELECT id FROM history WHERE max_at > ? AND instr(names, ?) > 0 ORDER BY id DESC',
      Math.max(afterAt, Number.MIN_SAFE_INTEGER),
      `\n${name}\n`,
    );
    for (const { id } of ids) yield this.chunk(id);
  }

  /** Bodies of the chunks with events after the instant, newest first; read one by one. */
  *chunksAfter(afterAt: number): Generator<string> {
    if (!this.#hasSnapshot) return;
    const ids = this.#sql.all<{ id: number }>(
      'SELECT id FROM history WHERE max_at > ? ORDER BY id DESC',
      afterAt,
    );
    for (const { id } of ids) yield this.chunk(id);
  }

  /** Bodies of all chunks, newest first; read one by one. */
  *chunksNewestFirst(): Generator<string> {
    if (!this.#hasSnapshot) return;
    for (const { id } of this.#sql.all<{ id: number }>('SELECT id FROM history ORDER BY id DESC')) {
      yield this.chunk(id);
    }
  }

  /** The clients' own times in each chunk. */
  chunkBounds(): { id: number; min: number; max: number }[] {
    if (!this.#hasSnapshot) return [];
    return this.#sql.all('SELECT id, min_original_at AS min, max_original_at AS max FROM history');
  }

  chunk(id: number): string {
    return this.#sql.all<{ body: string }>('SELECT body FROM history WHERE id = ?', id)[0]?.body ?? '[]';
  }

  chunkAfter(id: number): { id: number; body: string } | null {
    if (!this.#hasSnapshot) return null;
    const rows = this.#sql.all<{ id: number; body: string }>(
      'SELECT id, body FROM history WHERE id > ? ORDER BY id LIMIT 1',
      id,
    );
    return rows[0] ?? null;
  }

  trimHistory(beforeAt: number): void {
    if (this.#hasSnapshot) this.#sql.all('DELETE FROM history WHERE max_at < ?', beforeAt);
  }

  /** Everything but what is written next. */
  clear(): void {
    if (this.#hasLog) this.#sql.all('DELETE FROM log');
    if (!this.#hasSnapshot) return;
    this.#sql.all('DELETE FROM snapshot');
    this.#sql.all('DELETE FROM history');
    this.#sql.all('DELETE FROM dedupe');
  }

  /** For good, with the tables themselves: whoever wakes then finds that nothing was ever written. */
  drop(): void {
    for (const table of ['log', 'snapshot', 'history', 'dedupe'])
      this.#sql.all(`DROP TABLE IF EXISTS ${table}`);
    this.#hasLog = false;
    this.#hasSnapshot = false;
  }

  #createSnapshotTables(): void {
    if (this.#hasSnapshot) return;
    this.#sql.all(
      'CREATE TABLE IF NOT EXISTS snapshot (id INTEGER PRIMARY KEY, seq INTEGER NOT NULL, body TEXT NOT NULL)',
    );
    this.#sql.all('CREATE TABLE IF NOT EXISTS dedupe (id INTEGER PRIMARY KEY, hashes BLOB NOT NULL)');
    this.#sql.all(
      `CREATE TABLE IF NOT EXISTS history (id INTEGER PRIMARY KEY, seq INTEGER NOT NULL,
         max_at INTEGER NOT NULL, min_original_at INTEGER NOT NULL, max_original_at INTEGER NOT NULL,
         names TEXT NOT NULL, body TEXT NOT NULL)`,
    );
    this.#hasSnapshot = true;
  }
}
