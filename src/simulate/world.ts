/**
 * A whole deployment on a virtual clock: every profile, the catalog, and a dispatcher whose providers accept at once.
 * Time passes by `advanceTo` alone; everything that is due until then happens first, over all profiles in the order of
 * its time. What a call or a timer sends out is taken up right after it, at the same instant: facts are learnt, watchers
 * registered and told, messages claimed, rendered and settled.
 */

import { composeMessage } from '../dispatch/compose-message.ts';
import { signLinks } from '../dispatch/sign-links.ts';
import type { Config } from '../engine/config.ts';
import { itemEvent, topicEvent } from '../engine/items/item-event.ts';
import type { TriggerTrace } from '../engine/reasons.ts';
import { broadcastEvent, instantFrom, recurrenceOf } from '../engine/runs/broadcast.ts';
import type { Event, OutboxEntry } from '../engine/vocabulary.ts';
import { signUnsubscribe } from '../protocol/unsubscribe-token.ts';
import { SECRET } from './edge.ts';
import { SimulationInputError } from './input-error.ts';
import { Journal } from './journal.ts';
import { type Notice, SimulatedCatalog } from './simulated-catalog.ts';
import { SimulatedProfile, type Surroundings } from './simulated-profile.ts';

/** A life that sets more in motion than this, such as a broadcast every second for years, is given up. */
const MAX_TURNS = 100_000;

type Errand = { profile: SimulatedProfile; entry: OutboxEntry } | { notice: Notice };

interface Broadcast {
  trigger: string;
  nextAt: number | null;
  next(fromAt: number): number | null;
}

export class World implements Surroundings {
  readonly config: Config;
  readonly journal = new Journal();
  readonly catalog: SimulatedCatalog;
  now: number;
  readonly #profiles = new Map<string, SimulatedProfile>();
  readonly #errands: Errand[] = [];
  readonly #broadcasts: Broadcast[];
  #turns = 0;

  constructor(config: Config, startAt: number) {
    this.config = config;
    this.now = startAt;
    this.catalog = new SimulatedCatalog(
      () => this.now,
      { items: config.itemListeners, topics: config.topicListeners },
      (notice) => this.#errands.push({ notice }),
    );
    this.#broadcasts = broadcastsOf(config, startAt);
  }

  profile(key: string): SimulatedProfile {
    const known = this.#profiles.get(key) ?? new SimulatedProfile(key, this);
    this.#profiles.set(key, known);
    return known;
  }

  profiles(): SimulatedProfile[] {
    return [...this.#profiles.values()];
  }

  explained(profile: SimulatedProfile, event: Event | null, trace: TriggerTrace[]): void {
    this.journal.explain(profile, event, trace, this.now);
  }

  turned(profile: SimulatedProfile, effects: OutboxEntry[]): void {
    this.#turns += 1;
    if (this.#turns > MAX_TURNS) {
      throw new SimulationInputError('life', [
        { path: 'life', message: `sets more than ${MAX_TURNS} turns in motion; expected a shorter life` },
      ]);
    }
    for (const entry of effects) this.#errands.push({ profile, entry });
  }

  async advanceTo(at: number): Promise<void> {
    await this.runErrands();
    for (;;) {
      const wake = earliest(
        this.profiles().filter(({ hasMoved }) => !hasMoved),
        ({ wakeAt }) => wakeAt,
      );
      const cast = earliest(this.#broadcasts, ({ nextAt }) => nextAt);
      const dueAt = Math.min(wake?.at ?? Number.POSITIVE_INFINITY, cast?.at ?? Number.POSITIVE_INFINITY);
      if (dueAt > at) break;
      this.now = Math.max(this.now, dueAt);
      if (wake && wake.at === dueAt) await wake.of.answers.wake();
      else if (cast) await this.#broadcast(cast.of, dueAt);
      await this.runErrands();
    }
    this.now = Math.max(this.now, at);
  }

  /** What has left profiles and catalog goes where it belongs, in the order in which it left. */
  async runErrands(): Promise<void> {
    for (let errand = this.#errands.shift(); errand; errand = this.#errands.shift()) {
      if ('notice' in errand) await this.#notify(errand.notice);
      else await this.#run(errand.profile, errand.entry);
    }
  }

  async #run(profile: SimulatedProfile, entry: OutboxEntry): Promise<void> {
    switch (entry.kind) {
      case 'fact':
        this.journal.learn(profile, entry.fact);
        await profile.answers.outbox.hasLeft([entry.id]);
        return;
      case 'message':
        await this.#dispatch(profile, entry.id);
        return;
      case 'watch':
        await profile.answers.outbox.watched(
          entry,
          this.catalog.watch(entry.watch.profile ?? profile.key, entry.watch),
        );
        return;
      case 'follow':
        this.catalog.follow(entry.follow.profile ?? profile.key, entry.follow);
        await profile.answers.outbox.followed(entry);
        return;
      case 'merged':
        await this.profile(entry.from).answers.releaseFrozen(entry.mergeId);
        await profile.answers.outbox.hasLeft([entry.id]);
    }
  }

  async #dispatch(profile: SimulatedProfile, messageId: string): Promise<void> {
    const claimed = await profile.answers.claim(messageId);
    if (claimed.kind === 'moved') await this.#dispatch(this.profile(claimed.to.key), messageId);
    if (claimed.kind !== 'claimed') return;
    const message = await signLinks(claimed.message, (text) => signUnsubscribe({ ID_SECRET: SECRET }, text));
    const template = this.config.templates.get(message.template.id)?.document;
    const composed = template && composeMessage(message, template, this.config);
    const content = composed?.kind === 'composed' ? composed.message.content : null;
    this.journal.leave(profile, message, content, this.now);
    const { now: at } = this;
    if (content) await profile.answers.settle(messageId, { kind: 'sent', at });
    else await profile.answers.settle(messageId, { kind: 'failed', reason: 'render_error', at });
  }

  #notify({ kind, profileKey, change }: Notice): Promise<void> {
    const event = kind === 'topic' ? topicEvent : itemEvent;
    return this.#tell(profileKey, event(change, profileKey, this.now));
  }

  async #broadcast(broadcast: Broadcast, at: number): Promise<void> {
    broadcast.nextAt = broadcast.next(at + 1);
    for (const { key } of this.profiles()) {
      await this.#tell(key, broadcastEvent(broadcast.trigger, at, key, this.now));
    }
  }

  /** As a page does: it carries no id, and makes no profile. */
  async #tell(key: string, event: Event): Promise<void> {
    await this.profile(key).answers.ingest({ profile: { kind: 'user', id: '', key }, events: [event] });
  }
}

function broadcastsOf({ triggers }: Config, startAt: number): Broadcast[] {
  return [...triggers.values()].flatMap(({ id, document }) =>
    document.entry.on.flatMap((on) => {
      if (!('at' in on)) return [];
      const recurrence = recurrenceOf(on);
      // One that lay in the past when its trigger went live is over.
      const next = (fromAt: number) => {
        const instant = instantFrom(recurrence, fromAt);
        return instant !== null && instant >= fromAt ? instant : null;
      };
      return [{ trigger: id, nextAt: next(startAt), next }];
    }),
  );
}

/** The one whose time comes first; of several the first. */
function earliest<T>(all: T[], timeOf: (one: T) => number | null): { of: T; at: number } | null {
  let found: { of: T; at: number } | null = null;
  for (const one of all) {
    const at = timeOf(one);
    if (at !== null && (found === null || at < found.at)) found = { of: one, at };
  }
  return found;
}
