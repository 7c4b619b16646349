/**
 * A whole deployment on a virtual clock: every profile, the catalog, and a dispatcher whose providers accept at once.
 * Time passes by `advanceTo` alone; everything that is due until then happens first, over all profiles in the order of
 * its time. What a call or a timer sends out is taken up right after it, at the same instant: facts are learnt, watchers
 * registered and told, messages claimed, rendered and settled.
 */

import { composeMessage } from '../dispatch/compose-message.ts';
import type { Config } from '../engine/config.ts';
import { itemEvent } from '../engine/items/item-event.ts';
import { settleWatch } from '../engine/items/watch-orders.ts';
import { broadcastEvent, instantFrom, recurrenceOf } from '../engine/runs/broadcast.ts';
import type { OutboxEntry } from '../engine/vocabulary.ts';
import { decideEvent } from '../profiles/decide-event.ts';
import { missedDrop } from '../profiles/missed-drop.ts';
import { SimulationInputError } from './input-error.ts';
import { Journal } from './journal.ts';
import type { Explained } from './memory-store.ts';
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

  explained(profile: SimulatedProfile): Explained {
    return (event, trace) => this.journal.explain(profile, event, trace, this.now);
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

  advanceTo(at: number): void {
    this.runErrands();
    for (;;) {
      const wake = earliest(
        this.profiles().filter(({ hasMoved }) => !hasMoved),
        ({ wakeAt }) => wakeAt,
      );
      const cast = earliest(this.#broadcasts, ({ nextAt }) => nextAt);
      const dueAt = Math.min(wake?.at ?? Number.POSITIVE_INFINITY, cast?.at ?? Number.POSITIVE_INFINITY);
      if (dueAt > at) break;
      this.now = Math.max(this.now, dueAt);
      if (wake && wake.at === dueAt) wake.of.wake();
      else if (cast) this.#broadcast(cast.of, dueAt);
      this.runErrands();
    }
    this.now = Math.max(this.now, at);
  }

  /** What has left profiles and catalog goes where it belongs, in the order in which it left. */
  runErrands(): void {
    for (let errand = this.#errands.shift(); errand; errand = this.#errands.shift()) {
      if ('notice' in errand) this.#notify(errand.notice);
      else this.#run(errand.profile, errand.entry);
    }
  }

  #run(profile: SimulatedProfile, entry: OutboxEntry): void {
    switch (entry.kind) {
      case 'fact':
        this.journal.learn(profile, entry.fact);
        profile.done([entry.id]);
        return;
      case 'message':
        this.#dispatch(profile, entry.id);
        return;
      case 'watch':
        this.#watch(profile, entry);
        return;
      case 'merged':
        this.profile(entry.from).releaseNow(entry.mergeId);
        profile.done([entry.id]);
    }
  }

  #dispatch(profile: SimulatedProfile, messageId: string): void {
    const claimed = profile.claimNow(messageId);
    if (claimed.kind === 'moved') this.#dispatch(this.profile(claimed.to.key), messageId);
    if (claimed.kind !== 'claimed') return;
    const { message } = claimed;
    const template = this.config.templates.get(message.template.id)?.document;
    const composed = template && composeMessage(message, template, this.config.policies);
    const content = composed?.kind === 'composed' ? composed.message.content : null;
    this.journal.leave(profile, message, content, this.now);
    if (content) profile.settleNow(messageId, { kind: 'sent', at: this.now });
    else profile.settleNow(messageId, { kind: 'failed', reason: 'render_error', at: this.now });
  }

  /** The answer is also news: the item may have become cheaper between the like and the registration. */
  #watch(profile: SimulatedProfile, { id, watch: order }: Extract<OutboxEntry, { kind: 'watch' }>): void {
    const answer = this.catalog.watch(order.profile ?? profile.key, order);
    const { config, now } = this;
    profile.turn((store, handed) => {
      const { state, history } = store;
      const reference = answer.kind === 'watching' ? answer.reference : null;
      store.apply(settleWatch({ state, history, config, now, id, order, reference }).delta);
      const news = answer.kind === 'watching' ? missedDrop(answer, state.meta.key, now) : null;
      return news ? decideEvent(store, config, handed, news, now) : [];
    });
  }

  #notify({ profileKey, change }: Notice): void {
    const { config, now } = this;
    this.profile(profileKey).turn((store, handed) =>
      decideEvent(store, config, handed, itemEvent(change, store.state.meta.key, now), now),
    );
  }

  #broadcast(broadcast: Broadcast, at: number): void {
    broadcast.nextAt = broadcast.next(at + 1);
    const { config, now } = this;
    for (const profile of this.profiles()) {
      profile.turn((store, handed) =>
        decideEvent(store, config, handed, broadcastEvent(broadcast.trigger, at, profile.key, now), now),
      );
    }
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
