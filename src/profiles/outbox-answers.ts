/** What comes of the entries that a profile's outbox has offered: each answer is a turn of its own. */
import type { Config } from '../engine/config.ts';
import { settleFollow } from '../engine/items/follow-orders.ts';
import { type SettleWatchInput, settleWatch } from '../engine/items/watch-orders.ts';
import type { RoundInput } from '../engine/round.ts';
import { movedTo } from './freeze.ts';
import { missedNews, type WatchAnswer } from './missed-news.ts';
import type { FollowEntry, WatchEntry } from './offer.ts';
import { type Attempt, withLists } from './recommended.ts';
import { takeEvents } from './take-events.ts';
import type { Turn, TurnPort } from './turn-port.ts';
import type { TurnStore } from './turn-store.ts';

const DONE = { answer: undefined };

export class OutboxAnswers {
  readonly #turns: TurnPort;

  constructor(turns: TurnPort) {
    this.#turns = turns;
  }

  /** These entries of the outbox are where they belong. */
  async hasLeft(ids: string[]): Promise<void> {
    const config = await this.#turns.ready();
    const store = this.#turns.store();
    if (!store) return;
    this.#turns.take(store, config, () => {
      const there = ids.filter((id) => store.state.outbox.has(id));
      if (there.length > 0) store.apply(there.map((id) => ['outbox', id, null]));
      return { effects: [], answer: () => undefined };
    });
  }

  /** A watch order was carried out. The answer is also news: since the relation began, the item may have become cheaper, or come back. */
  async watched(entry: WatchEntry, result: WatchAnswer): Promise<void> {
    const config = await this.#turns.ready();
    const watching = result.kind === 'watching' ? result : null;
    const { reference, began = reference, adopted = null } = watching ?? { reference: null };
    const about = { id: entry.id, order: entry.watch, reference, began, adopted };
    let settled: ReturnType<typeof settleOn> | null = null;
    const progress = { next: 0, askedFor: -1 };
    await withLists(this.#turns, (known): Attempt<void> => {
      const store = this.#turns.store();
      // Moved meanwhile: the profile that it has become registers for itself.
      if (!store || movedTo(store)) return DONE;
      return this.#turns.take(store, config, (now): Turn<Attempt<void>> => {
        const isFirst = settled === null;
        settled ??= settleOn(store, config, about, now);
        const effects = isFirst ? settled.effects : [];
        if (settled.isLate) return { effects: [], answer: () => DONE };
        const isNews = watching !== null && settled.begins;
        const news = isNews ? missedNews(watching, entry.watch, store.state.meta.key, now) : null;
        const told = takeEvents(store, config, this.#turns.handed, news ? [news] : [], now, known, progress);
        const { wants } = told;
        return { effects: [...effects, ...told.effects], answer: () => (wants ? { wants } : DONE) };
      });
    });
  }

  /** A topic's shard has carried out an order. */
  async followed({ id, follow }: FollowEntry): Promise<void> {
    const config = await this.#turns.ready();
    const store = this.#turns.store();
    if (!store || movedTo(store)) return;
    this.#turns.take(store, config, (now) => {
      const { state, history } = store;
      const { delta, effects } = settleFollow({ state, history, config, now, id, order: follow });
      if (delta.length > 0) store.apply(delta);
      return { effects, answer: () => undefined };
    });
  }
}

function settleOn(
  store: TurnStore,
  config: Config,
  about: Omit<SettleWatchInput, keyof RoundInput>,
  now: number,
): ReturnType<typeof settleWatch> {
  const { state, history } = store;
  const settled = settleWatch({ state, history, config, now, ...about });
  if (settled.delta.length > 0) store.apply(settled.delta);
  return settled;
}
