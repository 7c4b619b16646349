/** Takes the plan to the server over some connections, and remembers when what was acknowledged. */
import { setTimeout as sleep } from 'node:timers/promises';
import { BACKEND_HEADERS, CLIENT_HEADERS } from './campaign.ts';
import { type Acknowledged, PatientClient } from './client.ts';
import { cancellationOf, type Plan, type PlannedRequest } from './plan.ts';
import type { Random } from './random.ts';

const CONNECTIONS = 12;
const PACE_POLL_MS = 3;
/** A trial is cancelled so long after it was acknowledged, at most: some when it is over already. */
const LATEST_CANCEL_MS = 4_000;
const MOST_SEND_AGAIN_MS = 2_000;

export interface LoadRecord {
  /** By message id: the request that brought it first. */
  events: Map<string, Acknowledged>;
  /** Trial id → when its cancellation was acknowledged. */
  cancelledAt: Map<string, number>;
  /** User id → every answer to the sign-up. */
  welcomes: Map<string, string[]>;
  /** Answers that no retry changes, and requests that were given up for another reason. */
  faults: string[];
  /** How often anything was sent, beyond once for each request. */
  resent: number;
}

interface LoadHooks {
  onSend(): void;
  onAcknowledged(at: number): void;
}

export class Load {
  readonly record: LoadRecord = {
    events: new Map(),
    cancelledAt: new Map(),
    welcomes: new Map(),
    faults: [],
    resent: 0,
  };
  readonly #plan: Plan;
  readonly #clients: PatientClient[];
  readonly #hooks: LoadHooks;
  readonly #random: Random;
  readonly #behind: Promise<void>[] = [];
  #done = 0;

  constructor(url: string, plan: Plan, random: Random, hooks: LoadHooks) {
    this.#plan = plan;
    this.#hooks = hooks;
    this.#random = random;
    this.#clients = Array.from(
      { length: CONNECTIONS },
      () => new PatientClient(url, { onSend: hooks.onSend }),
    );
  }

  /** Share of the requests that are done. */
  get progress(): number {
    return this.#done / this.#plan.requests.length;
  }

  /** What everything else rests on, in one go. */
  async begin(): Promise<void> {
    await this.#each(this.#plan.first, () => 1);
    await Promise.all(this.#behind.splice(0));
  }

  /** @param mayDo share of the requests that may be done by now */
  async run(mayDo: () => number): Promise<void> {
    await this.#each(this.#plan.requests, mayDo, () => {
      this.#done++;
    });
    await Promise.all(this.#behind);
  }

  close(): void {
    for (const client of this.#clients) client.close();
  }

  async #each(requests: PlannedRequest[], mayDo: () => number, onDone = () => {}): Promise<void> {
    const queue = requests.entries();
    const lane = async (client: PatientClient) => {
      for (const [index, request] of queue) {
        while (index / requests.length > mayDo()) await sleep(PACE_POLL_MS);
        await this.#take(client, request);
        onDone();
      }
    };
    await Promise.all(this.#clients.map(lane));
  }

  async #take(client: PatientClient, request: PlannedRequest): Promise<void> {
    const others = request.repeated === 'at_once' ? [this.#deliver(this.#other(), request)] : [];
    await Promise.all([this.#deliver(client, request), ...others]);
    if (request.repeated === 'later') {
      this.#later(MOST_SEND_AGAIN_MS, () => this.#deliver(this.#other(), request));
    }
    for (const event of request.events) {
      const trialId = String(event.properties.trial_id);
      if (event.event !== 'Trial Started' || !this.#plan.trials.get(trialId)?.isCancelled) continue;
      this.#later(LATEST_CANCEL_MS, async () => {
        const done = await this.#deliver(this.#other(), cancellationOf(event));
        if (done) this.record.cancelledAt.set(trialId, done.acknowledgedAt);
      });
    }
  }

  #later(withinMs: number, work: () => Promise<unknown>): void {
    const delayMs = this.#random.between(0, withinMs);
    this.#behind.push(sleep(delayMs).then(async () => void (await work())));
  }

  #other(): PatientClient {
    return this.#random.pick(this.#clients);
  }

  async #deliver(client: PatientClient, request: PlannedRequest): Promise<Acknowledged | null> {
    const { method, path, body, events } = request;
    // A known user's messages are read with the backend's key; catalogs are the backend's, too.
    const headers = method === 'PUT' || path.includes('sync=1') ? BACKEND_HEADERS : CLIENT_HEADERS;
    let done: Acknowledged;
    try {
      done = await client.deliver(method, path, headers, body);
    } catch (error) {
      this.record.faults.push(String(error));
      return null;
    }
    this.#hooks.onAcknowledged(done.acknowledgedAt);
    this.record.resent += done.attempts - 1;
    if (done.body.includes('"rejected"')) this.record.faults.push(`${path}: ${done.body}`);
    for (const event of events) {
      const known = this.record.events.get(event.messageId);
      this.record.events.set(event.messageId, known ? earliest(known, done) : done);
      if (event.event !== 'Signed Up' || event.userId === undefined) continue;
      const answers = this.record.welcomes.get(event.userId) ?? [];
      this.record.welcomes.set(event.userId, [...answers, done.body]);
    }
    return done;
  }
}

/** Sent twice: from the first sending to the first acknowledgement. */
function earliest(a: Acknowledged, b: Acknowledged): Acknowledged {
  return {
    ...a,
    firstSentAt: Math.min(a.firstSentAt, b.firstSentAt),
    acknowledgedAt: Math.min(a.acknowledgedAt, b.acknowledgedAt),
  };
}
