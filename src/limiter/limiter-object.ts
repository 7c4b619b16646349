/**
 * What all senders to one provider endpoint share: whether it is well, and how fast it may be called. One object for each
 * endpoint and each minted token, so that none of them is on everybody's way; and not asked for each message: a sender
 * takes permits for some seconds and reports in bulk (`dispatch/`).
 *
 * A breaker that opens or closes is written down, one row; counts and the bucket live in memory. Whoever forgets them, asleep
 * after ten idle seconds, finds a bucket that would be full again by then, and counts that would be as good as over. A crash
 * gives at most five seconds' worth of permits away once more.
 *
 * A trigger's budget is an object of its own, too, and money is written down before it is given: one row for each lease.
 *
 * A token is kept in memory alone: it is a secret, and can be minted anew.
 */
import { DurableObject } from 'cloudflare:workers';
import type { Env } from '../bindings.ts';
import type { Breaker } from '../engine/limits/breaker.ts';
import {
  EMPTY_LEDGER,
  type Ledger,
  type SpendRequest,
  type SpendResult,
  takeMoney,
} from '../engine/limits/budget-ledger.ts';
import { type LeaseRequest, type LeaseResult, type Limits, lease, noLimits } from '../engine/limits/lease.ts';
import { askFor, EMPTY_MINT, forget, keep, type Minted, type Turn } from '../engine/limits/mint.ts';
import { CountedSql } from '../objects/counted-sql.ts';
import type { EndpointHealth, LimiterRpc } from '../protocol/rpc.ts';

export class LimiterObject extends DurableObject<Env> implements LimiterRpc {
  readonly sql = new CountedSql(this.ctx.storage);
  #limits: Limits | undefined;
  #mint = EMPTY_MINT;
  #lastNow = 0;

  async lease(request: LeaseRequest): Promise<LeaseResult> {
    const now = this.#now();
    const before = this.#loaded(now);
    const { limits, result } = lease(before, request, now);
    if (limits.breaker.open !== before.breaker.open) this.#write(limits.breaker);
    this.#limits = limits;
    return result;
  }

  async spend(request: SpendRequest): Promise<SpendResult> {
    const { ledger, result } = takeMoney(this.#ledger(), request);
    this.sql.run('CREATE TABLE IF NOT EXISTS ledger (id INTEGER PRIMARY KEY, body TEXT NOT NULL)');
    this.sql.run(
      'INSERT INTO ledger (id, body) VALUES (0, ?1) ON CONFLICT (id) DO UPDATE SET body = ?1',
      JSON.stringify(ledger),
    );
    return result;
  }

  #ledger(): Ledger {
    if (!this.sql.hasTable('ledger')) return EMPTY_LEDGER;
    const row = this.sql.all<{ body: string }>('SELECT body FROM ledger WHERE id = 0')[0];
    return row ? (JSON.parse(row.body) as Ledger) : EMPTY_LEDGER;
  }

  async health(): Promise<EndpointHealth> {
    const now = this.#now();
    const { open } = this.#loaded(now).breaker;
    if (!open) return { state: 'closed', cause: null, code: null, since: null, probeAt: null };
    const { kind: cause, code, since, probeAt } = open;
    return { state: open.isProbing || now >= probeAt ? 'half_open' : 'open', cause, code, since, probeAt };
  }

  async askToken(): Promise<Turn> {
    const { mint, turn } = askFor(this.#mint, this.#now());
    this.#mint = mint;
    return turn;
  }

  async keepToken(token: Minted): Promise<void> {
    this.#mint = keep(token);
  }

  async forgetToken(value: string): Promise<void> {
    this.#mint = forget(this.#mint, value);
  }

  #loaded(now: number): Limits {
    if (this.#limits) return this.#limits;
    const stored = this.#stored();
    this.#limits = stored ? { ...noLimits(now), breaker: stored } : noLimits(now);
    return this.#limits;
  }

  #stored(): Breaker | null {
    if (!this.sql.hasTable('breaker')) return null;
    const row = this.sql.all<{ body: string }>('SELECT body FROM breaker WHERE id = 0')[0];
    return row ? (JSON.parse(row.body) as Breaker) : null;
  }

  #write(breaker: Breaker): void {
    this.sql.run('CREATE TABLE IF NOT EXISTS breaker (id INTEGER PRIMARY KEY, body TEXT NOT NULL)');
    this.sql.run(
      'INSERT INTO breaker (id, body) VALUES (0, ?1) ON CONFLICT (id) DO UPDATE SET body = ?1',
      JSON.stringify(breaker),
    );
  }

  #now(): number {
    this.#lastNow = Math.max(this.#lastNow, Date.now());
    return this.#lastNow;
  }
}
