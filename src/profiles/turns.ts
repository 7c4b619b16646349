/**
 * How a profile's object works: wait for everything that has to be waited for (`ready`), then, without waiting again,
 * decide, commit and arm the alarm in one synchronous turn; what must leave is offered behind the answer, and what comes
 * of it is a turn of its own.
 *
 * Memory that may be ahead of the disk, after a commit that failed, is thrown away. So a store is taken anew wherever
 * something was waited for.
 */
import type { Env } from '../bindings.ts';
import type { Config } from '../engine/config.ts';
import { nextDueAt, nextWakeAt } from '../engine/resume.ts';
import type { OutboxEntry } from '../engine/vocabulary.ts';
import type { CountedSql } from '../objects/counted-sql.ts';
import { ObjectAlarm } from '../objects/object-alarm.ts';
import type { ProfileRef } from '../protocol/rpc.ts';
import { configInForce, loadConfig } from '../store/config-cache.ts';
import { movedTo } from './freeze.ts';
import { loadPinned, mayBePinned } from './pinned-versions.ts';
import { ProfileStore } from './profile-store.ts';

/** What a turn decided: what must leave, and the answer, made when the commit is done. */
export interface Turn<T> {
  effects: OutboxEntry[];
  answer: () => T;
}

/** After a fault in the alarm. */
const ALARM_AGAIN_MS = 30_000;

export interface TurnsDeps {
  env(): Env;
  sql: CountedSql;
  storage: DurableObjectStorage;
  /** Behind the answer. */
  offer(store: ProfileStore, effects: OutboxEntry[]): void;
}

export class Turns {
  readonly #deps: TurnsDeps;
  readonly #alarm: ObjectAlarm;
  #store: ProfileStore | null = null;

  constructor(deps: TurnsDeps) {
    this.#deps = deps;
    this.#alarm = new ObjectAlarm(deps.storage);
  }

  /** Everything that a turn needs and has to wait for. */
  async ready(profile: ProfileRef | null = null): Promise<Config> {
    // Heals an alarm that was lost: pending work always has one.
    if (!this.#alarm.isLoaded && (await this.#alarm.load())) this.#arm(this.store(), Date.now());
    const env = this.#deps.env();
    // Nothing is waited for that is there: each wait costs as much as a condition.
    const config = configInForce() ?? (await loadConfig(env));
    const store = this.store(profile);
    if (store && mayBePinned(store.state)) await loadPinned(env, config, store.state);
    return config;
  }

  /** Null where the profile has never been written and nobody says whose it would be. */
  store(profile: ProfileRef | null = null): ProfileStore | null {
    this.#store ??= ProfileStore.load(this.#deps.sql, profile, Date.now());
    return this.#store?.isNew && !profile ? null : this.#store;
  }

  forget(): void {
    this.#store = null;
  }

  take<T>(store: ProfileStore, config: Config, work: (now: number) => Turn<T>): T {
    const now = Date.now();
    try {
      const { effects, answer } = work(now);
      store.commit(now, config.policies.workspace.retention);
      this.#arm(store, now, config);
      if (effects.length > 0) this.#deps.offer(store, effects);
      return answer();
    } catch (error) {
      this.forget();
      throw error;
    }
  }

  /** Never throws: after six failures in a row the platform would drop the alarm, and with it the profile's future. */
  async ring(work: () => Promise<void>): Promise<void> {
    try {
      // Known before the first turn, which would else take the alarm that is being handled for one that was lost.
      await this.#alarm.load();
      this.#alarm.fired();
      await work();
    } catch {
      this.forget();
      const now = Date.now();
      this.#alarm.ensureBy(now + ALARM_AGAIN_MS, now);
    }
  }

  #arm(store: ProfileStore | null, now: number, config: Config | null = null): void {
    const dueAt = store && !movedTo(store) ? wakeAt(store, config, now) : null;
    if (dueAt !== null) this.#alarm.ensureBy(Math.max(dueAt, now), now);
  }
}

/** Times of the profile's own that triggers wait for need the configuration; all else stands in the state. */
function wakeAt({ state, history }: ProfileStore, config: Config | null, now: number): number | null {
  return config ? nextWakeAt({ state, history, config, now }) : nextDueAt(state);
}
