/**
 * One of 256 index objects that together know every profile, so that back-fills, broadcasts and backtests can page
 * through them all. Profiles report themselves once, after their first commit; the event path never comes here.
 *
 * It also lets go what is to go: anonymous profiles that may be idle are asked, each no more than once in 90 days and
 * never again once it is somebody's; an erasure that was begun is asked for until it is over.
 */
import { DurableObject } from 'cloudflare:workers';
import type { Env } from '../bindings.ts';
import { DAY_MS, MINUTE_MS, SECOND_MS } from '../engine/time/duration.ts';
import { CountedSql } from '../objects/counted-sql.ts';
import { type AlarmInfo, ObjectAlarm } from '../objects/object-alarm.ts';
import type { RegistryRpc } from '../protocol/rpc.ts';
import { profileStub } from '../protocol/stubs.ts';
import { pendingErasures, putErasure, settleErasure } from './erasure-index.ts';
import {
  addProfiles,
  askAgain,
  createProfiles,
  IDLE_MS,
  keysAfter,
  keysToAsk,
  MAX_PAGE,
  nextAskAt,
  openProfiles,
  removeProfile,
} from './profile-index.ts';

const ERASURE_AGAIN_MS = 30 * SECOND_MS;
const FAILED_AGAIN_MS = 10 * MINUTE_MS;
/** Asked in one turn of the alarm. */
const ASKED_AT_ONCE = 25;

export class RegistryObject extends DurableObject<Env> implements RegistryRpc {
  readonly sql = new CountedSql(this.ctx.storage);
  readonly #alarm = new ObjectAlarm(this.ctx.storage);
  #ready = false;

  /** Repeating it changes nothing: a profile keeps the time it was first told with. */
  async add(profiles: { key: string; createdAt: number }[]): Promise<void> {
    if (profiles.length === 0) return;
    await this.#alarm.load();
    this.#prepare();
    addProfiles(this.sql, profiles);
    const now = Date.now();
    const askAt = Math.min(...profiles.map(({ createdAt }) => createdAt)) + IDLE_MS;
    this.#alarm.ensureBy(Math.max(askAt, now + DAY_MS), now);
  }

  async remove(key: string, erasedAt: number | null): Promise<void> {
    if (erasedAt === null && !this.#exists()) return;
    await this.#alarm.load();
    this.#prepare();
    this.sql.transaction(() => {
      removeProfile(this.sql, key);
      if (erasedAt !== null) putErasure(this.sql, key, erasedAt);
    });
    const now = Date.now();
    if (erasedAt !== null) this.#alarm.ensureBy(now + ERASURE_AGAIN_MS, now);
  }

  async settleErasure(key: string): Promise<void> {
    if (this.#exists()) settleErasure(this.sql, key);
  }

  /** At most `limit` (1–1,000) keys in order, after the cursor of the page before; its cursor is null on the last. */
  async page(cursor: string | null, limit: number): Promise<{ keys: string[]; cursor: string | null }> {
    if (!this.#exists()) return { keys: [], cursor: null };
    const size = Math.max(1, Math.min(Math.trunc(limit), MAX_PAGE));
    const keys = keysAfter(this.sql, cursor ?? '', size);
    const page = keys.slice(0, size);
    return { keys: page, cursor: keys.length > size ? (page.at(-1) ?? null) : null };
  }

  /** Everything to be done is in the tables: what fails is come back for. */
  override async alarm(info?: AlarmInfo): Promise<void> {
    await this.#alarm.ring(info, FAILED_AGAIN_MS, Date.now, () => this.#work(Date.now()));
  }

  async #work(now: number): Promise<void> {
    if (!this.#exists()) return;
    const hasFailed = [await this.#finishErasures(), await this.#askIdle(now)].includes(true);
    const askAt = nextAskAt(this.sql);
    if (hasFailed) this.#alarm.ensureBy(now + FAILED_AGAIN_MS, now);
    else if (pendingErasures(this.sql, 1).length > 0) this.#alarm.ensureBy(now + ERASURE_AGAIN_MS, now);
    else if (askAt !== null) this.#alarm.ensureBy(askAt <= now ? now : Math.max(askAt, now + DAY_MS), now);
  }

  /** True where one can't be reached now. */
  async #finishErasures(): Promise<boolean> {
    return this.#each(pendingErasures(this.sql, ASKED_AT_ONCE), async ({ key, erasedAt }) => {
      const { kind } = await profileStub(this.env, key).erase({ at: erasedAt, resumed: true });
      if (kind === 'erased') settleErasure(this.sql, key);
    });
  }

  async #askIdle(now: number): Promise<boolean> {
    return this.#each(keysToAsk(this.sql, now, ASKED_AT_ONCE), async (key) => {
      const result = await profileStub(this.env, key).expireIdle(now - IDLE_MS);
      if (result.kind === 'gone') removeProfile(this.sql, key);
      else askAgain(this.sql, key, result.kind === 'seen' ? result.seenAt + IDLE_MS : null);
    });
  }

  async #each<T>(all: T[], ask: (one: T) => Promise<void>): Promise<boolean> {
    const outcomes = await Promise.allSettled(all.map(ask));
    return outcomes.some(({ status }) => status === 'rejected');
  }

  #prepare(): void {
    if (!this.#exists()) createProfiles(this.sql);
    this.#ready = true;
  }

  #exists(): boolean {
    this.#ready ||= openProfiles(this.sql);
    return this.#ready;
  }
}
