/**
 * An object's storage with the platform's rules, on a real SQLite in memory: what is written without waiting in between
 * is one implicit transaction, durable or gone as a whole when the process dies; an alarm is part of it. An error thrown
 * by one statement takes back nothing else.
 */
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';

type Row = Record<string, unknown>;

/** Told of every statement before it runs; may throw, as a disk does, or answer the rows instead. */
export interface StorageHooks {
  beforeSql?(query: string, bindings: unknown[]): void;
  /** May change what is read. */
  afterRead?(query: string, rows: Row[]): Row[];
  /** False: the statement is skipped. */
  allows?(query: string, bindings: unknown[]): boolean;
  setsAlarm?(at: number): boolean;
  /** Answers when everything written so far is durable. */
  sync(): Promise<void>;
  rollsBack?(): boolean;
}

const WRITES = /^\s*(INSERT|UPDATE|DELETE|CREATE|DROP|ALTER)/i;
const NOTHING = { toArray: () => [], rowsRead: 0, rowsWritten: 0 };

export class SimStorage {
  readonly hooks: StorageHooks;
  /** As the platform has it; `alarm` is what the object would see. */
  committedAlarm: number | null = null;
  #alarm: number | null = null;
  #database: DatabaseSync | null = null;
  readonly #statements = new Map<string, StatementSync>();
  #isOpen = false;
  #hasWritten = false;
  #savepoints = 0;

  constructor(hooks: StorageHooks) {
    this.hooks = hooks;
  }

  readonly sql = {
    exec: (query: string, ...bindings: unknown[]) => this.#exec(query, bindings),
  };

  /** Something is written and not yet durable. */
  get isDirty(): boolean {
    return this.#isOpen;
  }

  /** Rows, not only an alarm. */
  get hasDirtyRows(): boolean {
    return this.#isOpen && this.#hasWritten;
  }

  commit(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#hasWritten = false;
    this.#database?.exec('COMMIT');
    this.committedAlarm = this.#alarm;
  }

  rollback(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#hasWritten = false;
    this.#database?.exec('ROLLBACK');
    this.#alarm = this.committedAlarm;
  }

  /** The platform takes the alarm to run it, or loses it. */
  clearAlarm(): void {
    this.#alarm = null;
    this.committedAlarm = null;
  }

  close(): void {
    this.#database?.close();
  }

  async getAlarm(): Promise<number | null> {
    return this.#alarm;
  }

  async setAlarm(at: number): Promise<void> {
    if (this.hooks.setsAlarm?.(at) === false) return;
    this.#open();
    this.#alarm = at;
  }

  sync(): Promise<void> {
    return this.hooks.sync();
  }

  async deleteAlarm(): Promise<void> {
    this.#open();
    this.#alarm = null;
  }

  transactionSync<T>(work: () => T): T {
    this.#open();
    const name = `s${this.#savepoints++}`;
    this.#database?.exec(`SAVEPOINT ${name}`);
    try {
      const result = work();
      this.#database?.exec(`RELEASE ${name}`);
      return result;
    } catch (error) {
      if (this.hooks.rollsBack?.() !== false) this.#database?.exec(`ROLLBACK TO ${name}`);
      this.#database?.exec(`RELEASE ${name}`);
      throw error;
    }
  }

  /** For whoever looks from outside: no hook, no transaction. */
  peek(query: string, ...bindings: SQLInputValue[]): Row[] {
    return this.#database ? (this.#prepare(query).all(...bindings) as Row[]) : [];
  }

  #exec(query: string, bindings: unknown[]) {
    this.hooks.beforeSql?.(query, bindings);
    const writes = WRITES.test(query);
    // Nothing has been written: there are no tables, and most objects of a deployment never have any.
    if (!writes && !this.#database) return NOTHING;
    if (writes && this.hooks.allows?.(query, bindings) === false) return NOTHING;
    if (writes) {
      this.#open();
      this.#hasWritten = true;
    }
    const rows = this.#prepare(query)
      .all(...bindings.map(toSqlite))
      .map(fromSqlite);
    const read = writes ? rows : (this.hooks.afterRead?.(query, rows) ?? rows);
    return { toArray: () => read, rowsRead: read.length, rowsWritten: writes ? 1 : 0 };
  }

  #prepare(query: string): StatementSync {
    this.#database ??= new DatabaseSync(':memory:');
    const known = this.#statements.get(query);
    if (known) return known;
    const statement = this.#database.prepare(query);
    this.#statements.set(query, statement);
    return statement;
  }

  #open(): void {
    if (this.#isOpen) return;
    this.#database ??= new DatabaseSync(':memory:');
    this.#database.exec('BEGIN');
    this.#isOpen = true;
  }
}

function toSqlite(value: unknown): SQLInputValue {
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (typeof value === 'boolean') return Number(value);
  return (value ?? null) as SQLInputValue;
}

function fromSqlite(row: Row): Row {
  for (const [name, value] of Object.entries(row)) {
    if (value instanceof Uint8Array) row[name] = value.slice().buffer;
  }
  return row;
}
