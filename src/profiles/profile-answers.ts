/**
 * What a profile answers to each call. Every one waits for what it needs first (configuration, frozen anonymous
 * profiles), follows a profile that has moved, then decides and commits in one synchronous turn, and answers.
 */
import { claim, settle } from '../engine/claim.ts';
import type { Config } from '../engine/config.ts';
import { dueMessages, POLL_SECONDS } from '../engine/due-messages.ts';
import { itemsOfDueRuns, itemsOfMessage } from '../engine/items/recheck-items.ts';
import { replay } from '../engine/replay.ts';
import { resume } from '../engine/resume.ts';
import type { RoundInput } from '../engine/round.ts';
import type { ItemSnapshot } from '../engine/vocabulary.ts';
import type {
  ClaimResult,
  ConsentsResult,
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
  ReplayResult,
  Settlement,
} from '../protocol/rpc.ts';
import { consentsOf, describe } from './describe.ts';
import { freeze, movedTo, release, wentWith } from './freeze.ts';
import { afterErasure, refusal, withoutErased } from './late-for-erased.ts';
import type { Standing } from './live-sockets.ts';
import { foldFrozen, freezeLinks } from './merge-links.ts';
import { OutboxAnswers } from './outbox-answers.ts';
import { type Attempt, undecided, withLists } from './recommended.ts';
import { takeEvents } from './take-events.ts';
import type { Turn, TurnPort } from './turn-port.ts';
import type { TurnStore } from './turn-store.ts';

const UNAVAILABLE = { kind: 'unavailable', retryAfterSeconds: 5 } as const;
const UNKNOWN: ClaimResult = { kind: 'gone', reason: 'settled' };
const DONE = { answer: undefined };
const HANDED_MS = 60_000;
const CATALOG_AGAIN_MS = 5_000;

export class ProfileAnswers implements ProfileRpc {
  readonly #turns: TurnPort;
  /** What comes back of what it has offered. */
  readonly outbox: OutboxAnswers;

  constructor(turns: TurnPort) {
    this.#turns = turns;
    this.outbox = new OutboxAnswers(turns);
  }

  async ingest(asked: IngestRequest): Promise<IngestResult> {
    const turns = this.#turns;
    // A watcher's row names nobody: news of an item must not make a profile that doesn't exist.
    const profile = asked.profile.id === '' ? null : asked.profile;
    let config = await turns.ready(profile);
    const before = turns.store(profile);
    const refused = refusal(turns, asked, before);
    if (refused) return refused;
    const erasedAt = before?.state.meta.erasedAt ?? null;
    const request = withoutErased(asked, erasedAt);
    const fresh = (request.links ?? []).filter(({ key }) => !before?.state.links.has(key));
    const stubOf = (key: string) => turns.profile(key);
    const frozen = await freezeLinks(request.profile, fresh, stubOf, afterErasure(request, erasedAt));
    if (frozen === 'unavailable') return UNAVAILABLE;
    if (frozen === 'not_begun') return { kind: 'stale' };
    if (frozen.length > 0) config = await turns.ready(profile);
    const progress = { next: 0, askedFor: -1 };
    return withLists(turns, (known): Attempt<IngestResult> => {
      const store = turns.store(profile);
      // Erased while this waited: what was handed over belonged to it.
      if ((store?.state.meta.erasedAt ?? null) !== erasedAt) return { answer: UNAVAILABLE };
      if (!store) return { answer: { kind: 'done' } };
      const moved = movedTo(store);
      if (moved) return { answer: { kind: 'moved', to: moved } };
      return turns.take(store, config, (now): Turn<Attempt<IngestResult>> => {
        const effects = foldFrozen(store, config, frozen, now);
        const taken = takeEvents(store, config, turns.handed, request.events, now, known, progress);
        const { read } = request;
        const answer = (): Attempt<IngestResult> => {
          if (taken.wants) return { wants: taken.wants };
          return { answer: { kind: 'done', ...(read && { due: this.#due(store, config, now, read) }) } };
        };
        return { effects: [...effects, ...taken.effects], samples: taken.samples, answer };
      });
    });
  }

  async next(query: MessageQuery): Promise<NextResult> {
    const config = await this.#turns.ready();
    const store = this.#turns.store();
    if (!store) return { kind: 'done', due: { cursor: '0', messages: [], next: POLL_SECONDS } };
    const moved = movedTo(store);
    if (moved) return { kind: 'moved', to: moved };
    return { kind: 'done', due: this.#due(store, config, this.#turns.now(), query) };
  }

  /** Everything that an open page can be told of. */
  standing(store: TurnStore, config: Config, now: number): Standing {
    return { due: dueOf(store, config, now, {}), inboxIds: [...store.state.inbox.keys()] };
  }

  async claim(messageId: string): Promise<ClaimResult> {
    const config = await this.#turns.ready();
    const items = await this.#itemsFor(config, (input) => itemsOfMessage(input, messageId));
    if (items === null) return { kind: 'leased', untilAt: this.#turns.now() + CATALOG_AGAIN_MS };
    const store = this.#turns.store();
    if (!store) return UNKNOWN;
    const moved = movedTo(store);
    if (moved) return { kind: 'moved', to: moved };
    return this.#turns.take(store, config, (now) => {
      const { state, history } = store;
      const claimed = claim({ state, history, config, now, messageId, items });
      if (claimed.delta.length > 0) store.apply(claimed.delta);
      return { effects: claimed.effects, answer: () => claimed.claim };
    });
  }

  /** What `recheck` will ask of items; null where the catalog can't be reached. */
  async #itemsFor(
    config: Config,
    idsOf: (input: RoundInput) => string[],
  ): Promise<ReadonlyMap<string, ItemSnapshot> | null> {
    const store = this.#turns.store();
    const { state, history } = store ?? {};
    const ids = state && history ? idsOf({ state, history, config, now: this.#turns.now() }) : [];
    if (ids.length === 0) return new Map();
    try {
      return await this.#turns.items(ids);
    } catch {
      return null;
    }
  }

  async settle(messageId: string, outcome: Settlement): Promise<void> {
    const config = await this.#turns.ready();
    const moved = await withLists(this.#turns, (known): Attempt<ProfileRef | null> => {
      const store = this.#turns.store();
      if (!store) return { answer: null };
      return this.#turns.take(store, config, (now): Turn<Attempt<ProfileRef | null>> => {
        const { state, history } = store;
        const settled = settle({ state, history, config, now, messageId, outcome, recommended: known });
        if (settled.wants && !known) return undecided(settled.wants);
        if (settled.delta.length > 0) store.apply(settled.delta);
        store.explainTimers(settled.trace, now);
        return { effects: settled.effects, answer: () => ({ answer: movedTo(store) }) };
      });
    });
    // Claimed before the merge, settled after it: the message has moved along.
    if (moved) await this.#turns.profile(moved.key).settle(messageId, outcome);
  }

  /** Takes a message back that was given up after so many attempts. */
  async replay(messageId: string, attempts: number): Promise<ReplayResult> {
    const config = await this.#turns.ready();
    const store = this.#turns.store();
    if (!store) return { kind: 'refused', reason: 'gone' };
    const moved = movedTo(store);
    if (moved) return { kind: 'moved', to: moved };
    return this.#turns.take(store, config, (now) => {
      const { state, history } = store;
      const { delta, effects, replay: result } = replay({ state, history, config, now, messageId, attempts });
      if (delta.length > 0) store.apply(delta);
      return { effects, answer: () => result };
    });
  }

  async settleFacts(seqs: number[]): Promise<void> {
    await this.outbox.hasLeft(seqs.map((seq) => `fact:${seq}`));
  }

  async freeze(request: FreezeRequest): Promise<FreezeResult> {
    const config = await this.#turns.ready(request.profile);
    const before = this.#turns.store(request.profile);
    const isErased = before !== null && wentWith(before, request);
    if (isErased) await this.#turns.eraseWith({ at: request.erasedAt ?? 0, of: request.to.key });
    const store = isErased ? this.#turns.store(request.profile) : before;
    if (!store) return UNAVAILABLE;
    return this.#turns.take(store, config, () => {
      const result = freeze(store, request);
      return { effects: [], answer: () => result };
    });
  }

  async releaseFrozen(mergeId: string): Promise<void> {
    await this.#turns.ready();
    const store = this.#turns.store();
    if (store && release(store, mergeId, this.#turns.now())) this.#turns.forget();
  }

  async describe(): Promise<ProfileView | null> {
    await this.#turns.ready();
    const store = this.#turns.store();
    return store && !movedTo(store) ? describe(store) : null;
  }

  async consents(): Promise<ConsentsResult> {
    await this.#turns.ready();
    const store = this.#turns.store();
    if (!store) return { kind: 'unknown' };
    const moved = movedTo(store);
    return moved ? { kind: 'moved', to: moved } : { kind: 'known', consents: consentsOf(store) };
  }

  async decisions(limit: number): Promise<ExplainedEvent[]> {
    await this.#turns.ready();
    const events = this.#turns.store()?.history.newest(limit) ?? [];
    return events.map(({ messageId, name, timestamp, trace, ruledOut }) => ({
      event: { messageId, name, timestamp },
      triggers: trace ?? [],
      ...(ruledOut && { ruledOut }),
    }));
  }

  /** Time has passed: whatever is due by now. */
  async wake(): Promise<void> {
    const config = await this.#turns.ready();
    // Where the catalog can't be reached, a run goes by what it knows; the dispatcher asks once more.
    const items = (await this.#itemsFor(config, itemsOfDueRuns)) ?? new Map();
    await withLists(this.#turns, (known): Attempt<void> => {
      const store = this.#turns.store();
      if (!store || movedTo(store)) return DONE;
      return this.#turns.take(store, config, (now): Turn<Attempt<void>> => {
        const { handed } = this.#turns;
        const { state, history } = store;
        const resumed = resume({ state, history, config, now, handed, items, recommended: known });
        const { delta, effects, trace, wants } = resumed;
        if (wants && !known) return undecided(wants);
        // An alarm that came early, or for what was settled meanwhile, has only moved the clock: that is no row worth.
        const isIdle =
          trace.length === 0 && delta.every(([section, field]) => section === 'meta' && field === 'lastNow');
        if (!isIdle) store.apply(delta);
        store.explainTimers(trace, now);
        return { effects, answer: () => DONE };
      });
    });
  }

  #due(store: TurnStore, config: Config, now: number, query: MessageQuery): DueMessages {
    const due = dueOf(store, config, now, query);
    this.handOut(due, now);
    return due;
  }

  /** Until it is acknowledged, or half a minute has passed, a message that was handed out keeps its surface busy. */
  handOut({ messages }: DueMessages, now: number): void {
    const { handed } = this.#turns;
    for (const [id, at] of handed) if (now - at > HANDED_MS) handed.delete(id);
    for (const { id } of messages) handed.set(id, now);
  }
}

function dueOf(store: TurnStore, config: Config, now: number, query: MessageQuery): DueMessages {
  const messages = dueMessages(store.state, config, now, query);
  return { cursor: String(store.state.meta.seq), messages, next: POLL_SECONDS };
}
