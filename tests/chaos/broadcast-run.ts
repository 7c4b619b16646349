/**
 * Broadcasts to everybody, at any size, against a running server: three of them, so that for each person it is known what
 * they may get.
 *
 *     greeting  to all; who had a greeting of another trigger today is capped
 *     stopped   to all; paused while it goes out: within ten seconds nothing leaves any more
 *     letter    to all, by e-mail; for one in ten it is night, and theirs is dropped
 *
 * The endpoint of the first two verifies and counts every call. People come in waves: whoever is spoken of stays resident for
 * ten seconds, with three open files, and is heard again as its facts are settled and by its alarm. Where files run out, nothing
 * can be opened any more, and Miniflare's queues stop for good.
 */
import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Api, apiOf } from '../support/api.ts';
import { startServer } from '../support/start-server.ts';
import { BACKEND_HEADERS, SECRET } from './campaign.ts';
import { PatientClient } from './client.ts';
import { openSink, type Sink } from './sink.ts';
import { stateHome } from './state-home.ts';

export interface BroadcastOptions {
  people: number;
  /** Of the endpoint; none unless given. */
  perMinute?: number;
  inMemory?: boolean;
  /** What is given up after. */
  withinMs: number;
  log?(line: string): void;
}

const BATCH = 400;
/** More come only when those before are no longer resident. */
const WAVE = 2_000;
const WAVE_MS = 12_000;
const STOPS_WITHIN_MS = 10_000;
/** Of what the server said, where something is wrong. */
const LINES = 40;
/** To count is work for the server as well. */
const LOOK_AGAIN_MS = 500;
const MINUTE_MS = 60_000;

/** What is not as it should be; empty: everything is. */
export async function broadcastRun(options: BroadcastOptions): Promise<string[]> {
  const sink = await openSink(SECRET);
  const stateDir = stateHome('broadcast', options.inMemory ?? false);
  const server = await startServer({ stateDir });
  const client = new PatientClient(server.url, { maxSockets: 4 });
  try {
    const violations = await new Run(options, apiOf(server), client, sink).run();
    if (violations.length > 0) options.log?.(server.output().split('\n').slice(-LINES).join('\n'));
    return violations;
  } finally {
    client.close();
    await server[Symbol.asyncDispose]();
    rmSync(stateDir, { recursive: true, force: true });
    await sink.close();
  }
}

class Run {
  readonly #options: BroadcastOptions;
  readonly #api: Api;
  readonly #client: PatientClient;
  readonly #sink: Sink;
  readonly #violations: string[] = [];
  readonly #until: number;

  constructor(options: BroadcastOptions, api: Api, client: PatientClient, sink: Sink) {
    this.#options = options;
    this.#api = api;
    this.#client = client;
    this.#sink = sink;
    this.#until = Date.now() + options.withinMs;
  }

  async run(): Promise<string[]> {
    const { people } = this.#options;
    await this.#publish();
    await this.#arrive();
    const greeted = people / 10;
    await this.#known(people);
    await this.#reached('hello', greeted);
    await this.#broadcast('greeting', 'webhook', { tags: ['greeting'] });
    await this.#reached('greeting', people - greeted);
    await this.#broadcast('stopped', 'webhook');
    await this.#reached('stopped', people / 4, { atLeast: true });
    await this.#call('POST', 'triggers/stopped/pause');
    const pausedAt = Date.now();
    await this.#broadcast('letter', 'email', { delivery: { quietHours: { action: 'drop' } } });
    await this.#sentByMail(people - people / 10);
    await sleep(Math.max(0, pausedAt + STOPS_WITHIN_MS + 1_000 - Date.now()));
    this.#checkStopped(pausedAt);
    this.#checkCalls();
    return this.#violations;
  }

  async #publish(): Promise<void> {
    const { perMinute } = this.#options;
    const hook = { provider: 'webhook', settings: { url: this.#sink.url }, secret: SECRET };
    await this.#call('PUT', 'channels/webhook', { ...hook, ...(perMinute && { perMinute }) });
    const rules = [{ count: 1, window: { last: '24h' }, tag: 'greeting' }];
    await this.#call('PUT', 'policies/caps', { rules });
    const [from, to] = [-1, 3].map((hours) => clockIn('Asia/Seoul', Date.now() + hours * 3_600_000));
    await this.#call('PUT', 'policies/quiet_hours', { from, to, tz: 'user', action: 'drop' });
    const data = { trigger: '{{data.trigger}}', user: '{{user.id}}', ref: '{{user.id}}' };
    const email = { subject: 'A letter', html: '<p>A letter</p>', text: 'A letter' };
    await this.#call('PUT', 'templates/told', {
      defaultLocale: 'en',
      locales: { en: { webhook: { data }, email } },
    });
    await this.#call('PUT', 'segments/everybody', { if: { field: 'user.id', op: 'exists' } });
    await this.#live('hello', { on: [{ event: 'Greeted' }] }, 'webhook', { tags: ['greeting'] });
  }

  async #broadcast(id: string, channel: string, more: object = {}): Promise<void> {
    this.#options.log?.(`${id} …`);
    await this.#live(id, { on: [{ at: new Date(Date.now() + 1_000).toISOString() }] }, channel, more);
  }

  async #live(id: string, entry: object, channel: string, more: object): Promise<void> {
    const steps = [{ id: 'tell', send: { channels: [channel], template: 'told', data: { trigger: id } } }];
    const known = { category: 'transactional', transactionalReason: 'they asked for it', steps };
    await this.#call('POST', 'triggers', { id, ...known, entry, reeligibility: { mode: 'always' }, ...more });
    await this.#call('POST', `triggers/${id}/activate`);
  }

  /** Each tenth has had a greeting, another tenth lives where it is night. */
  async #arrive(): Promise<void> {
    const { people, log } = this.#options;
    for (let from = 0; from < people; from += BATCH) {
      if (from > 0 && from % WAVE === 0) await sleep(WAVE_MS);
      const some = Array.from({ length: Math.min(BATCH, people - from) }, (_, i) => from + i);
      const batch = some.flatMap((i) => [
        {
          ...{ type: 'identify', userId: `user-${i}`, messageId: `who-${i}` },
          traits: {
            email: `user-${i}@example.com`,
            timezone: i % 10 === 1 ? 'Asia/Seoul' : 'America/Los_Angeles',
          },
        },
        ...(i % 10 === 0
          ? [{ type: 'track', event: 'Greeted', userId: `user-${i}`, messageId: `met-${i}` }]
          : []),
      ]);
      await this.#client.deliver('POST', '/v1/batch', BACKEND_HEADERS, { batch });
      if (from % WAVE === 0) log?.(`${from} people …`);
    }
  }

  async #known(people: number): Promise<void> {
    await this.#eventually('people in the segment', people, async () => {
      const { body } = await this.#api.admin('GET', 'segments/everybody/count');
      return body.count;
    });
  }

  #reached(trigger: string, people: number, { atLeast = false } = {}): Promise<void> {
    return this.#eventually(
      `people whom ${trigger} has reached`,
      people,
      async () => this.#usersOf(trigger).size,
      atLeast,
    );
  }

  #sentByMail(people: number): Promise<void> {
    return this.#eventually('letters', people, async () => {
      const { body } = await this.#api.admin('GET', 'triggers/letter/report');
      return body.sent;
    });
  }

  async #eventually(
    what: string,
    wanted: number,
    count: () => Promise<number>,
    atLeast = false,
  ): Promise<void> {
    let seen = 0;
    while (Date.now() < this.#until) {
      try {
        seen = await count();
      } catch (error) {
        // A server that is busy, or has to be started again, is asked again.
        this.#options.log?.(`${what}: ${error}`);
        await sleep(LOOK_AGAIN_MS);
        continue;
      }
      if (atLeast ? seen >= wanted : seen === wanted) return;
      if (seen > wanted) break;
      await sleep(LOOK_AGAIN_MS);
    }
    this.#violations.push(`${what}: expected ${wanted}, came ${seen}`);
  }

  #usersOf(trigger: string): Set<string> {
    return new Set(this.#of(trigger).map(({ user }) => user));
  }

  #of(trigger: string) {
    return [...this.#sink.messages.values()].filter((message) => message.trigger === trigger);
  }

  #checkStopped(pausedAt: number): void {
    const last = Math.max(...this.#of('stopped').map(({ lastAt }) => lastAt));
    const stopped = this.#usersOf('stopped').size;
    this.#options.log?.(`stopped after ${stopped} people, ${last - pausedAt} ms after the pause`);
    if (last > pausedAt + STOPS_WITHIN_MS)
      this.#violations.push(`stopped: the last left ${last - pausedAt} ms after`);
    if (stopped >= this.#options.people)
      this.#violations.push('stopped: everybody was reached before the pause');
  }

  /** One message for each person and broadcast, the same bytes on every call, and no more in a minute than may be. */
  #checkCalls(): void {
    const { perMinute } = this.#options;
    this.#violations.push(...this.#sink.refused);
    for (const trigger of ['hello', 'greeting', 'stopped']) {
      const messages = this.#of(trigger);
      if (messages.length !== this.#usersOf(trigger).size)
        this.#violations.push(`${trigger}: somebody got two messages`);
      if (messages.some(({ bodies }) => bodies.size > 1))
        this.#violations.push(`${trigger}: two bodies under one key`);
      const met = [...this.#usersOf(trigger)].filter((user) => trigger === 'greeting' && user.endsWith('0'));
      if (met.length > 0) this.#violations.push(`${trigger}: ${met.length} were greeted a second time`);
    }
    const times = [...this.#sink.messages.values()].map(({ firstAt }) => firstAt).sort((a, b) => a - b);
    const most = Math.max(
      ...times.map((at, i) => times.findLastIndex((other) => other < at + MINUTE_MS) - i + 1),
    );
    if (perMinute !== undefined) this.#options.log?.(`at most ${most} calls in a minute`);
    if (perMinute !== undefined && most > perMinute) this.#violations.push(`${most} calls in a minute`);
  }

  async #call(method: string, path: string, body?: object): Promise<void> {
    const { status, text } = await this.#api.admin(method, path, body);
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${text}`);
  }
}

function clockIn(timeZone: string, at: number): string {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' });
  return format.format(at);
}
