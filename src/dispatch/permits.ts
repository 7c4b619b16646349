/**
 * What this isolate knows of each provider endpoint, so that its limiter is asked every few seconds instead of for every
 * message: permits taken ahead, an open breaker until it will probe, and what became of messages until that is told.
 *
 * Whatever the limiter doesn't answer, messages go on: at one a lease where the provider has a rate, freely where not.
 */
import type { Report } from '../engine/limits/breaker.ts';
import type { LeaseResult } from '../engine/limits/lease.ts';
import { PERMIT_MS } from '../engine/limits/token-bucket.ts';
import type { LimiterRpc } from '../protocol/rpc.ts';

export interface Endpoint {
  /** The limiter's. */
  name: string;
  perMinute: number | null;
}

export type Permit =
  | { kind: 'granted'; isProbe: boolean }
  | { kind: 'closed'; afterMs: number; code: string };

export interface Standing {
  permits: number | null;
  untilAt: number;
  isProbe: boolean;
  /** Of this lease. */
  used: number;
  closed: { untilAt: number; nextAt: number; stepMs: number; code: string } | null;
  untold: Report;
}

/** An isolate's, by the endpoint's name. */
export type Standings = Map<string, Standing>;

interface PermitsDeps {
  limiter(name: string): Pick<LimiterRpc, 'lease'>;
  now(): number;
}

const MAX_WANTED = 100;
/** So many failures aren't kept to oneself until the batch is over. */
const FAILURES_UNTOLD = 3;
const MAX_ENDPOINTS = 1_000;
/** A limiter that answers again and again with what is used up already. */
const MAX_ASKS = 3;

/** One batch's view. Concurrent messages of it share one question; batches share what was answered, never a promise. */
export class Permits {
  readonly #standings: Standings;
  readonly #deps: PermitsDeps;
  readonly #asking = new Map<string, Promise<void>>();
  /** Messages of this batch that wait for the answer. */
  readonly #waiting = new Map<string, number>();
  /** Endpoints that messages of this batch were sent to. */
  readonly #told = new Map<string, Endpoint>();

  constructor(standings: Standings, deps: PermitsDeps) {
    this.#standings = standings;
    this.#deps = deps;
  }

  async take(endpoint: Endpoint): Promise<Permit> {
    const standing = this.#of(endpoint.name);
    for (let asks = 0; ; asks++) {
      const now = this.#deps.now();
      const { closed } = standing;
      if (closed && now < closed.untilAt) return turnAway(closed, now);
      standing.closed = null;
      if (now < standing.untilAt && standing.permits !== 0) {
        if (standing.permits !== null) standing.permits -= 1;
        standing.used += 1;
        return { kind: 'granted', isProbe: standing.isProbe };
      }
      if (asks === MAX_ASKS) return { kind: 'closed', afterMs: PERMIT_MS, code: 'per_minute' };
      await this.#ask(endpoint, standing);
    }
  }

  /** What became of a message. Answers what the limiter made of it, where it was told at once. */
  async tell(endpoint: Endpoint, news: Report): Promise<LeaseResult | null> {
    const standing = this.#of(endpoint.name);
    this.#told.set(endpoint.name, endpoint);
    const { untold } = standing;
    standing.untold = { ...untold, ...news, ok: untold.ok + news.ok, failed: untold.failed + news.failed };
    const isUrgent = news.isProbe || news.refused !== undefined || news.parkedUntil !== undefined;
    if (!isUrgent && standing.untold.failed < FAILURES_UNTOLD) return null;
    return this.#call(endpoint, standing, 0);
  }

  /** At the end of a batch: failures are told now, successes with the next question. */
  async flush(): Promise<void> {
    const untold = [...this.#told.values()].filter(({ name }) => this.#of(name).untold.failed > 0);
    await Promise.all(untold.map((endpoint) => this.#call(endpoint, this.#of(endpoint.name), 0)));
  }

  async #ask(endpoint: Endpoint, standing: Standing): Promise<void> {
    const { name } = endpoint;
    const waiting = (this.#waiting.get(name) ?? 0) + 1;
    this.#waiting.set(name, waiting);
    const asked = this.#asking.get(name);
    if (asked !== undefined) return asked;
    const wanted = Math.min(MAX_WANTED, Math.max(waiting, 2 * standing.used));
    const asking = this.#call(endpoint, standing, wanted).then(() => {
      this.#asking.delete(name);
      // Whoever finds nothing left asks again; the first one asks for all of them.
      const others = (this.#waiting.get(name) ?? 1) - 1 - wanted;
      this.#waiting.set(name, Math.max(0, others));
    });
    this.#asking.set(name, asking);
    return asking;
  }

  async #call(endpoint: Endpoint, standing: Standing, wanted: number): Promise<LeaseResult | null> {
    const { name, perMinute } = endpoint;
    const { untold } = standing;
    standing.untold = nothing();
    const report = untold.ok + untold.failed > 0 || untold.refused !== undefined ? untold : null;
    try {
      const answer = await this.#deps.limiter(name).lease({ wanted, perMinute, report });
      take(standing, answer, wanted);
      return answer;
    } catch {
      const { ok, failed } = standing.untold;
      standing.untold = { ...untold, ok: ok + untold.ok, failed: failed + untold.failed };
      const untilAt = this.#deps.now() + PERMIT_MS;
      if (wanted > 0) grant(standing, { permits: perMinute === null ? null : 1, untilAt });
      return null;
    }
  }

  #of(name: string): Standing {
    const known = this.#standings.get(name);
    if (known) return known;
    if (this.#standings.size >= MAX_ENDPOINTS) this.#standings.clear();
    const standing: Standing = {
      permits: 0,
      untilAt: 0,
      isProbe: false,
      used: 0,
      closed: null,
      untold: nothing(),
    };
    this.#standings.set(name, standing);
    return standing;
  }
}

function turnAway(closed: NonNullable<Standing['closed']>, now: number): Permit {
  const afterMs = Math.max(1, closed.nextAt - now);
  closed.nextAt += closed.stepMs;
  return { kind: 'closed', afterMs, code: closed.code };
}

function take(standing: Standing, answer: LeaseResult, wanted: number): void {
  if (answer.kind === 'closed') {
    const { untilAt, stepMs, code } = answer;
    standing.closed = { untilAt, nextAt: untilAt, stepMs, code };
    standing.permits = 0;
    return;
  }
  standing.closed = null;
  if (wanted > 0) grant(standing, answer);
}

function grant(standing: Standing, lease: { permits: number | null; untilAt: number; isProbe?: true }): void {
  standing.permits = lease.permits;
  standing.untilAt = lease.untilAt;
  standing.isProbe = lease.isProbe ?? false;
  standing.used = 0;
}

function nothing(): Report {
  return { ok: 0, failed: 0 };
}
