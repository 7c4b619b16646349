/**
 * One user: the platform's shell around what a profile answers (`profile-answers.ts`). The output gate holds every answer
 * until the commit is on disk.
 */
import { DurableObject } from 'cloudflare:workers';
import type { Env } from '../bindings.ts';
import type { Config } from '../engine/config.ts';
import { POLL_SECONDS } from '../engine/due-messages.ts';
import { CountedSql } from '../objects/counted-sql.ts';
import type { AlarmInfo } from '../objects/object-alarm.ts';
import type {
  EraseRequest,
  EraseResult,
  ExportPage,
  IdleResult,
  ProfileDataRpc,
  RecordingPart,
} from '../protocol/profile-data-rpc.ts';
import type {
  AdminProfileRpc,
  ClaimResult,
  ConsentsResult,
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
  ReplayResult,
  Settlement,
  TestRequest,
  TestResult,
} from '../protocol/rpc.ts';
import { profileStub } from '../protocol/stubs.ts';
import { readErasure } from './erasure-store.ts';
import { movedTo } from './freeze.ts';
import { LiveSockets, type Standing } from './live-sockets.ts';
import { offer } from './offer.ts';
import { offerDeps } from './outbox-returns.ts';
import { ProfileAnswers } from './profile-answers.ts';
import { askForRelease, ProfileData } from './profile-data.ts';
import { ProfileStore } from './profile-store.ts';
import { type Attempt, withLists } from './recommended.ts';
import { tellCatalog } from './tell-catalog.ts';
import { previewOn, sendTestOn } from './try-trigger.ts';
import { Turns } from './turns.ts';

/** Of a profile that has never been written: a socket writes nothing either. */
const NOTHING = { due: { cursor: '0', messages: [], next: POLL_SECONDS }, inboxIds: [] };

export class ProfileObject extends DurableObject<Env> implements AdminProfileRpc, ProfileDataRpc {
  readonly sql = new CountedSql(this.ctx.storage);
  readonly #sockets = new LiveSockets(this.ctx);
  readonly #turns: Turns = new Turns({
    env: () => this.env,
    sql: this.sql,
    storage: this.ctx.storage,
    profile: (key) => profileStub(this.env, key),
    erased: () => readErasure(this.sql),
    eraseWith: (request) => this.#data.erase(request),
    offer: (store, effects) => {
      const deps = offerDeps(this.env, this.#answers.outbox);
      const offering = offer(store.state.meta.key, effects, deps).finally(() =>
        this.#offers.delete(offering),
      );
      this.#offers.add(offering);
      this.ctx.waitUntil(offering);
    },
    tellCatalog: (samples) => this.ctx.waitUntil(tellCatalog(samples, this.env)),
    listen: (store, config, now) => {
      if (this.#sockets.isEmpty) return null;
      const before = this.#answers.standing(store, config, now);
      return () => this.#tell(before, store, config, now);
    },
  });
  readonly #answers = new ProfileAnswers(this.#turns);
  readonly #offers = new Set<Promise<void>>();
  readonly #data: ProfileData = new ProfileData({
    env: () => this.env,
    sql: this.sql,
    storage: this.ctx.storage,
    turns: this.#turns,
    settledOffers: () => Promise.allSettled(this.#offers),
    key: () => this.ctx.id.name ?? '',
  });

  ingest(request: IngestRequest): Promise<IngestResult> {
    return this.#answers.ingest(request);
  }

  next(query: MessageQuery): Promise<NextResult> {
    return this.#answers.next(query);
  }

  /** A page that wants to hear at once. 101, or 409 where the profile has become another. */
  override async fetch(): Promise<Response> {
    const config = await this.#turns.ready();
    const store = this.#turns.store();
    if (!store) return this.#sockets.open(NOTHING);
    if (movedTo(store)) return new Response(null, { status: 409 });
    const now = this.#turns.now();
    const standing = this.#answers.standing(store, config, now);
    this.#answers.handOut(standing.due, now);
    return this.#sockets.open(standing);
  }

  #tell(before: Standing, store: ProfileStore, config: Config, now: number): void {
    if (movedTo(store)) {
      this.#sockets.closeAll();
      return;
    }
    const after = this.#answers.standing(store, config, now);
    if (this.#sockets.tell(before, after)) this.#answers.handOut(after.due, now);
  }

  /** Pages only listen: what they have to say are events. */
  override webSocketMessage(): void {}

  override webSocketClose(socket: WebSocket): void {
    socket.close();
  }

  claim(messageId: string): Promise<ClaimResult> {
    return this.#answers.claim(messageId);
  }

  settle(messageId: string, outcome: Settlement): Promise<void> {
    return this.#answers.settle(messageId, outcome);
  }

  settleFacts(seqs: number[]): Promise<void> {
    return this.#answers.settleFacts(seqs);
  }

  freeze(request: FreezeRequest): Promise<FreezeResult> {
    return this.#answers.freeze(request);
  }

  releaseFrozen(mergeId: string): Promise<void> {
    return this.#answers.releaseFrozen(mergeId);
  }

  describe(): Promise<ProfileView | null> {
    return this.#answers.describe();
  }

  consents(): Promise<ConsentsResult> {
    return this.#answers.consents();
  }

  decisions(limit: number): Promise<ExplainedEvent[]> {
    return this.#answers.decisions(limit);
  }

  async preview(request: PreviewRequest): Promise<PreviewResult> {
    const config = await this.#turns.ready();
    // A profile that doesn't exist is looked at as a new one that nobody keeps.
    const store = this.#turns.store() ?? ProfileStore.load(this.sql, request.profile, request.now);
    if (!store) return { kind: 'unavailable', retryAfterSeconds: 5 };
    const moved = movedTo(store);
    if (moved) return { kind: 'moved', to: moved };
    return previewOn(store, this.env, config, this.#turns, request);
  }

  async sendTest(request: TestRequest): Promise<TestResult> {
    const config = await this.#turns.ready();
    return withLists(this.#turns, (known): Attempt<TestResult> => {
      const store = this.#turns.store();
      if (!store) return { answer: { kind: 'not_marked' } };
      const moved = movedTo(store);
      if (moved) return { answer: { kind: 'moved', to: moved } };
      return this.#turns.take(store, config, (now) => sendTestOn(store, config, request, now, known));
    });
  }

  replay(messageId: string, attempts: number): Promise<ReplayResult> {
    return this.#answers.replay(messageId, attempts);
  }

  override alarm(info?: AlarmInfo): Promise<void> {
    return this.#turns.ring(info, async () => {
      if (await this.#data.resume()) return;
      await this.#turns.ready();
      const store = this.#turns.store();
      if (store && movedTo(store)) await askForRelease(store, this.env, this.#turns, this.#data);
      else await this.#answers.wake();
    });
  }

  async erase(request: EraseRequest): Promise<EraseResult> {
    const result = await this.#data.erase(request);
    if (!this.#turns.store()) this.#sockets.closeAll();
    return result;
  }

  expireIdle(before: number): Promise<IdleResult> {
    return this.#data.expireIdle(before);
  }

  recording(cursor: number | null, isWhole = false): Promise<RecordingPart> {
    return this.#data.recording(cursor, isWhole);
  }

  exportPage(cursor: string | null): Promise<ExportPage> {
    return this.#data.exportPage(cursor);
  }
}
