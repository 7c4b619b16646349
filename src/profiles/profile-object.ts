/**
 * One user: the platform's shell around what a profile answers (`profile-answers.ts`). The output gate holds every answer
 * until the commit is on disk.
 */
import { DurableObject } from 'cloudflare:workers';
import type { Env } from '../bindings.ts';
import { CountedSql } from '../objects/counted-sql.ts';
import type { AlarmInfo } from '../objects/object-alarm.ts';
import type {
  AdminProfileRpc,
  ClaimResult,
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
import { movedTo } from './freeze.ts';
import { offer } from './offer.ts';
import { offerDeps } from './outbox-returns.ts';
import { ProfileAnswers } from './profile-answers.ts';
import { ProfileStore } from './profile-store.ts';
import { previewOn, sendTestOn } from './try-trigger.ts';
import { Turns } from './turns.ts';

export class ProfileObject extends DurableObject<Env> implements AdminProfileRpc {
  readonly sql = new CountedSql(this.ctx.storage);
  readonly #turns = new Turns({
    env: () => this.env,
    sql: this.sql,
    storage: this.ctx.storage,
    profile: (key) => profileStub(this.env, key),
    offer: (store, effects) => {
      this.ctx.waitUntil(offer(store.state.meta.key, effects, offerDeps(this.env, this.#answers)));
    },
  });
  readonly #answers = new ProfileAnswers(this.#turns);

  ingest(request: IngestRequest): Promise<IngestResult> {
    return this.#answers.ingest(request);
  }

  next(query: MessageQuery): Promise<NextResult> {
    return this.#answers.next(query);
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
    return previewOn(store, this.env, config, this.#turns.handed, request);
  }

  async sendTest(request: TestRequest): Promise<TestResult> {
    const config = await this.#turns.ready();
    const store = this.#turns.store();
    if (!store) return { kind: 'not_marked' };
    const moved = movedTo(store);
    if (moved) return { kind: 'moved', to: moved };
    return this.#turns.take(store, config, (now) => sendTestOn(store, config, request, now));
  }

  override alarm(info?: AlarmInfo): Promise<void> {
    return this.#turns.ring(info, () => this.#answers.wake());
  }
}
