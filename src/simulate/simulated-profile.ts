/**
 * One user of a simulated world: the very functions that a profile's object runs, over a state in memory. Each call is
 * one turn; what leaves it is taken up by the world when the call has been answered, as in live traffic.
 */
import { claim, settle } from '../engine/claim.ts';
import type { Config } from '../engine/config.ts';
import { dueMessages, POLL_SECONDS } from '../engine/due-messages.ts';
import { nextWakeAt, resume } from '../engine/resume.ts';
import type { OutboxEntry } from '../engine/vocabulary.ts';
import { decideEvent, type Handed } from '../profiles/decide-event.ts';
import { describe } from '../profiles/describe.ts';
import { freeze, movedTo, release } from '../profiles/freeze.ts';
import { foldFrozen, freezeLinks } from '../profiles/merge-links.ts';
import type {
  ClaimResult,
  DueMessages,
  ExplainedEvent,
  FreezeRequest,
  FreezeResult,
  IngestRequest,
  IngestResult,
  MessageQuery,
  NextResult,
  ProfileRef,
  ProfileRpc,
  ProfileView,
  Settlement,
} from '../protocol/rpc.ts';
import { type Explained, MemoryStore } from './memory-store.ts';
import type { Person } from './report.ts';

/** What a profile needs of the world around it. */
export interface Surroundings {
  readonly config: Config;
  readonly now: number;
  profile(key: string): ProfileRpc;
  explained(profile: SimulatedProfile): Explained;
  /** After every turn. */
  turned(profile: SimulatedProfile, effects: OutboxEntry[]): void;
}

const HANDED_MS = 60_000;
const NOTHING_DUE: DueMessages = { cursor: '0', messages: [], next: POLL_SECONDS };

export class SimulatedProfile implements ProfileRpc {
  readonly key: string;
  /** When time alone will next do something to it; null: never. */
  wakeAt: number | null = null;
  readonly #world: Surroundings;
  readonly #handed: Handed = new Map();
  #store: MemoryStore | null = null;

  constructor(key: string, world: Surroundings) {
    this.key = key;
    this.#world = world;
  }

  /** Null where nothing is known of it. */
  get store(): MemoryStore | null {
    return this.#store?.isNew ? null : this.#store;
  }

  get person(): Person {
    const meta = this.#store?.state.meta;
    if (meta?.kind === 'user') return { userId: meta.id, anonymousId: null };
    return { userId: null, anonymousId: meta?.id ?? null };
  }

  get hasMoved(): boolean {
    return this.#store !== null && movedTo(this.#store) !== null;
  }

  async ingest(request: IngestRequest): Promise<IngestResult> {
    const links = (request.links ?? []).filter(({ key }) => !this.#store?.state.links.has(key));
    const frozen = await freezeLinks(request.profile, links, (key) => this.#world.profile(key));
    if (!Array.isArray(frozen)) return { kind: 'unavailable', retryAfterSeconds: 1 };
    // A watcher's row names nobody: news of an item makes no profile.
    const store = request.profile.id === '' ? this.store : this.#open(request.profile);
    if (!store) return { kind: 'done' };
    const moved = movedTo(store);
    if (moved) return { kind: 'moved', to: moved };
    const { config, now } = this.#world;
    return this.#take(store, () => {
      const effects = foldFrozen(store, config, frozen, now);
      for (const event of request.events) {
        effects.push(...decideEvent(store, config, this.#handed, event, now));
      }
      const { read } = request;
      const answer = (): IngestResult => ({ kind: 'done', ...(read && { due: this.#due(store, read) }) });
      return { effects, answer };
    });
  }

  async next(query: MessageQuery): Promise<NextResult> {
    const { store } = this;
    if (!store) return { kind: 'done', due: NOTHING_DUE };
    const moved = movedTo(store);
    return moved ? { kind: 'moved', to: moved } : { kind: 'done', due: this.#due(store, query) };
  }

  async claim(messageId: string): Promise<ClaimResult> {
    return this.claimNow(messageId);
  }

  claimNow(messageId: string): ClaimResult {
    const { store } = this;
    if (!store) return { kind: 'gone', reason: 'settled' };
    const moved = movedTo(store);
    if (moved) return { kind: 'moved', to: moved };
    return this.#take(store, () => {
      const claimed = claim({ ...this.#input(store), messageId });
      store.apply(claimed.delta);
      return { effects: claimed.effects, answer: () => claimed.claim };
    });
  }

  async settle(messageId: string, outcome: Settlement): Promise<void> {
    this.settleNow(messageId, outcome);
  }

  settleNow(messageId: string, outcome: Settlement): void {
    const { store } = this;
    if (!store) return;
    this.#take(store, () => {
      const settled = settle({ ...this.#input(store), messageId, outcome });
      store.apply(settled.delta);
      store.explainTimers(settled.trace);
      return { effects: settled.effects, answer: () => undefined };
    });
  }

  async settleFacts(seqs: number[]): Promise<void> {
    this.done(seqs.map((seq) => `fact:${seq}`));
  }

  /** These have left for good. */
  done(outboxIds: string[]): void {
    const { store } = this;
    if (!store) return;
    this.#take(store, () => {
      store.apply(outboxIds.filter((id) => store.state.outbox.has(id)).map((id) => ['outbox', id, null]));
      return { effects: [], answer: () => undefined };
    });
  }

  /** A turn of the caller's making. */
  turn(work: (store: MemoryStore, handed: Handed) => OutboxEntry[]): void {
    const { store } = this;
    if (!store || movedTo(store)) return;
    this.#take(store, () => ({ effects: work(store, this.#handed), answer: () => undefined }));
  }

  wake(): void {
    this.turn((store) => {
      const { delta, effects, trace } = resume(this.#input(store));
      store.apply(delta);
      store.explainTimers(trace);
      return effects;
    });
  }

  async freeze(request: FreezeRequest): Promise<FreezeResult> {
    const store = this.#open(request.profile);
    return this.#take(store, () => {
      const result = freeze(store, request);
      return { effects: [], answer: () => result };
    });
  }

  async releaseFrozen(mergeId: string): Promise<void> {
    this.releaseNow(mergeId);
  }

  releaseNow(mergeId: string): void {
    if (this.store) release(this.store, mergeId, this.#world.now);
  }

  async describe(): Promise<ProfileView | null> {
    const { store } = this;
    return store && !movedTo(store) ? describe(store) : null;
  }

  async decisions(limit: number): Promise<ExplainedEvent[]> {
    const events = this.store?.history.newest(limit) ?? [];
    return events.map(({ messageId, name, timestamp, trace }) => ({
      event: { messageId, name, timestamp },
      triggers: trace ?? [],
    }));
  }

  #open(profile: ProfileRef): MemoryStore {
    this.#store ??= new MemoryStore(profile, this.#world.now, this.#world.explained(this));
    return this.#store;
  }

  #input({ state, history }: MemoryStore) {
    const { config, now } = this.#world;
    return { state, history, config, now, handed: this.#handed };
  }

  #take<T>(store: MemoryStore, work: () => { effects: OutboxEntry[]; answer: () => T }): T {
    const { effects, answer } = work();
    store.commit();
    this.wakeAt = this.hasMoved ? null : nextWakeAt(this.#input(store));
    this.#world.turned(this, effects);
    return answer();
  }

  #due(store: MemoryStore, query: MessageQuery): DueMessages {
    const { config, now } = this.#world;
    const messages = dueMessages(store.state, config, now, query);
    for (const [id, at] of this.#handed) if (now - at > HANDED_MS) this.#handed.delete(id);
    for (const { id } of messages) this.#handed.set(id, now);
    return { cursor: String(store.state.meta.seq), messages, next: POLL_SECONDS };
  }
}
