/**
 * An object's SQL, counting rows: rows written are the bill, and tests hold every path to its budget. Statements are
 * constant text with bound values, so that SQLite compiles each once.
 */
export class CountedSql {
  rowsRead = 0;
  rowsWritten = 0;
  readonly #storage: DurableObjectStorage;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
  }

  all<Row extends Record<string, SqlStorageValue>>(query: string, ...bindings: SqlStorageValue[]): Row[] {
    const cursor = this.#storage.sql.exec<Row>(query, ...bindings);
    const rows = cursor.toArray();
    this.rowsRead += cursor.rowsRead;
    this.rowsWritten += cursor.rowsWritten;
    return rows;
  }

  /** A statement that only writes. */
  run(query: string, ...bindings: SqlStorageValue[]): void {
    this.rowsWritten += this.#storage.sql.exec(query, ...bindings).rowsWritten;
  }

  /**
   * All or nothing, also where a later statement throws: without it, the earlier ones would stay. A single statement is
   * so by itself, and is spared the savepoint, which costs as much as the row.
   */
  transaction<T>(work: () => T, { isSingle = false } = {}): T {
    return isSingle ? work() : this.#storage.transactionSync(work);
  }

  /** Free to ask, and says how many rows there can be at most. */
  get databaseBytes(): number {
    return this.#storage.sql.databaseSize;
  }

  hasTable(name: string): boolean {
    return this.all('SELECT 1 AS found FROM sqlite_master WHERE name = ?', name).length > 0;
  }
}
