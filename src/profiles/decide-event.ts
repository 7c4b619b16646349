import type { Config } from '../engine/config.ts';
import { decide } from '../engine/decide.ts';
import type { ItemSample } from '../engine/recommend/item-sample.ts';
import type { Recommended } from '../engine/recommend/recommend.ts';
import type { Want } from '../engine/recommend/want.ts';
import type { Event, OutboxEntry } from '../engine/vocabulary.ts';
import type { TurnStore } from './turn-store.ts';

/** In-app messages lately given to the client: id → when. In memory only: it spares a row, and lasts 30 s anyway. */
export type Handed = Map<string, number>;

/** What must leave, and samples for the catalog; or that lists have to be asked for first, and nothing was taken. */
export type DecidedEvent =
  | { kind: 'taken'; effects: OutboxEntry[]; samples: ItemSample[] }
  | { kind: 'wants'; wants: Want[] };

/** Takes one event into the store, within a turn. `mayAsk`: false where the lists that it wants have been asked for. */
export function decideEvent(
  store: TurnStore,
  config: Config,
  handed: Handed,
  event: Event,
  now: number,
  recommended: Recommended | null,
  mayAsk: boolean,
): DecidedEvent {
  const { state, history } = store;
  const decision = decide({ state, history, event, config, now, handed, recommended });
  if (decision.duplicate) return { kind: 'taken', effects: [], samples: [] };
  if (decision.wants && mayAsk) return { kind: 'wants', wants: decision.wants };
  store.apply(decision.delta, event, decision.trace, decision.ruledOut);
  const { effects, samples = [] } = decision;
  return { kind: 'taken', effects, samples };
}
