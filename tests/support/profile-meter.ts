/**
 * What a profile costs: rows that SQLite says were written, alarms set (a row each, which SQLite doesn't show), commits,
 * what went to the queues, and statements to D1. Queues only keep: nothing comes back unless the test brings it.
 */
import { env } from 'cloudflare:workers';
import type { DispatchMessage, FactsMessage } from '../../src/protocol/queue-messages.ts';
import type { ProfileRef } from '../../src/protocol/rpc.ts';
import { inProfile, keptQueue, rebind } from './profile-world.ts';

export interface Cost {
  /** Of the object's tables. */
  rows: number;
  alarms: number;
  commits: number;
  dispatches: number;
  factBatches: number;
  statements: number;
}

export interface Meter {
  dispatch: ReturnType<typeof keptQueue<DispatchMessage>>;
  facts: ReturnType<typeof keptQueue<FactsMessage>>;
  /** What `work` cost, with everything that it left behind the answer. */
  cost(work: () => Promise<unknown>): Promise<Cost>;
}

/** Measures the resident object; one that is evicted has to be metered anew. */
export async function meter(ref: ProfileRef): Promise<Meter> {
  const dispatch = keptQueue<DispatchMessage>();
  const facts = keptQueue<FactsMessage>();
  const counted = { alarms: 0, commits: 0, statements: 0 };
  const read = await inProfile(ref, (profile, { storage }) => {
    rebind(profile, { DISPATCH: dispatch, FACTS: facts, DB: countedDatabase(counted) });
    const setAlarm = storage.setAlarm.bind(storage);
    storage.setAlarm = (...args) => {
      counted.alarms += 1;
      return setAlarm(...args);
    };
    const transaction = profile.sql.transaction.bind(profile.sql);
    profile.sql.transaction = (work) => {
      counted.commits += 1;
      return transaction(work);
    };
    return (): Cost => ({
      rows: profile.sql.rowsWritten,
      ...counted,
      dispatches: dispatch.calls.length,
      factBatches: facts.calls.length,
    });
  });
  const sum = () => inProfile(ref, () => read());
  return {
    dispatch,
    facts,
    async cost(work) {
      const before = await sum();
      await work();
      const after = await sum();
      const spent = Object.entries(after).map(([name, n]) => [name, n - before[name as keyof Cost]]);
      return Object.fromEntries(spent) as Cost;
    },
  };
}

function countedDatabase(counted: { statements: number }): D1Database {
  return new Proxy(env.DB, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        counted.statements += 1;
        return Reflect.apply(value, target, args);
      };
    },
  });
}
