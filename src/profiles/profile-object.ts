/**
 * One user. Every call loads what it needs first (configuration, frozen anonymous profiles), then decides and commits in
 * one synchronous turn, then answers; what must leave is offered behind the answer. The output gate holds the answer
 * until the commit is on disk.
 */
import { DurableObject } from 'cloudflare:workers';
import type { Env } from '../bindings.ts';
import { claim, settle } from '../engine/claim.ts';
import type { Config } from '../engine/config.ts';
import { type Decision, decide } from '../engine/decide.ts';
import { dueMessages, POLL_SECONDS } from '../engine/due-messages.ts';
import { nextDueAt, resume } from '../engine/resume.ts';
import type { Event, OutboxEntry } from '../engine/vocabulary.ts';
import { settleWatch } from '../engine/watch-orders.ts';
import { CountedSql } from '../objects/counted-sql.ts';
import { ObjectAlarm } from '../objects/object-alarm.ts';
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
import { firstWatcherShard, profileStub, watcherStub } from '../protocol/stubs.ts';
import { loadConfig } from '../store/config-cache.ts';
import { describe } from './describe.ts';
import { freeze, movedTo, release } from './freeze.ts';
import { type Frozen, foldFrozen, freezeLinks } from './merge-links.ts';
import { missedDrop, type WatchAnswer } from './missed-drop.ts';
import { type OfferDeps, offer, type WatchEntry } from './offer.ts';
import { loadPinned } from './pinned-versions.ts';
import { ProfileStore } from './profile-store.ts';

const UNAVAILABLE = { kind: 'unavailable', retryAfterSeconds: 5 } as const;
/** After a fault in the alarm: it must never give up. */
const ALARM_AGAIN_MS = 30_000;

export class ProfileObject extends DurableObject<Env> implements ProfileRpc {
  readonly sql = new CountedSql(this.ctx.storage);
  readonly #alarm = new ObjectAlarm(this.ctx.storage);
  /** In-app messages lately given to the client: id → when. In memory only: it spares a row, and lasts 30 s anyway. */
  readonly #handed = new Map<string, number>();
  #store: ProfileStore | null = null;

  async ingest(request: IngestRequest): Promise<IngestResult> {
    const { profile } = request;
    // A watcher's row names nobody: news of an item must not make a profile that doesn't exist.
    await this.#ready(profile.id === '' ? null : profile);
    const frozen = await this.#freeze(profile, request.links ?? []);
    if (!frozen) return UNAVAILABLE;
    const config = await this.#ready(profile.id === '' ? null : profile);
    const store = this.#store;
    if (!store) return { kind: 'done' };
    const moved = movedTo(store);
    if (moved) return { kind: 'moved', to: moved };
    return this.#turn(store, config, (now) => {
      const effects = foldFrozen(store, config, frozen, now);
      for (const event of request.events) effects.push(...this.#decide(store, config, event, now));
      const { read } = request;
      return {
        effects,
        answer: () => ({ kind: 'done', ...(read && { due: this.#due(store, config, now, read) }) }),
      };
    });
  }

  async next(query: MessageQuery): Promise<NextResult> {
    const config = await this.#ready(null);
    const store = this.#store;
    if (!store) return { kind: 'done', due: { cursor: '0', messages: [], next: POLL_SECONDS } };
    const moved = movedTo(store);
    if (moved) return { kind: 'moved', to: moved };
    return { kind: 'done', due: this.#due(store, config, Date.now(), query) };
  }

  async claim(messageId: string): Promise<ClaimResult> {
    const config = await this.#ready(null);
    const store = this.#store;
    if (!store) return { kind: 'gone', reason: 'settled' };
    const moved = movedTo(store);
    if (moved) return { kind: 'moved', to: moved };
    return this.#turn(store, config, (now) => {
      const claimed = claim({ state: store.state, history: store, config, now, messageId });
      if (claimed.delta.length > 0) store.apply(claimed.delta, null, []);
      return { effects: claimed.effects, answer: () => claimed.claim };
    });
  }

  async settle(messageId: string, outcome: Settlement): Promise<void> {
    const config = await this.#ready(null);
    const store = this.#store;
    if (!store) return;
    this.#turn(store, config, (now) => {
      const { delta } = settle({ state: store.state, history: store, config, now, messageId, outcome });
      if (delta.length > 0) store.apply(delta, null, []);
      return { effects: [], answer: () => undefined };
    });
  }

  async settleFacts(seqs: number[]): Promise<void> {
    await this.#removeFromOutbox(seqs.map((seq) => `fact:${seq}`));
  }

  async freeze(request: FreezeRequest): Promise<FreezeResult> {
    await this.#ready(request.profile);
    return this.#store ? freeze(this.#store, request, Date.now()) : UNAVAILABLE;
  }

  async releaseFrozen(mergeId: string): Promise<void> {
    await this.#ready(null);
    if (this.#store && release(this.#store, mergeId, Date.now())) this.#store = null;
  }

  async describe(): Promise<ProfileView | null> {
    await this.#ready(null);
    return this.#store && !movedTo(this.#store) ? describe(this.#store) : null;
  }

  async decisions(limit: number): Promise<ExplainedEvent[]> {
    await this.#ready(null);
    if (!this.#store) return [];
    return this.#store.newest(limit).map(({ messageId, name, timestamp, trace }) => ({
      event: { messageId, name, timestamp },
      triggers: trace ?? [],
    }));
  }

  /** Never throws: after six failures in a row the platform would drop the alarm, and with it the profile's future. */
  override async alarm(): Promise<void> {
    try {
      const config = await this.#ready(null);
      this.#alarm.fired();
      const store = this.#store;
      if (!store || movedTo(store)) return;
      this.#turn(store, config, (now) => {
        const resumed = resume({ state: store.state, history: store, config, now, handed: this.#handed });
        if (resumed.delta.length > 0) store.apply(resumed.delta, null, []);
        store.explainTimers(resumed.trace, now);
        return { effects: resumed.effects, answer: () => undefined };
      });
    } catch {
      this.#store = null;
      await this.ctx.storage.setAlarm(Date.now() + ALARM_AGAIN_MS);
    }
  }

  /** Before the turn: everything that has to be waited for. */
  async #ready(profile: ProfileRef | null): Promise<Config> {
    const config = await loadConfig(this.env);
    const woke = await this.#alarm.load();
    this.#store ??= ProfileStore.load(this.sql, profile, Date.now());
    if (!this.#store) return config;
    await loadPinned(this.env, config, this.#store.state);
    // Heals an alarm that was lost: pending work always has one.
    if (woke) this.#arm(this.#store, Date.now());
    return config;
  }

  /** One synchronous turn: decide, commit, arm; then offer behind the answer. */
  #turn<T>(
    store: ProfileStore,
    config: Config,
    work: (now: number) => { effects: OutboxEntry[]; answer: () => T },
  ): T {
    const now = Date.now();
    try {
      const { effects, answer } = work(now);
      store.commit(now, config.policies.workspace.retention);
      this.#arm(store, now);
      if (effects.length > 0) this.ctx.waitUntil(this.#offer(store, effects));
      return answer();
    } catch (error) {
      // Memory may be ahead of the disk: read anew.
      this.#store = null;
      throw error;
    }
  }

  #decide(store: ProfileStore, config: Config, event: Event, now: number): OutboxEntry[] {
    const decision: Decision = decide({
      state: store.state,
      history: store,
      event,
      config,
      now,
      handed: this.#handed,
    });
    if (decision.duplicate) return [];
    store.apply(decision.delta, event, decision.trace);
    return decision.effects;
  }

  #arm(store: ProfileStore, now: number): void {
    const dueAt = movedTo(store) ? null : nextDueAt(store.state);
    if (dueAt !== null) this.#alarm.ensureBy(Math.max(dueAt, now), now);
  }

  #due(store: ProfileStore, config: Config, now: number, query: MessageQuery): DueMessages {
    const messages = dueMessages(store.state, config, now, query);
    for (const [id, at] of this.#handed) if (now - at > 60_000) this.#handed.delete(id);
    for (const { id } of messages) this.#handed.set(id, now);
    return { cursor: String(store.state.meta.seq), messages, next: POLL_SECONDS };
  }

  async #freeze(profile: ProfileRef, links: ProfileRef[]): Promise<Frozen[] | null> {
    const fresh = links.filter(({ key }) => !this.#store?.state.links.has(key));
    return fresh.length === 0 ? [] : freezeLinks(profile, fresh, (key) => profileStub(this.env, key));
  }

  async #offer(store: ProfileStore, effects: OutboxEntry[]): Promise<void> {
    const deps: OfferDeps = {
      dispatch: this.env.DISPATCH,
      facts: this.env.FACTS,
      watchers: (shard) => watcherStub(this.env, shard),
      firstShard: firstWatcherShard,
      profile: (key) => profileStub(this.env, key),
      watched: (entry, result) => this.#watched(entry, result),
      released: (entryId) => this.#removeFromOutbox([entryId]),
    };
    await offer(store.state.meta.key, effects, deps);
  }

  /** The shard's answer is also news: the item may have become cheaper between the like and the registration. */
  async #watched(entry: WatchEntry, result: WatchAnswer): Promise<void> {
    const config = await this.#ready(null);
    const store = this.#store;
    if (!store) return;
    this.#turn(store, config, (now) => {
      const reference = result.kind === 'watching' ? result.reference : null;
      const input = {
        state: store.state,
        history: store,
        config,
        now,
        id: entry.id,
        order: entry.watch,
        reference,
      };
      store.apply(settleWatch(input).delta, null, []);
      const news = result.kind === 'watching' ? missedDrop(result, store.state.meta.key, now) : null;
      return { effects: news ? this.#decide(store, config, news, now) : [], answer: () => undefined };
    });
  }

  async #removeFromOutbox(ids: string[]): Promise<void> {
    const config = await this.#ready(null);
    const store = this.#store;
    if (!store) return;
    this.#turn(store, config, () => {
      const there = ids.filter((id) => store.state.outbox.has(id));
      if (there.length > 0)
        store.apply(
          there.map((id) => ['outbox', id, null]),
          null,
          [],
        );
      return { effects: [], answer: () => undefined };
    });
  }
}
