/**
 * A profile on disk: a log with snapshots.
 *
 *     log       slot = seq mod 64: one commit, with its events, their explanation and the state's writes as data
 *     snapshot  the whole state as of a seq that 64 divides
 *     history   the events of those 64 commits, for good (until `retention` trims them)
 *     dedupe    hashes of the newest 4,096 event ids
 *
 * An ordinary event writes one row. Every 64th commit also writes the snapshot, the chunk and the hashes, so that the
 * slots may be overwritten; a wake loads the snapshot and folds at most 64 commits. `log` is made with the first commit,
 * the others with the first snapshot: a visitor of one page costs one table.
 */
import type { CountedSql } from '../objects/counted-sql.ts';

export const LOG_SLOTS = 64;

export interface LogRow {
  seq: number;
  body: string;
}

export interface Chunk {
  /** The last seq of the commits in it. */
  seq: number;
  /** The newest timestamp in it. */
  maxAt: number;
  /** Bounds of the clients' own times: where a repeated id is looked for. */
  minOriginalAt: number;
  maxOriginalAt: number;
  /** Event names, each between line feeds: which chunks a scan may skip. */
  names: string;
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
    return (
      this.#sql.all<{ seq: number; body: string }>('SELECT seq, body FROM snapshot WHERE id = 0')[0] ?? null
    );
  }

  logSince(seq: number): LogRow[] {
    if (!this.#hasLog) return [];
    return this.#sql.all<{ seq: number; body: string }>(
      'SELECT seq, body FROM log WHERE seq > ? ORDER BY seq',
      seq,
    );
  }

  putLog({ seq, body }: LogRow): void {
    if (!this.#hasLog) {
      this.#sql.all(
        'CREATE TABLE IF NOT EXISTS log (slot INTEGER PRIMARY KEY, seq INTEGER NOT NULL, body TEXT NOT NULL)',
      );
      this.#hasLog = true;
    }
    this.#sql.all(
      'INSERT INTO log (slot, seq, body) VALUES (?1, ?2, ?3) ON CONFLICT (slot) DO UPDATE SET seq = ?2, body = ?3',
      seq % LOG_SLOTS,
      seq,
      body,
    );
  }

  putSnapshot(row: LogRow, hashes: ArrayBuffer, chunk: Chunk | null): void {
    this.#createSnapshotTables();
    this.#sql.all(
      'INSERT INTO snapshot (id, seq, body) VALUES (0, ?1, ?2) ON CONFLICT (id) DO UPDATE SET seq = ?1, body = ?2',
      row.seq,
      row.body,
    );
    this.putHashes(hashes);
    if (chunk) this.addChunk(chunk);
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

  /** Bodies of the chunks that may hold events of the name after the instant, newest first. */
  chunksWith(name: string, afterAt: number): string[] {
    if (!this.#hasSnapshot) return [];
    return this.#bodies(
      'SELECT body FROM history WHERE max_at > ? AND instr(names, ?) > 0 ORDER BY id DESC',
      Math.max(afterAt, Number.MIN_SAFE_INTEGER),
      `\n${name}\n`,
    );
  }

  /** Bodies of the chunks of that client time in which an event may have this id. */
  chunksMentioning(messageId: string, originalAt: number): string[] {
    if (!this.#hasSnapshot) return [];
    return this.#bodies(
      'SELECT body FROM history WHERE min_original_at <= ?1 AND max_original_at >= ?1 AND instr(body, ?2) > 0',
      originalAt,
      `"messageId":${JSON.stringify(messageId)}`,
    );
  }

  newestChunks(limit: number): string[] {
    if (!this.#hasSnapshot) return [];
    return this.#bodies('SELECT body FROM history ORDER BY id DESC LIMIT ?', limit);
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

  #bodies(query: string, ...bindings: SqlStorageValue[]): string[] {
    return this.#sql.all<{ body: string }>(query, ...bindings).map(({ body }) => body);
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
