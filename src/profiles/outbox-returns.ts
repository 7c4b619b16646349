/** What becomes of the things that have left a profile's outbox, each a turn of its own. */
import type { Env } from '../bindings.ts';
import { settleWatch } from '../engine/items/watch-orders.ts';
import { firstWatcherShard, profileStub, watcherStub } from '../protocol/stubs.ts';
import { decideEvent, type Handed } from './decide-event.ts';
import { movedTo } from './freeze.ts';
import { missedDrop, type WatchAnswer } from './missed-drop.ts';
import type { OfferDeps, WatchEntry } from './offer.ts';
import type { Turns } from './turns.ts';

export function offerDeps(env: Env, turns: Turns, handed: Handed): OfferDeps {
  return {
    dispatch: env.DISPATCH,
    facts: env.FACTS,
    watchers: (shard) => watcherStub(env, shard),
    firstShard: firstWatcherShard,
    profile: (key) => profileStub(env, key),
    watched: (entry, result) => watched(turns, handed, entry, result),
    released: (entryId) => removeFromOutbox(turns, [entryId]),
  };
}

/** The shard's answer is also news: the item may have become cheaper between the like and the registration. */
async function watched(turns: Turns, handed: Handed, entry: WatchEntry, result: WatchAnswer): Promise<void> {
  const config = await turns.ready();
  const store = turns.store();
  // Moved meanwhile: the profile that it has become registers for itself.
  if (!store || movedTo(store)) return;
  turns.take(store, config, (now) => {
    const { state, history } = store;
    const reference = result.kind === 'watching' ? result.reference : null;
    const about = { id: entry.id, order: entry.watch, reference };
    store.apply(settleWatch({ state, history, config, now, ...about }).delta);
    const news = result.kind === 'watching' ? missedDrop(result, state.meta.key, now) : null;
    const effects = news ? decideEvent(store, config, handed, news, now) : [];
    return { effects, answer: () => undefined };
  });
}

export async function removeFromOutbox(turns: Turns, ids: string[]): Promise<void> {
  const config = await turns.ready();
  const store = turns.store();
  if (!store) return;
  turns.take(store, config, () => {
    const there = ids.filter((id) => store.state.outbox.has(id));
    if (there.length > 0) store.apply(there.map((id) => ['outbox', id, null]));
    return { effects: [], answer: () => undefined };
  });
}
