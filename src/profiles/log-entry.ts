/** One commit as it stands in the log: its events with their explanation, and the state's writes. */
import type { Delta } from '../engine/delta.ts';
import { keptEvent } from '../engine/event-view.ts';
import type { TestedEvent } from '../engine/scope.ts';
import type { Event, TriggerTrace } from '../engine/vocabulary.ts';
import type { Chunk } from './profile-tables.ts';

/** An event as history keeps it. `trace` is absent where no trigger listened. */
export interface LoggedEvent extends TestedEvent {
  originalAt: number;
  /** The system's own events: explained, but not part of what the user did. */
  system?: true;
  trace?: TriggerTrace[];
}

export interface LogEntry {
  /** Object clock of the commit. */
  at: number;
  events: LoggedEvent[];
  delta: Delta;
}

export function loggedEvent(event: Event, trace: TriggerTrace[]): LoggedEvent {
  const kept: LoggedEvent = { ...keptEvent(event), originalAt: event.originalAt };
  if (event.origin === 'system') kept.system = true;
  if (trace.length > 0) kept.trace = trace;
  return kept;
}

/** The events of some commits as one chunk of history; null where there are none. */
export function chunkOf(seq: number, events: LoggedEvent[]): Chunk | null {
  if (events.length === 0) return null;
  const originalAt = events.map((event) => event.originalAt);
  return {
    seq,
    minOriginalAt: Math.min(...originalAt),
    maxOriginalAt: Math.max(...originalAt),
    maxAt: Math.max(...events.map(({ timestamp }) => timestamp)),
    names: `\n${[...new Set(events.map(({ name }) => name))].join('\n')}\n`,
    body: JSON.stringify(events),
  };
}

export function parseEvents(body: string): LoggedEvent[] {
  return JSON.parse(body) as LoggedEvent[];
}
