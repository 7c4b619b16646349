/**
 * One user. Every call waits for what it needs first (configuration, frozen anonymous profiles), then decides and commits
 * in one synchronous turn, then answers. The output gate holds the answer until the commit is on disk.
 */
import { DurableObject } from 'cloudflare:workers';
import type { Env } from '../bindings.ts';
import { claim, settle } from '../engine/claim.ts';
import type { Config } from '../engine/config.ts';
import { dueMessages, POLL_SECONDS } from '../engine/due-messages.ts';
import { resume } from '../engine/resume.ts';
import { CountedSql } from '../objects/counted-sql.ts';
import type {
  AdminProfileRpc,
  ClaimResult,
  DueMessages,
  ExplainedEvent,
  FreezeRequest,
  FreezeResult,
  IngestRequest,
  IngestResult,
  MessageQuery,
  NextResult,
  PreviewRequest,
  PreviewResult,
  ProfileView,
  Settlement,
  TestRequest,
  TestResult,
} from '../protocol/rpc.ts';
import { profileStub } from '../protocol/stubs.ts';
import { decideEvent, type Handed } from './decide-event.ts';
import { describe } from './describe.ts';
import { freeze, movedTo, release } from './freeze.ts';
import { foldFrozen, freezeLinks } from './merge-links.ts';
import { offer } from './offer.ts';
import { offerDeps, removeFromOutbox } from './outbox-returns.ts';
import { ProfileStore } from './profile-store.ts';
import { previewOn, sendTestOn } from './try-trigger.ts';
import { Turns } from './turns.ts';

const UNAVAILABLE = { kind: 'unavailable', retryAfterSeconds: 5 } as const;
const UNKNOWN: ClaimResult = { kind: 'gone', reason: 'settled' };
const HANDED_MS = 60_000;

export class ProfileObject extends DurableObject<Env> implements AdminProfileRpc {
  readonly sql = new CountedSql(this.ctx.storage);
  readonly #handed: Handed = new Map();
  readonly #turns = new Turns({
    env: () => this.env,
    sql: this.sql,
    storage: this.ctx.storage,
    offer: (store, effects) => {
      const deps = offerDeps(this.env, this.#turns, this.#handed);
      this.ctx.waitUntil(offer(store.state.meta.key, effects, deps));
    },
  });

  async ingest(request: IngestRequest): Promise<IngestResult> {
    // A watcher's row names nobody: news of an item must not make a profile that doesn't exist.
    const profile = request.profile.id === '' ? null : request.profile;
    let config = await this.#turns.ready(profile);
    const fresh = (request.links ?? []).filter(
      ({ key }) => !this.#turns.store(profile)?.state.links.has(key),
    );
    const frozen = await freezeLinks(request.profile, fresh, (key) => profileStub(this.env, key));
    if (!frozen) return UNAVAILABLE;
    if (frozen.length > 0) config = await this.#turns.ready(profile);
    const store = this.#turns.store(profile);
    if (!store) return { kind: 'done' };
    const moved = movedTo(store);
    if (moved) return { kind: 'moved', to: moved };
    return this.#turns.take(store, config, (now) => {
      const effects = foldFrozen(store, config, frozen, now);
      for (const event of request.events) {
        effects.push(...decideEvent(store, config, this.#handed, event, now));
      }
      const { read } = request;
      const answer = (): IngestResult => ({
        kind: 'done',
        ...(read && { due: this.#due(store, config, now, read) }),
      });
      return { effects, answer };
    });
  }

  async next(query: MessageQuery): Promise<NextResult> {
    const config = await this.#turns.ready();
    const store = this.#turns.store();
    if (!store) return { kind: 'done', due: { cursor: '0', messages: [], next: POLL_SECONDS } };
    const moved = movedTo(store);
    if (moved) return { kind: 'moved', to: moved };
    return { kind: 'done', due: this.#due(store, config, Date.now(), query) };
  }

  async claim(messageId: string): Promise<ClaimResult> {
    const config = await this.#turns.ready();
    const store = this.#turns.store();
    if (!store) return UNKNOWN;
    const moved = movedTo(store);
    if (moved) return { kind: 'moved', to: moved };
    return this.#turns.take(store, config, (now) => {
      const { state, history } = store;
      const claimed = claim({ state, history, config, now, messageId });
      if (claimed.delta.length > 0) store.apply(claimed.delta);
      return { effects: claimed.effects, answer: () => claimed.claim };
    });
  }

  async settle(messageId: string, outcome: Settlement): Promise<void> {
    const config = await this.#turns.ready();
    const store = this.#turns.store();
    if (!store) return;
    this.#turns.take(store, config, (now) => {
      const { state, history } = store;
      const settled = settle({ state, history, config, now, messageId, outcome });
      if (settled.delta.length > 0) store.apply(settled.delta);
      store.explainTimers(settled.trace, now);
      return { effects: settled.effects, answer: () => undefined };
    });
    // Claimed before the merge, settled after it: the message has moved along.
    const moved = movedTo(store);
    if (moved) await profileStub(this.env, moved.key).settle(messageId, outcome);
  }

  async settleFacts(seqs: number[]): Promise<void> {
    await removeFromOutbox(
      this.#turns,
      seqs.map((seq) => `fact:${seq}`),
    );
  }

  async freeze(request: FreezeRequest): Promise<FreezeResult> {
    const config = await this.#turns.ready(request.profile);
    const store = this.#turns.store(request.profile);
    if (!store) return UNAVAILABLE;
    return this.#turns.take(store, config, () => {
      const result = freeze(store, request);
      return { effects: [], answer: () => result };
    });
  }

  async releaseFrozen(mergeId: string): Promise<void> {
    await this.#turns.ready();
    const store = this.#turns.store();
    if (store && release(store, mergeId, Date.now())) this.#turns.forget();
  }

  async describe(): Promise<ProfileView | null> {
    await this.#turns.ready();
    const store = this.#turns.store();
    return store && !movedTo(store) ? describe(store) : null;
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

  async preview(request: PreviewRequest): Promise<PreviewResult> {
    const config = await this.#turns.ready();
    // A profile that doesn't exist is looked at as a new one that nobody keeps.
    const store = this.#turns.store() ?? ProfileStore.load(this.sql, request.profile, request.now);
    if (!store) return UNAVAILABLE;
    const moved = movedTo(store);
    if (moved) return { kind: 'moved', to: moved };
    return previewOn(store, this.env, config, this.#handed, request);
  }

  async sendTest(request: TestRequest): Promise<TestResult> {
    const config = await this.#turns.ready();
    const store = this.#turns.store();
    if (!store) return { kind: 'not_marked' };
    const moved = movedTo(store);
    if (moved) return { kind: 'moved', to: moved };
    return this.#turns.take(store, config, (now) => sendTestOn(store, config, request, now));
  }

  override async alarm(): Promise<void> {
    await this.#turns.ring(async () => {
      const config = await this.#turns.ready();
      const store = this.#turns.store();
      if (store && !movedTo(store)) this.#resume(store, config);
    });
  }

  #resume(store: ProfileStore, config: Config): void {
    this.#turns.take(store, config, (now) => {
      const { state, history } = store;
      const { delta, effects, trace } = resume({ state, history, config, now, handed: this.#handed });
      // An alarm that came early, or for what was settled meanwhile, has only moved the clock: that is no row worth.
      const isIdle =
        trace.length === 0 && delta.every(([section, field]) => section === 'meta' && field === 'lastNow');
      if (!isIdle) store.apply(delta);
      store.explainTimers(trace, now);
      return { effects, answer: () => undefined };
    });
  }

  #due(store: ProfileStore, config: Config, now: number, query: MessageQuery): DueMessages {
    const messages = dueMessages(store.state, config, now, query);
    for (const [id, at] of this.#handed) if (now - at > HANDED_MS) this.#handed.delete(id);
    for (const { id } of messages) this.#handed.set(id, now);
    return { cursor: String(store.state.meta.seq), messages, next: POLL_SECONDS };
  }
}
