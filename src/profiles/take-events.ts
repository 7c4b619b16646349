/**
 * A request's events within a turn: all of them, or those up to the first whose message recommends items of lists that
 * aren't in hand. What came before it is committed; the events go on from there when the lists have been asked for.
 */
import type { Config } from '../engine/config.ts';
import type { ItemSample } from '../engine/recommend/item-sample.ts';
import type { Recommended } from '../engine/recommend/recommend.ts';
import type { Want } from '../engine/recommend/want.ts';
import type { Event, OutboxEntry } from '../engine/vocabulary.ts';
import { decideEvent, type Handed } from './decide-event.ts';
import type { TurnStore } from './turn-store.ts';

/** How far the events have come, over all turns. Kept by the caller, moved on here. */
export interface Progress {
  next: number;
  /** The last event that lists were asked for. What it still misses then, it does without. */
  askedFor: number;
}

interface Taken {
  effects: OutboxEntry[];
  samples: ItemSample[];
  /** Present where the events can't go on without. */
  wants?: Want[];
}

export function takeEvents(
  store: TurnStore,
  config: Config,
  handed: Handed,
  events: readonly Event[],
  now: number,
  known: Recommended | null,
  progress: Progress,
): Taken {
  const taken: Taken = { effects: [], samples: [] };
  for (const event of events.slice(progress.next)) {
    const mayAsk = progress.askedFor !== progress.next;
    const decided = decideEvent(store, config, handed, event, now, known, mayAsk);
    if (decided.kind === 'wants') {
      progress.askedFor = progress.next;
      return { ...taken, wants: decided.wants };
    }
    taken.effects.push(...decided.effects);
    taken.samples.push(...decided.samples);
    progress.next += 1;
  }
  return taken;
}
