/**
 * The one object that tells everybody of broadcasts, and of segments that are to be asked anew (`fills.ts`). It knows the plans of the live triggers: it is told when one changes,
 * and looks for itself at every wake, so that a call that was lost heals before an instant would be missed for good.
 *
 * At an instant it walks through the registry, a bounded stretch a turn. A stretch is committed together with its pages;
 * they leave through the queue `fanout`, and each stays until the consumer has settled it. So a crash anywhere repeats at
 * most what profiles recognise by the event's id.
 *
 * Beside that it writes the daily exports, where a bucket is bound (`daily-exports.ts`), and removes decisions that are too
 * old (`old-decisions.ts`): a part a turn, after everything else.
 */
import { DurableObject } from 'cloudflare:workers';
import type { Env } from '../bindings.ts';
import { SEGMENTS } from '../engine/segments/memberships.ts';
import { MINUTE_MS, SECOND_MS } from '../engine/time/duration.ts';
import { CountedSql } from '../objects/counted-sql.ts';
import { type AlarmInfo, ObjectAlarm } from '../objects/object-alarm.ts';
import { sendUntilRefused } from '../objects/pack-messages.ts';
import { openSchema, type SchemaStep, stampSchema } from '../objects/schema.ts';
import type { BroadcastPage } from '../protocol/queue-messages.ts';
import type { FillProgress, SchedulerRpc, SyncResult } from '../protocol/rpc.ts';
import { registryShard } from '../protocol/stubs.ts';
import { loadLiveDocuments } from '../store/live-documents.ts';
import { createBroadcasts, hasPage, type Page, removePage, takeDuePages } from './broadcast-store.ts';
import { DailyExports } from './daily-exports.ts';
import { createFills } from './fill-store.ts';
import { fillProgress, moveFills, segmentsOf, takeFills } from './fills.ts';
import { OldDecisions } from './old-decisions.ts';
import { createPlans } from './plan-store.ts';
import { plansOf } from './plans.ts';
import { beginBroadcasts, IN_FORCE_MS, nextDueAt, takePlans, takeStretch, unfinished } from './schedule.ts';
import { walkProfiles } from './walk-profiles.ts';

/** From the first layout of the tables to today's. */
const STEPS: SchemaStep[] = [createFills];
/** Well within the hour after which an instant is no longer made up for. */
const LOOK_AGAIN_MS = 30 * MINUTE_MS;
const TRY_AGAIN_MS = 5 * SECOND_MS;
/** Sent again in one turn, beside the new ones. */
const PAGES_AGAIN_PER_TURN = 20;

export class SchedulerObject extends DurableObject<Env> implements SchedulerRpc {
  readonly sql = new CountedSql(this.ctx.storage);
  readonly #alarm = new ObjectAlarm(this.ctx.storage);
  readonly #exports = new DailyExports(this.sql, () => this.env);
  readonly #oldDecisions = new OldDecisions(() => this.env);
  #hasTables: boolean | undefined;
  #lastNow = 0;
  /** When a walk that is held to a pace goes on. In memory: forgotten, it goes on a second early. */
  #walkNotBefore = 0;
  /** Looks so far, and the newest of those that were committed: answers of D1 may overtake each other. */
  #looks = 0;
  #taken = 0;

  async sync(changedAt: number): Promise<SyncResult> {
    await this.#alarm.load();
    const now = this.#now();
    try {
      await this.#look(Math.min(changedAt, now), now);
      this.#arm(now);
      return { kind: 'done' };
    } catch {
      this.#alarm.ensureBy(now + TRY_AGAIN_MS, now);
      return { kind: 'unavailable', retryAfterSeconds: TRY_AGAIN_MS / SECOND_MS };
    }
  }

  async owesPage(trigger: string, instantAt: number, page: number): Promise<boolean> {
    return this.#exists() && hasPage(this.sql, { trigger, instantAt }, page);
  }

  async settlePage(trigger: string, instantAt: number, page: number): Promise<void> {
    if (!this.#exists()) return;
    const now = this.#now();
    this.sql.transaction(() => {
      removePage(this.sql, { trigger, instantAt }, page);
      if (trigger === SEGMENTS) moveFills(this.sql, now);
    });
    await this.#alarm.load();
    // What has come due while this broadcast was under way may begin now.
    this.#arm(now);
  }

  async fillProgress(segment: string): Promise<FillProgress | null> {
    return this.#exists() ? fillProgress(this.sql, segment) : null;
  }

  override async alarm(info?: AlarmInfo): Promise<void> {
    const work = async () => {
      const now = this.#now();
      const isBlocked = await this.#work(now);
      await this.#exports.writePart(now);
      await this.#oldDecisions.clear(now);
      if (isBlocked) this.#alarm.ensureBy(now + TRY_AGAIN_MS, now);
      else this.#arm(now);
    };
    await this.#alarm.ring(info, TRY_AGAIN_MS, () => this.#now(), work);
  }

  /** True where the walk can't go on now. */
  async #work(now: number): Promise<boolean> {
    // First what needs no D1.
    if (this.#exists()) {
      await this.#send(this.sql.transaction(() => takeDuePages(this.sql, now, PAGES_AGAIN_PER_TURN)));
    }
    await this.#look(now - LOOK_AGAIN_MS, now);
    if (!this.#exists()) return false;
    this.sql.transaction(() => {
      beginBroadcasts(this.sql, now);
      moveFills(this.sql, now);
    });
    const broadcast = unfinished(this.sql);
    if (!broadcast || now < this.#walkNotBefore) return false;
    const perSecond = Number(this.env.BROADCAST_PER_SECOND ?? Number.POSITIVE_INFINITY);
    const shardOf = (shard: number) => registryShard(this.env, shard);
    const stretch = await walkProfiles(broadcast.walk, shardOf, perSecond);
    this.#walkNotBefore = now + Math.ceil((stretch.keys.length * SECOND_MS) / perSecond);
    await this.#send(this.sql.transaction(() => takeStretch(this.sql, broadcast, stretch, now)));
    return stretch.isBlocked;
  }

  /** Throws where D1 doesn't answer. */
  async #look(since: number, now: number): Promise<void> {
    this.#looks += 1;
    const look = this.#looks;
    const live = await loadLiveDocuments(this.env);
    const plans = plansOf(live);
    const segments = segmentsOf(live);
    if (look < this.#taken) return;
    this.#taken = look;
    this.#exports.tellsDecisions = live.policies.workspace?.exportDecisions === true;
    if (plans.length > 0 || segments.length > 0) this.#prepare();
    if (!this.#exists()) return;
    this.sql.transaction(() => {
      takePlans(this.sql, plans, since, now);
      takeFills(this.sql, segments, now + IN_FORCE_MS);
    });
  }

  /** What gets lost is due again. */
  #send(pages: Page[]): Promise<void> {
    const messages = pages.map((page): BroadcastPage => ({ v: 1, kind: 'broadcast', ...page }));
    return sendUntilRefused(this.env.FANOUT, messages);
  }

  #arm(now: number): void {
    const dueAt = this.#exists() ? nextDueAt(this.sql, now, this.#walkNotBefore) : null;
    const never = Number.POSITIVE_INFINITY;
    const beside = [this.#exports.dueAt(now), this.#oldDecisions.dueAt(now)].map((at) => at ?? never);
    const nextAt = Math.min(dueAt ?? never, ...beside, now + LOOK_AGAIN_MS);
    this.#alarm.ensureBy(nextAt, now);
  }

  /** Made with the first plan or segment: a deployment without any writes nothing here. */
  #prepare(): void {
    if (this.#exists()) return;
    // All or none: without their stamp, tables of today would be taken for old ones.
    this.sql.transaction(() => {
      createPlans(this.sql);
      createBroadcasts(this.sql);
      createFills(this.sql);
      stampSchema(this.sql, STEPS);
    });
    this.#hasTables = true;
  }

  #exists(): boolean {
    if (this.#hasTables === undefined) {
      const exist = this.sql.hasTable('pages');
      if (exist) openSchema(this.sql, STEPS);
      this.#hasTables = exist;
    }
    return this.#hasTables;
  }

  #now(): number {
    this.#lastNow = Math.max(this.#lastNow, Date.now());
    return this.#lastNow;
  }
}
