/** What a profile's owner asks of it: the turns behind `ProfileDataRpc`. */
import type { Env } from '../bindings.ts';
import type { CountedSql } from '../objects/counted-sql.ts';
import type {
  EraseRequest,
  EraseResult,
  ExportPage,
  IdleResult,
  RecordingPart,
} from '../protocol/profile-data-rpc.ts';
import { profileStub } from '../protocol/stubs.ts';
import { beginErasure, driveErasure, entomb } from './erasure.ts';
import { type Erasure, readErasure } from './erasure-store.ts';
import { exportPage } from './export-page.ts';
import { movedTo } from './freeze.ts';
import type { ProfileStore } from './profile-store.ts';
import { recordingPart } from './recording.ts';
import type { Turns } from './turns.ts';

/** Also how soon after a crash the rest of an erasure is taken up. */
const DRIVE_AGAIN_MS = 5_000;
const ASK_AGAIN_MS = 3_600_000;

interface ProfileDataDeps {
  env(): Env;
  sql: CountedSql;
  storage: DurableObjectStorage;
  turns: Turns;
  /** Calls that are under way for what had left the outbox before the erasure: they could undo it. */
  settledOffers(): Promise<unknown>;
  /** The object's own name. */
  key(): string;
}

export class ProfileData {
  readonly #deps: ProfileDataDeps;

  constructor(deps: ProfileDataDeps) {
    this.#deps = deps;
  }

  /** What was erased of this name, while no new life has begun. */
  erasure(): Erasure | null {
    return this.#deps.turns.store() ? null : readErasure(this.#deps.sql);
  }

  async erase(request: EraseRequest): Promise<EraseResult> {
    const { turns, sql } = this.#deps;
    await turns.wake();
    const store = turns.store();
    if (!store) {
      const erasure = readErasure(sql);
      if (erasure) return this.#finish(erasure);
      if (!request.resumed) return { kind: 'unknown' };
      entomb(sql, this.#deps.key(), request.at);
      return { kind: 'erased', erasedAt: request.at };
    }
    // A new life, begun after the tombstone was written: the erasure had come to its end.
    const { erasedAt } = store.state.meta;
    if (request.resumed && erasedAt !== null && erasedAt >= request.at) return { kind: 'erased', erasedAt };
    const moved = movedTo(store);
    if (moved && moved.key !== request.of) return { kind: 'moved', to: moved };
    if (!moved && request.of !== undefined) return { kind: 'unknown' };
    return this.#begin({ ...request, leavesTombstone: true });
  }

  async expireIdle(before: number): Promise<IdleResult> {
    const { turns } = this.#deps;
    await turns.wake();
    const store = turns.store();
    if (!store) return { kind: 'gone' };
    const { kind, lastSeenAt, createdAt, movedTo: moved } = store.state.meta;
    // Not by its clock: news of an item moves that too.
    const seenAt = Math.max(lastSeenAt, createdAt);
    // One that has become a user's goes with the user; one that was frozen and left so, with the others.
    if (kind === 'user' || moved?.released) return { kind: 'known' };
    if (seenAt > before) return { kind: 'seen', seenAt };
    const result = await this.#begin({ at: Date.now(), leavesTombstone: false });
    return result.kind === 'erased' || result.kind === 'erasing' ? { kind: 'gone' } : { kind: 'known' };
  }

  async exportPage(cursor: string | null): Promise<ExportPage> {
    const { turns } = this.#deps;
    await turns.wake();
    const store = turns.store();
    if (!store) return { kind: 'unknown' };
    const moved = movedTo(store);
    return moved ? { kind: 'moved', to: moved } : exportPage(store, cursor);
  }

  async recording(cursor: number | null, isWhole: boolean): Promise<RecordingPart> {
    const { turns } = this.#deps;
    await turns.wake();
    const store = turns.store();
    if (!store) return { kind: 'unknown' };
    const moved = movedTo(store);
    return moved ? { kind: 'moved', to: moved } : recordingPart(store, cursor, isWhole);
  }

  /** From the alarm: goes on with an erasure that is under way. True where one was. */
  async resume(): Promise<boolean> {
    const erasure = this.erasure();
    if (!erasure?.isPending) return false;
    await this.#finish(erasure);
    return true;
  }

  async #begin(request: EraseRequest & { leavesTombstone: boolean }): Promise<EraseResult> {
    const { turns, sql } = this.#deps;
    const store = turns.store();
    if (!store) return { kind: 'unknown' };
    const erasure = beginErasure(sql, store, request);
    const now = Date.now();
    turns.forget();
    turns.alarm.ensureBy(now + DRIVE_AGAIN_MS, now);
    return this.#finish(erasure);
  }

  async #finish({ erasedAt }: Erasure): Promise<EraseResult> {
    const { turns, sql, storage, env, settledOffers } = this.#deps;
    let isOver = false;
    try {
      await settledOffers();
      isOver = await driveErasure({ env: env(), sql, storage, alarmGone: () => turns.alarm.gone() });
    } catch {
      // Durable and listed: the alarm comes back for it.
    }
    if (isOver) return { kind: 'erased', erasedAt };
    const now = Date.now();
    turns.alarm.ensureBy(now + DRIVE_AGAIN_MS, now);
    return { kind: 'erasing', erasedAt };
  }
}

/**
 * A frozen profile that nobody has released: the other side may have died before its commit, and nobody may ever repeat
 * the request. Asks it to go on; where it was erased meanwhile, this one was part of it.
 */
export async function askForRelease(
  { state: { meta } }: ProfileStore,
  env: Env,
  turns: Turns,
  data: ProfileData,
): Promise<void> {
  const { movedTo: moved, kind, id, key, lastNow } = meta;
  if (!moved || moved.released) return;
  const to = { kind: 'user' as const, id: moved.id, key: moved.key };
  const request = { profile: to, events: [], links: [{ kind, id, key }], forwarded: true as const };
  const result = await profileStub(env, moved.key).ingest(request);
  if (result.kind === 'stale') await data.erase({ at: Math.max(lastNow, Date.now()), of: moved.key });
  const now = Date.now();
  if (turns.store()) turns.alarm.ensureBy(now + ASK_AGAIN_MS, now);
}
