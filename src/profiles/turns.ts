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
import type { ItemSample } from '../engine/recommend/item-sample.ts';
import type { Scored } from '../engine/recommend/top-list.ts';
import type { ListName } from '../engine/recommend/want.ts';
import { nextDueAt, nextWakeAt } from '../engine/resume.ts';
import type { ItemSnapshot, OutboxEntry } from '../engine/vocabulary.ts';
import type { CountedSql } from '../objects/counted-sql.ts';
import { type AlarmInfo, ObjectAlarm } from '../objects/object-alarm.ts';
import type { EraseRequest } from '../protocol/profile-data-rpc.ts';
import type { ProfileRef } from '../protocol/rpc.ts';
import { catalogStub, popularStub } from '../protocol/stubs.ts';
import { configInForce, loadConfig } from '../store/config-cache.ts';
import { CurrentItems } from './current-items.ts';
import { CurrentLists } from './current-lists.ts';
import type { Handed } from './decide-event.ts';
import { movedTo } from './freeze.ts';
import { loadPinned, mayBePinned } from './pinned-versions.ts';
import { ProfileStore } from './profile-store.ts';
import type { Turn, TurnPort } from './turn-port.ts';

/** How long a frozen profile waits to be released before it asks. */
const ASK_AFTER_MS = 60_000;
/** After a fault in the alarm. */
const ALARM_AGAIN_MS = 30_000;

const currentItems = new CurrentItems();
const currentLists = new CurrentLists();

export interface TurnsDeps extends Pick<TurnPort, 'profile' | 'erased' | 'eraseWith'> {
  env(): Env;
  sql: CountedSql;
  storage: DurableObjectStorage;
  /** Behind the answer. */
  offer(store: ProfileStore, effects: OutboxEntry[]): void;
  /** Behind the answer as well. */
  tellCatalog(samples: readonly ItemSample[]): void;
  /** Called before a turn; what it returns, after the commit. Null where nobody listens. */
  listen(store: ProfileStore, config: Config, now: number): (() => void) | null;
}

export class Turns implements TurnPort<ProfileStore> {
  readonly handed: Handed = new Map();
  readonly #deps: TurnsDeps;
  readonly alarm: ObjectAlarm;
  #store: ProfileStore | null = null;

  constructor(deps: TurnsDeps) {
    this.#deps = deps;
    this.alarm = new ObjectAlarm(deps.storage);
  }

  /** Heals an alarm that was lost: pending work always has one, also where the configuration can't be read. */
  async wake(): Promise<boolean> {
    const isFirst = await this.alarm.load();
    if (isFirst) this.#arm(this.store(), Date.now());
    return isFirst;
  }

  now(): number {
    return Date.now();
  }

  profile(key: string): ReturnType<TurnPort['profile']> {
    return this.#deps.profile(key);
  }

  erased(): ReturnType<TurnPort['erased']> {
    return this.#deps.erased();
  }

  eraseWith(request: EraseRequest): Promise<unknown> {
    return this.#deps.eraseWith(request);
  }

  async ready(profile: ProfileRef | null = null): Promise<Config> {
    const isFirst = !this.alarm.isLoaded && (await this.wake());
    const env = this.#deps.env();
    // Nothing is waited for that is there: each wait costs as much as a condition.
    const config = configInForce() ?? (await loadConfig(env));
    const store = this.store(profile);
    if (store && mayBePinned(store.state)) await loadPinned(env, config, store.state);
    // Silences and dates are due by the configuration alone.
    if (isFirst) this.#arm(this.store(), Date.now(), config);
    return config;
  }

  store(profile: ProfileRef | null = null): ProfileStore | null {
    this.#store ??= ProfileStore.load(this.#deps.sql, profile, Date.now());
    return this.#store?.isNew && !profile ? null : this.#store;
  }

  items(ids: string[]): Promise<ReadonlyMap<string, ItemSnapshot>> {
    const env = this.#deps.env();
    return currentItems.get(ids, Date.now(), (id) => catalogStub(env, id).read(id));
  }

  lists(names: ListName[]): Promise<ReadonlyMap<ListName, readonly Scored[]>> {
    const env = this.#deps.env();
    return currentLists.get(names, Date.now(), {
      together: (itemId) => catalogStub(env, itemId),
      popular: () => popularStub(env),
    });
  }

  forget(): void {
    this.#store = null;
  }

  take<T>(store: ProfileStore, config: Config, work: (now: number) => Turn<T>): T {
    const now = Date.now();
    try {
      const tell = this.#deps.listen(store, config, now);
      const { effects, samples = [], isUndecided, answer } = work(now);
      if (isUndecided) return answer();
      store.commit(now, config.policies.workspace.retention);
      this.#arm(store, now, config);
      if (effects.length > 0) this.#deps.offer(store, effects);
      if (samples.length > 0) this.#deps.tellCatalog(samples);
      tell?.();
      return answer();
    } catch (error) {
      this.forget();
      throw error;
    }
  }

  async ring(info: AlarmInfo | undefined, work: () => Promise<void>): Promise<void> {
    const isDone = await this.alarm.ring(info, ALARM_AGAIN_MS, Date.now, work);
    if (!isDone) this.forget();
  }

  #arm(store: ProfileStore | null, now: number, config: Config | null = null): void {
    const dueAt = store && wakeAt(store, config, now);
    if (dueAt !== null) this.alarm.ensureBy(dueAt, now);
  }
}

/** Times of the profile's own that triggers wait for need the configuration; all else stands in the state. */
function wakeAt(store: ProfileStore, config: Config | null, now: number): number | null {
  const { state, history } = store;
  // Handed over, it waits for the word that it has arrived, and asks for it; after that, for nothing.
  if (movedTo(store)) return state.meta.movedTo?.released ? null : state.meta.lastNow + ASK_AFTER_MS;
  return config ? nextWakeAt({ state, history, config, now }) : nextDueAt(state);
}
