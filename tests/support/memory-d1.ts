/** D1 on a SQLite of its own in memory, with the project's migrations; `fateOf` may lose a call or its answer. */
import { type CallFate, SimD1 } from '../simulation/harness/sim-d1.ts';

export interface MemoryD1 {
  db: D1Database;
  rows<T>(sql: string): T[];
}

export function memoryD1(fateOf: () => CallFate = () => 'done'): MemoryD1 {
  const d1 = new SimD1();
  // Nothing here waits for anything else: each call takes effect where it is made.
  const kernel = { ask: async (_label: string, _by: unknown, effect: () => unknown) => effect() };
  const db = d1.bindingFor({ name: 'test', alive: true }, kernel as never, fateOf);
  return { db, rows: <T>(sql: string) => d1.run(sql) as T[] };
}
