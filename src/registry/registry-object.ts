/**
 * One of 256 index objects that together know every profile, so that back-fills, broadcasts and backtests can page
 * through them all. Profiles report themselves once, after their first commit; the event path never comes here.
 */
import { DurableObject } from 'cloudflare:workers';
import type { Env } from '../bindings.ts';
import type { RegistryRpc } from '../protocol/rpc.ts';
import { addProfiles, createProfiles, hasProfiles, keysAfter, MAX_PAGE } from './profile-index.ts';

export class RegistryObject extends DurableObject<Env> implements RegistryRpc {
  #ready = false;

  /** Repeating it changes nothing: a profile keeps the time it was first told with. */
  async add(profiles: { key: string; createdAt: number }[]): Promise<void> {
    const { sql } = this.ctx.storage;
    if (profiles.length === 0) return;
    if (!this.#exists()) createProfiles(sql);
    addProfiles(sql, profiles);
  }

  /** At most `limit` (1–1,000) keys in order, after the cursor of the page before; its cursor is null on the last. */
  async page(cursor: string | null, limit: number): Promise<{ keys: string[]; cursor: string | null }> {
    if (!this.#exists()) return { keys: [], cursor: null };
    const size = Math.max(1, Math.min(Math.trunc(limit), MAX_PAGE));
    const keys = keysAfter(this.ctx.storage.sql, cursor ?? '', size);
    const page = keys.slice(0, size);
    return { keys: page, cursor: keys.length > size ? (page.at(-1) ?? null) : null };
  }

  #exists(): boolean {
    this.#ready ||= hasProfiles(this.ctx.storage.sql);
    return this.#ready;
  }
}
