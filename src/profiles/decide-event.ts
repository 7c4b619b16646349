import type { Config } from '../engine/config.ts';
import { decide } from '../engine/decide.ts';
import type { Event, OutboxEntry } from '../engine/vocabulary.ts';
import type { TurnStore } from './turn-store.ts';

/** In-app messages lately given to the client: id → when. In memory only: it spares a row, and lasts 30 s anyway. */
export type Handed = Map<string, number>;

/** Takes one event into the store, within a turn; answers what must leave. */
export function decideEvent(
  store: TurnStore,
  config: Config,
  handed: Handed,
  event: Event,
  now: number,
): OutboxEntry[] {
  const { state, history } = store;
  const decision = decide({ state, history, event, config, now, handed });
  if (decision.duplicate) return [];
  store.apply(decision.delta, event, decision.trace, decision.ruledOut);
  return decision.effects;
}
