/**
 * One profile on a virtual clock: its state in memory, its history an array. It lives on the very functions that serve
 * live traffic, and stands in for what lies around them: D1 takes every fact at once, a catalog of its own answers watch
 * orders, and messages that leave wait in the outbox until they are claimed and settled (`dispatch` does both).
 *
 * Time passes only by `advanceTo` and `advance`; every timer due until then fires first, in order.
 */
import { type Claim, claim, type SettleInput, settle } from '../claim.ts';
import type { Config } from '../config.ts';
import { type Decision, decide } from '../decide.ts';
import { applyDelta, type Delta } from '../delta.ts';
import { dueMessages } from '../due-messages.ts';
import { keptEvent } from '../event-view.ts';
import { itemEvent } from '../items/item-event.ts';
import { priceOf } from '../items/price.ts';
import { settleWatch } from '../items/watch-orders.ts';
import { mergeProfiles } from '../merge/merge-profiles.ts';
import type { Reason, TriggerTrace } from '../reasons.ts';
import type { Recommended } from '../recommend/recommend.ts';
import { type Replay, replay } from '../replay.ts';
import { nextWakeAt, resume } from '../resume.ts';
import type { History, TestedEvent } from '../scope.ts';
import { emptyState, type ProfileState, parseState, serializeState } from '../state.ts';
import type { Meta } from '../state-meta.ts';
import { durationMs } from '../time/duration.ts';
import type { Channel } from '../trigger.ts';
import type {
  Event,
  Fact,
  InboxMessage,
  ItemSnapshot,
  JsonObject,
  MessageInput,
  OutboxEntry,
} from '../vocabulary.ts';

export interface ProfileOptions {
  config: Config;
  id?: string;
  kind?: Meta['kind'];
  /** When its life begins. */
  at?: number;
}

/** What may be said of an event besides its name and properties. */
export type EventOptions = Partial<Omit<Event, 'name' | 'properties'>>;

export type Acknowledgement = 'Viewed' | 'Clicked' | 'Dismissed' | 'Failed';

/** 2026-12-01T03:00:00Z, noon in Seoul. */
const BIRTH_AT = 1_796_094_000_000;

export class VirtualProfile implements History {
  config: Config;
  state: ProfileState;
  now: number;
  /** Oldest first, as history keeps them; the system's own are not among them. */
  readonly events: TestedEvent[] = [];
  /** What D1 has been told. */
  readonly facts: Fact[] = [];
  /** Messages offered to the dispatcher, again and again until they are settled. */
  readonly offers: { at: number; id: string }[] = [];
  /** Every explanation so far, oldest first. */
  readonly trace: TriggerTrace[] = [];
  /** The catalog, as this profile's items stand in it. */
  readonly items = new Map<string, { item: ItemSnapshot; version: number }>();
  /** What the catalog answers to who asks for an item's state of now. */
  readonly itemsNow = new Map<string, ItemSnapshot>();
  /** The catalog's lists, where somebody has asked for them. */
  recommended: Recommended | null = null;
  /** False: watch orders wait in the outbox. */
  answersWatches = true;
  readonly #seen = new Set<string>();
  readonly #handed = new Map<string, number>();
  #eventCount = 0;

  constructor({ config, id = 'u1', kind = 'user', at = BIRTH_AT }: ProfileOptions) {
    this.config = config;
    this.now = at;
    this.state = emptyState({ kind, id, key: `key-of-${id}` }, at);
  }

  has(messageId: string): boolean {
    return this.#seen.has(messageId);
  }

  recent(name: string, afterAt: number, limit: number): TestedEvent[] {
    return this.events
      .filter((event) => event.name === name && event.timestamp > afterAt)
      .sort((a, b) => b.timestamp - a.timestamp)
      .slice(0, limit);
  }

  ownInstants(afterAt: number, limit: number): number[] {
    return this.events
      .map(({ timestamp }) => timestamp)
      .filter((at) => at > afterAt)
      .sort((a, b) => b - a)
      .slice(0, limit);
  }

  track(name: string, properties: JsonObject = {}, options: EventOptions = {}): Decision {
    return this.receive(this.anEvent(name, properties, options));
  }

  page(name: string, properties: JsonObject = {}, options: EventOptions = {}): Decision {
    return this.track('$page', { name, ...properties }, options);
  }

  identify(traits: JsonObject, options: EventOptions = {}): Decision {
    return this.track('$identify', {}, { traits, ...options });
  }

  consent(channel: string, granted = true, options: EventOptions & { purpose?: string } = {}): Decision {
    const { purpose = 'marketing', ...rest } = options;
    return this.track('$consent', { channel, purpose, granted }, { origin: 'server', ...rest });
  }

  ack(kind: Acknowledgement, messageId: string, options: EventOptions = {}): Decision {
    return this.track(`Message ${kind}`, { message_id: messageId }, options);
  }

  /** The catalog writes an item; the profile hears of it as a watcher would. */
  itemChanged(item: ItemSnapshot, options: { changedAt?: number; unseen?: boolean } = {}): Decision {
    const { changedAt = this.now, unseen = false } = options;
    const before = this.items.get(item.id);
    const version = (before?.version ?? 0) + 1;
    this.items.set(item.id, { item, version });
    if (unseen) return { delta: [], effects: [], trace: [], duplicate: false };
    const change = { item, version, changedAt, previous: before ? { ...before.item } : {} };
    return this.receive(itemEvent(change, this.state.meta.key, this.now));
  }

  /** The event as the edge would hand it over now, not yet received. */
  anEvent(name: string, properties: JsonObject = {}, options: EventOptions = {}): Event {
    this.#eventCount += 1;
    const timestamp = options.timestamp ?? this.now;
    return {
      messageId: `${this.state.meta.id}-${this.#eventCount}`,
      name,
      timestamp,
      receivedAt: this.now,
      originalAt: timestamp,
      origin: 'client',
      properties,
      context: {},
      ...options,
    };
  }

  receive(event: Event): Decision {
    const decision = decide({ ...this.#input(), event });
    if (decision.duplicate) return decision;
    this.#seen.add(event.messageId);
    if (event.origin !== 'system') this.events.push(keptEvent(event));
    this.#take(decision);
    return decision;
  }

  /** Hands out what may be shown now, as an app that asks would get it. */
  next(query: { surface?: string; limit?: number } = {}): InboxMessage[] {
    const messages = dueMessages(this.state, this.config, this.now, query);
    for (const { id } of messages) this.#handed.set(id, this.now);
    return messages;
  }

  advance(duration: string): void {
    this.advanceTo(this.now + durationMs(duration));
  }

  advanceTo(at: number): void {
    for (;;) {
      const dueAt = nextWakeAt(this.#input());
      if (dueAt === null || dueAt > at) break;
      this.now = Math.max(this.now, dueAt);
      this.wake();
    }
    this.now = Math.max(this.now, at);
  }

  /** The alarm, whether or not anything is due. */
  wake(): Decision {
    const decision = resume(this.#input());
    this.#take(decision);
    return decision;
  }

  claim(messageId: string): Claim {
    const claimed = claim({ ...this.#input(), messageId });
    this.#take(claimed);
    return claimed.claim;
  }

  settle(messageId: string, outcome: SettleInput['outcome'] = { kind: 'sent' }): Delta {
    const settled = settle({ ...this.#input(), messageId, outcome });
    this.#take(settled);
    return settled.delta;
  }

  /** Takes a message back that was given up after so many attempts. */
  replay(messageId: string, attempts = 1): Replay {
    const replayed = replay({ ...this.#input(), messageId, attempts });
    this.#take(replayed);
    return replayed.replay;
  }

  /** Claims and settles everything that waits in the outbox; what could be sent. */
  dispatch(): MessageInput[] {
    return this.outbox().flatMap(({ messageId: id }) => {
      const claimed = this.claim(id);
      if (claimed.kind !== 'claimed') return [];
      this.settle(id);
      return [claimed.message];
    });
  }

  /** Folds an anonymous profile in, as a link does; it must not be used any more. */
  merge(anonymous: VirtualProfile): Decision {
    const { id, key } = anonymous.state.meta;
    const decision = mergeProfiles({
      ...this.#input(),
      handover: parseState(serializeState(anonymous.state)),
      from: { id, key },
      mergeId: `${key}>${this.state.meta.key}`,
    });
    this.events.push(...anonymous.events);
    for (const messageId of anonymous.#seen) this.#seen.add(messageId);
    for (const [itemId, known] of anonymous.items) if (!this.items.has(itemId)) this.items.set(itemId, known);
    this.#take(decision);
    return decision;
  }

  /** Messages that wait to leave the app. */
  outbox(): MessageInput[] {
    return [...this.state.outbox.values()].flatMap((entry) =>
      entry.kind === 'message' ? [entry.input] : [],
    );
  }

  /** In-app messages and cards that the app hasn't done with, newest last. */
  inbox(): InboxMessage[] {
    return [...this.state.inbox.values()];
  }

  /** How often messages on a channel, or on any, were sent: as the trigger's log counts them. */
  sends(trigger = 'hello', channel?: Channel): number {
    const tally = this.state.log.get(`${trigger}\n`)?.sent;
    return (channel === undefined ? tally?.n : tally?.byChannel[channel]) ?? 0;
  }

  #input() {
    const { state, config, now, itemsNow: items, recommended } = this;
    return { state, history: this, config, now, handed: this.#handed, items, recommended };
  }

  #take({ delta, effects, trace = [] }: Pick<Decision, 'delta' | 'effects'> & Partial<Decision>): void {
    applyDelta(this.state, delta);
    this.trace.push(...trace);
    for (const entry of effects) this.#offer(entry);
  }

  #offer(entry: OutboxEntry): void {
    switch (entry.kind) {
      case 'message':
        this.offers.push({ at: this.now, id: entry.id });
        return;
      case 'fact':
        this.facts.push(entry.fact);
        break;
      case 'watch':
        if (this.answersWatches) this.#answerWatch(entry);
        return;
      case 'merged':
      case 'follow':
        break;
    }
    applyDelta(this.state, [['outbox', entry.id, null]]);
  }

  #answerWatch({ id, watch }: Extract<OutboxEntry, { kind: 'watch' }>): void {
    const known = this.items.get(watch.itemId);
    const reference = known ? priceOf(known.item) : null;
    const { delta, effects } = settleWatch({
      ...this.#input(),
      id,
      order: watch,
      reference,
      began: reference,
    });
    applyDelta(this.state, delta);
    for (const entry of effects) if (entry.kind === 'watch') this.#answerWatch(entry);
  }
}

/** Why a trigger answered as it did; the last word where it spoke more than once. */
export function reasonOf(decision: Pick<Decision, 'trace'>, trigger = 'hello'): Reason | undefined {
  return traceOf(decision, trigger)?.reason;
}

export function traceOf(decision: Pick<Decision, 'trace'>, trigger = 'hello'): TriggerTrace | undefined {
  return decision.trace.findLast(({ id }) => id === trigger);
}
