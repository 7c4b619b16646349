/**
 * One user of a simulated world: answers as a profile's object does, over a state in memory. Each call is one turn; what
 * leaves it is taken up by the world when the call has been answered, as in live traffic.
 */
import type { Config } from '../engine/config.ts';
import type { TriggerTrace } from '../engine/reasons.ts';
import type { Scored } from '../engine/recommend/top-list.ts';
import type { ListName } from '../engine/recommend/want.ts';
import { nextWakeAt } from '../engine/resume.ts';
import type { Event, ItemSnapshot, OutboxEntry } from '../engine/vocabulary.ts';
import type { Handed } from '../profiles/decide-event.ts';
import { movedTo } from '../profiles/freeze.ts';
import { ProfileAnswers } from '../profiles/profile-answers.ts';
import type { Turn, TurnPort } from '../profiles/turn-port.ts';
import type { ProfileRef, ProfileRpc } from '../protocol/rpc.ts';
import { MemoryStore } from './memory-store.ts';
import type { Person } from './report.ts';
import type { SimulatedCatalog } from './simulated-catalog.ts';

/** What a profile needs of the world around it. */
export interface Surroundings {
  readonly config: Config;
  readonly now: number;
  readonly catalog: Pick<SimulatedCatalog, 'read' | 'note' | 'list'>;
  profile(key: string): { answers: ProfileRpc };
  /** Told of every explanation; the event is null where a timer or the dispatcher set it off. */
  explained(profile: SimulatedProfile, event: Event | null, trace: TriggerTrace[]): void;
  /** After every turn. */
  turned(profile: SimulatedProfile, effects: OutboxEntry[]): void;
}

export class SimulatedProfile implements TurnPort<MemoryStore> {
  readonly key: string;
  readonly answers = new ProfileAnswers(this);
  readonly handed: Handed = new Map();
  /** When time alone will next do something to it; null: never. */
  wakeAt: number | null = null;
  readonly #world: Surroundings;
  #store: MemoryStore | null = null;

  constructor(key: string, world: Surroundings) {
    this.key = key;
    this.#world = world;
  }

  get person(): Person {
    const meta = this.#store?.state.meta;
    if (meta?.kind === 'user') return { userId: meta.id, anonymousId: null };
    return { userId: null, anonymousId: meta?.id ?? null };
  }

  get hasMoved(): boolean {
    return this.#store !== null && movedTo(this.#store) !== null;
  }

  now(): number {
    return this.#world.now;
  }

  /** Nothing has to be waited for. */
  async ready(): Promise<Config> {
    return this.#world.config;
  }

  store(profile: ProfileRef | null = null): MemoryStore | null {
    if (profile) {
      this.#store ??= new MemoryStore(profile, this.#world.now, (event, trace) =>
        this.#world.explained(this, event, trace),
      );
    }
    return this.#store?.isNew && !profile ? null : this.#store;
  }

  take<T>(store: MemoryStore, config: Config, work: (now: number) => Turn<T>): T {
    const { now } = this.#world;
    const { effects, samples = [], isUndecided, answer } = work(now);
    if (isUndecided) return answer();
    store.commit();
    const { state, history } = store;
    this.wakeAt = this.hasMoved ? null : nextWakeAt({ state, history, config, now, handed: this.handed });
    this.#world.turned(this, effects);
    this.#world.catalog.note(samples);
    return answer();
  }

  async items(ids: string[]): Promise<ReadonlyMap<string, ItemSnapshot>> {
    const items = new Map<string, ItemSnapshot>();
    for (const id of ids) {
      const known = await this.#world.catalog.read(id);
      if (known) items.set(id, known.item);
    }
    return items;
  }

  async lists(names: ListName[]): Promise<ReadonlyMap<ListName, readonly Scored[]>> {
    return new Map(names.map((name) => [name, this.#world.catalog.list(name)]));
  }

  /** Memory is the disk. */
  forget(): void {}

  /** Lives are played, not erased. */
  erased(): null {
    return null;
  }

  async eraseWith(): Promise<void> {
    throw new Error('no profile of a simulation is erased');
  }

  profile(key: string): ProfileRpc {
    return this.#world.profile(key).answers;
  }
}
