/** What a profile's calls need of whoever runs them: an object on the platform, or a simulation in memory. */
import type { Config } from '../engine/config.ts';
import type { ItemSample } from '../engine/recommend/item-sample.ts';
import type { Scored } from '../engine/recommend/top-list.ts';
import type { ListName } from '../engine/recommend/want.ts';
import type { ItemSnapshot, OutboxEntry } from '../engine/vocabulary.ts';
import type { EraseRequest } from '../protocol/profile-data-rpc.ts';
import type { ProfileRef, ProfileRpc } from '../protocol/rpc.ts';
import type { Handed } from './decide-event.ts';
import type { Erasure } from './erasure-store.ts';
import type { TurnStore } from './turn-store.ts';

/** What a turn decided: what must leave, and the answer, made when the commit is done. */
export interface Turn<T> {
  effects: OutboxEntry[];
  /** For the catalog: hints, which leave with the effects, and once. */
  samples?: ItemSample[];
  /** Nothing was taken: there is nothing to commit, and no alarm to move. */
  isUndecided?: boolean;
  answer: () => T;
}

export interface TurnPort<Store extends TurnStore = TurnStore> {
  readonly handed: Handed;
  now(): number;
  /** Everything that a turn needs and has to wait for. */
  ready(profile?: ProfileRef | null): Promise<Config>;
  /**
   * Null where the profile has never been written and nobody says whose it would be. To be taken anew after every wait:
   * memory may have been thrown away meanwhile.
   */
  store(profile?: ProfileRef | null): Store | null;
  /** One synchronous turn: decides, commits, arms, and offers what must leave behind the answer. */
  take<T>(store: Store, config: Config, work: (now: number) => Turn<T>): T;
  /** Those of the items that the catalog knows, as they are now or were moments ago. Throws where it can't be reached. */
  items(ids: string[]): Promise<ReadonlyMap<string, ItemSnapshot>>;
  /** Of the catalog's lists, seconds old at most; one that can't be read now is empty. */
  lists(names: ListName[]): Promise<ReadonlyMap<ListName, readonly Scored[]>>;
  /** Memory is no longer what stands on disk. */
  forget(): void;
  /** What was erased of this name, while no new life has begun. */
  erased(): Erasure | null;
  /** Erases this anonymous profile, as a part of the known one that is being erased. */
  eraseWith(request: EraseRequest): Promise<unknown>;
  /** Another profile; a new stub each time: one that has failed stays broken. */
  profile(key: string): Pick<ProfileRpc, 'freeze' | 'settle'>;
}
