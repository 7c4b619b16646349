import type { Delta } from '../engine/delta.ts';
import type { RuledOut, TriggerTrace } from '../engine/reasons.ts';
import type { History } from '../engine/scope.ts';
import type { ProfileState } from '../engine/state.ts';
import type { Event } from '../engine/vocabulary.ts';
import type { Handover } from '../protocol/rpc.ts';
import type { LoggedEvent } from './log-entry.ts';

/** What a turn reads and writes. `ProfileStore` brings it to disk; a simulation keeps it in memory. */
export interface TurnStore {
  readonly state: ProfileState;
  readonly history: History & { newest(limit: number): LoggedEvent[] };
  /** Nothing has ever been committed. */
  readonly isNew: boolean;
  apply(delta: Delta, event?: Event | null, trace?: TriggerTrace[], ruledOut?: RuledOut): void;
  /** Why timers did what they did. */
  explainTimers(trace: TriggerTrace[], now: number): void;
  handOver(): Handover;
  adoptHistory(history: string[]): void;
  replaceWith(state: ProfileState, now: number): void;
}
