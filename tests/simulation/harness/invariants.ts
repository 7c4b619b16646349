/**
 * What must hold after every commit and every call of a provider, whatever has gone wrong. Told of what happened, it
 * knows nothing of how it was decided.
 */
import type { Channel } from '../../../src/engine/trigger.ts';
import type { Fact } from '../../../src/engine/vocabulary.ts';
import { CAP, type Documents, HELLO_COOLDOWN_MS } from './documents.ts';
import { answersOf } from './exported-decisions.ts';
import type { Kernel } from './kernel.ts';
import type { Commit, Message } from './shadow.ts';

/** A change is in force everywhere after this. */
const IN_FORCE_MS = 10_000;
const SEOUL_OFFSET_HOURS = 9;
const LEASE_MS = 30_000;
const LATE_MS = 30 * 60_000;

/** What a seed has found. */
export class Violation extends Error {}

export interface ProviderCall {
  id: string;
  channel: Channel;
  body: string;
  /** It may be on its way to a person. */
  mayBeTaken: boolean;
}

interface Put {
  at: number;
  trigger: string;
  channel: Channel;
  profile: string;
}

export class Invariants {
  /** Of messages that left the outbox at least once, by id. */
  readonly puts = new Map<string, Put>();
  /** By profile and number. */
  readonly facts = new Map<string, Fact & { profile: string }>();
  /** Client events by id → who has committed them. */
  readonly events = new Map<string, string>();
  /** Versions of items that a profile has heard of: `profile item` → versions. */
  readonly heard = new Map<string, Set<number>>();
  /** What triggers answered, each event's as `answersOf` writes it. */
  readonly answered: string[] = [];
  readonly provider = new Map<string, ProviderCall[]>();
  readonly #kernel: Kernel;
  readonly #documents: Documents;
  readonly #refusals = new Map<string, { at: number; knownAt: number; granted: boolean }[]>();
  /** Order events by profile: when they happened. */
  readonly #orders = new Map<string, number[]>();
  /** When a message was claimed last. */
  readonly #claims = new Map<string, number>();
  readonly #settled = new Set<string>();

  constructor(kernel: Kernel, documents: Documents) {
    this.#kernel = kernel;
    this.#documents = documents;
  }

  committed(commit: Commit): void {
    for (const event of commit.events) this.#event(commit, event);
    for (const { id, before, after } of commit.messages) {
      if (after && !before) this.#put(commit, after);
      if (before && after && after.attempts > before.attempts) this.#claimed(commit, after);
      if (before && !after) this.#left(commit, id);
    }
    for (const [section, key, value] of commit.delta) {
      if (section === 'outbox' && key.startsWith('fact:') && value !== null) {
        this.#fact(commit, (value as { fact: Fact }).fact);
      }
    }
  }

  called(call: ProviderCall, isIdempotent: boolean): void {
    const claimedAt = this.#claims.get(call.id) ?? Number.NEGATIVE_INFINITY;
    if (this.#kernel.now - claimedAt > LEASE_MS)
      throw new Violation(`message ${call.id} was sent and not claimed`);
    const before = this.provider.get(call.id) ?? [];
    if (before.some(({ body }) => body !== call.body)) {
      throw new Violation(`message ${call.id} was given to its provider with two contents`);
    }
    if (!isIdempotent && before.some(({ mayBeTaken }) => mayBeTaken)) {
      throw new Violation(
        `message ${call.id} on ${call.channel} was sent twice: its first outcome was unknown`,
      );
    }
    this.provider.set(call.id, [...before, call]);
  }

  /** A consent event on its way (`isKnown` false) or acknowledged. */
  consented(profile: string, channel: string, granted: boolean, at: number, isKnown: boolean): void {
    const key = `${profile} ${channel}`;
    const all = this.#refusals.get(key) ?? [];
    const known = all.find((one) => one.at === at && one.granted === granted);
    if (known && isKnown) known.knownAt = Math.min(known.knownAt, this.#kernel.now);
    else if (!known) all.push({ at, granted, knownAt: isKnown ? this.#kernel.now : Infinity });
    this.#refusals.set(key, all);
  }

  /** A message that the provider never takes back counts; one that was cancelled doesn't. */
  #put({ shadow }: Commit, { id, input }: Message): void {
    if (this.#settled.has(id)) {
      // A merge whose other side had not yet heard: D1 knows that it is over, and nobody sends it again.
      return;
    }
    const known = this.puts.get(id);
    if (known) {
      // It has moved along with a merge.
      this.puts.set(id, { ...known, profile: shadow.key });
      return;
    }
    const { trigger, channel, createdAt: at } = input;
    const mine = [...this.puts.values()].filter((put) => put.profile === shadow.key);
    if (trigger === 'hello') {
      const last = Math.max(0, ...mine.filter((put) => put.trigger === trigger).map((put) => put.at));
      if (at - last < HELLO_COOLDOWN_MS) {
        throw new Violation(`hello was sent to ${shadow.key} again after ${at - last} ms`);
      }
    }
    if (channel === 'sms') {
      const inWindow = mine.filter((put) => put.channel === channel && put.at > at - CAP.windowMs).length;
      if (inWindow >= CAP.count) throw new Violation(`${shadow.key} got ${inWindow + 1} sms in 24 hours`);
    }
    this.#checkOpen(trigger, at, `${id} was decided`);
    this.puts.set(id, { at, trigger, channel, profile: shadow.key });
  }

  #claimed({ shadow }: Commit, { id, input }: Message): void {
    const { now } = this.#kernel;
    this.#claims.set(id, now);
    const { channel, trigger, category, createdAt } = input;
    this.#checkOpen(trigger, now, `${id} was claimed`);
    if (input.expiresAt <= now) throw new Violation(`${id} was claimed after it had expired`);
    if (category === 'marketing' && (channel === 'sms' || channel === 'push')) {
      const hour = (new Date(now).getUTCHours() + SEOUL_OFFSET_HOURS) % 24;
      if (hour >= 21 || hour < 8)
        throw new Violation(`${id} is marketing and was claimed at ${hour} h in Seoul`);
      this.#checkConsent(shadow.key, channel, id, now);
    }
    const exits = this.#orders.get(shadow.key) ?? [];
    if (trigger === 'nudge' && exits.some((at) => at > createdAt)) {
      throw new Violation(`${id} of nudge was claimed after the order that ends it`);
    }
  }

  #checkOpen(trigger: string, now: number, what: string): void {
    const since = this.#documents.closedSince(trigger);
    if (since !== null && now - since > IN_FORCE_MS) {
      throw new Violation(`${what} ${now - since} ms after ${trigger} was paused`);
    }
  }

  #checkConsent(profile: string, channel: string, id: string, now: number): void {
    const said = this.#refusals.get(`${profile} ${channel}`) ?? [];
    const newest = said.reduce((a, b) => (b.at > a.at || (b.at === a.at && !b.granted) ? b : a), {
      at: Number.NEGATIVE_INFINITY,
      granted: true,
      knownAt: Number.POSITIVE_INFINITY,
    });
    if (!newest.granted && newest.knownAt < now) {
      throw new Violation(`${id} was claimed on ${channel} after the consent was withdrawn`);
    }
  }

  #left({ shadow, delta }: Commit, id: string): void {
    const isCancelled = delta.some(
      ([section, , value]) =>
        section === 'outbox' &&
        (value as { fact?: Fact } | null)?.fact?.kind === 'message_cancelled' &&
        (value as { fact: Fact }).fact.message?.id === id,
    );
    const put = this.puts.get(id);
    if (isCancelled && put?.profile === shadow.key) this.puts.set(id, { ...put, at: 0, channel: 'webhook' });
    else if (!isCancelled) this.#settled.add(id);
  }

  #fact({ shadow }: Commit, fact: Fact): void {
    const key = `${shadow.key} ${fact.seq}`;
    const known = this.facts.get(key);
    if (!known) this.facts.set(key, { ...fact, profile: shadow.key });
    else if (JSON.stringify({ ...fact, profile: shadow.key }) !== JSON.stringify(known)) {
      throw new Violation(`fact ${key} was told with two contents`);
    }
  }

  #event({ shadow }: Commit, event: Commit['events'][number]): void {
    if (event.name === '$item') {
      const key = `${shadow.key} ${event.properties.product_id}`;
      const versions = this.heard.get(key) ?? new Set();
      this.heard.set(key, versions.add(Number(event.messageId.split(':')[2])));
    }
    const answers = answersOf(shadow.key, event);
    if (answers !== null) this.answered.push(answers);
    if (event.name === '$timer') return;
    const owner = this.events.get(event.messageId);
    if (owner !== undefined) {
      throw new Violation(`event ${event.messageId} counted twice: at ${owner} and at ${shadow.key}`);
    }
    this.events.set(event.messageId, shadow.key);
    if (event.name === 'Order Completed' && this.#kernel.now - event.timestamp < LATE_MS) {
      this.#orders.set(shadow.key, [...(this.#orders.get(shadow.key) ?? []), event.timestamp]);
    }
  }
}
