/** D1 on a real SQLite in memory, with the project's migrations; each call is one operation of the kernel. */
import { readdirSync, readFileSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { Kernel, Process } from './kernel.ts';

type Row = Record<string, unknown>;

/** What becomes of a call. `after`: it took effect, and the answer is lost. */
export type CallFate = 'done' | 'before' | 'after';

interface Statement {
  query: string;
  values: SQLInputValue[];
}

const MIGRATIONS = new URL('../../../migrations/', import.meta.url);
const TABLES = [
  'documents',
  'document_versions',
  'audit',
  'deliveries',
  'delivery_contents',
  'dead_letters',
  'conversions',
  'holdouts',
  'exposures',
  'reactions',
  'merged_profiles',
  'active_days',
  'journey_stages',
  'guardrail_pauses',
  'shadow_sends',
  'decisions',
];

/** One for all seeds: making the tables costs more than emptying them. */
export class SimD1 {
  readonly #database = new DatabaseSync(':memory:');
  readonly #statements = new Map<string, StatementSync>();
  #epochs = 0;

  constructor() {
    for (const name of readdirSync(MIGRATIONS).sort()) {
      this.#database.exec(readFileSync(new URL(name, MIGRATIONS), 'utf8'));
    }
  }

  /** Another, empty database, as far as anybody can tell. */
  reset(): void {
    for (const table of TABLES) this.run(`DELETE FROM ${table}`);
    this.#epochs += 1;
    this.run('UPDATE config_head SET epoch = ?, version = 0, stopped = 0', `epoch ${this.#epochs}`);
  }

  run(query: string, ...values: SQLInputValue[]): Row[] {
    let statement = this.#statements.get(query);
    if (!statement) {
      statement = this.#database.prepare(query);
      this.#statements.set(query, statement);
    }
    return statement.all(...values) as Row[];
  }

  /** As one process sees it. */
  bindingFor(
    by: Process,
    kernel: Kernel,
    fateOf: (queries: string[]) => CallFate,
    seen: (queries: string[], rows: Row[][]) => Row[][] = (_, rows) => rows,
  ): D1Database {
    const call = (statements: Statement[]): Promise<D1Result<Row>[]> =>
      kernel.ask('d1', by, () => {
        const queries = statements.map(({ query }) => query);
        const fate = fateOf(queries);
        if (fate === 'before') throw new Error('D1_ERROR: storage caused object to be reset');
        const rows = seen(queries, this.#batch(statements));
        if (fate === 'after') throw new Error('D1_ERROR: network connection lost');
        return rows.map((results) => ({ results, success: true, meta: {} }) as unknown as D1Result<Row>);
      });
    const prepare = (query: string, values: SQLInputValue[] = []): unknown => ({
      query,
      values,
      bind: (...bound: unknown[]) => prepare(query, bound.map(toSqlite)),
      all: async () => (await call([{ query, values }]))[0],
      run: async () => (await call([{ query, values }]))[0],
      first: async () => (await call([{ query, values }]))[0]?.results[0] ?? null,
    });
    const database = {
      prepare,
      batch: (statements: unknown) => call(statements as Statement[]),
      withSession: () => database,
    };
    return database as unknown as D1Database;
  }

  #batch(statements: Statement[]): Row[][] {
    this.#database.exec('BEGIN');
    try {
      const rows = statements.map(({ query, values }) => this.run(query, ...values));
      this.#database.exec('COMMIT');
      return rows;
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    }
  }
}

function toSqlite(value: unknown): SQLInputValue {
  return typeof value === 'boolean' ? Number(value) : (value as SQLInputValue);
}
