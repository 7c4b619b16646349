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

  /** All or nothing, also where a later statement throws: without it, the earlier ones would stay. */
  transaction<T>(work: () => T): T {
    return this.#storage.transactionSync(work);
  }

  hasTable(name: string): boolean {
    return this.all('SELECT 1 AS found FROM sqlite_master WHERE name = ?', name).length > 0;
  }
}
