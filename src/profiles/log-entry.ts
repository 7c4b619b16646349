/** One commit as it stands in the log: its events with their explanation, and the state's writes. */
import type { Delta } from '../engine/delta.ts';
import { keptEvent } from '../engine/event-view.ts';
import type { RuledOut, TriggerTrace } from '../engine/reasons.ts';
import { TIMER } from '../engine/reporting/tell-decisions.ts';
import type { TestedEvent } from '../engine/scope.ts';
import type { Event } from '../engine/vocabulary.ts';

/** An event as history keeps it. `trace` is absent where no trigger listened. */
export interface LoggedEvent extends TestedEvent {
  originalAt: number;
  /** When the profile took it in, by its own clock, where that was later than it happened: a backtest takes it in then. */
  takenAt?: number;
  /** Who vouches for it, where it isn't the client; and whether it was imported, which fires nothing. */
  server?: true;
  imported?: true;
  /** The system's own events: explained, but not part of what the user did. */
  system?: true;
  trace?: TriggerTrace[];
  /** Where very many listened and few were tried: what explains the others. */
  ruledOut?: RuledOut;
}

export interface LogEntry {
  /** Object clock of the commit. */
  at: number;
  events: LoggedEvent[];
  delta: Delta;
}

/** A row may not exceed 2 MB; a character takes up to three bytes. */
export const MAX_ROW_CHARS = 400_000;

/** `takenAt` is the profile's clock. */
export function loggedEvent(
  event: Event,
  trace: TriggerTrace[],
  takenAt: number,
  ruledOut?: RuledOut,
): LoggedEvent {
  const kept: LoggedEvent = { ...keptEvent(event), originalAt: event.originalAt };
  if (takenAt > event.timestamp) kept.takenAt = takenAt;
  if (event.origin === 'server') kept.server = true;
  if (event.imported) kept.imported = true;
  if (event.origin === 'system') kept.system = true;
  if (trace.length > 0) kept.trace = trace;
  if (ruledOut) kept.ruledOut = ruledOut;
  return kept;
}

/** Why timers did what they did; not an event of the user's. */
export function timerEvent(seq: number, trace: TriggerTrace[], now: number): LoggedEvent {
  const timer = { messageId: `${TIMER}:${seq}`, name: TIMER, timestamp: now, originalAt: now };
  return { ...timer, properties: {}, context: {}, system: true, trace };
}

/** A row of the log: how many events stand in it, and how long their text is, so that it can be cut out again unparsed. */
export interface LogText {
  body: string;
  events: number;
  eventsChars: number;
}

const HEAD = '{"events":[';

/** A commit as the texts of its rows: one, unless it is too large for it. Folded in order, they are the commit. */
export function rowsOf(entry: LogEntry, maxChars = MAX_ROW_CHARS): LogText[] {
  const row = textOf(entry);
  return row.body.length <= maxChars ? [row] : cut(entry, maxChars).map(textOf);
}

/** The events of a row's text, between commas. `chars` is null where nobody has kept it. */
export function eventsIn(body: string, chars: number | null): string {
  if (chars !== null) return body.slice(HEAD.length, HEAD.length + chars);
  return JSON.stringify((JSON.parse(body) as LogEntry).events).slice(1, -1);
}

function textOf({ at, events, delta }: LogEntry): LogText {
  const text = JSON.stringify(events).slice(1, -1);
  const body = `${HEAD}${text}],"at":${at},"delta":${JSON.stringify(delta)}}`;
  return { body, events: events.length, eventsChars: text.length };
}

function cut(entry: LogEntry, maxChars: number): LogEntry[] {
  const parts: LogEntry[] = [];
  let room = 0;
  const partFor = (piece: unknown): LogEntry => {
    const size = JSON.stringify(piece).length + 1;
    const last = parts.at(-1);
    if (last && size <= room) {
      room -= size;
      return last;
    }
    const next: LogEntry = { at: entry.at, events: [], delta: [] };
    parts.push(next);
    room = maxChars - size;
    return next;
  };
  for (const op of entry.delta) partFor(op).delta.push(op);
  for (const event of entry.events) partFor(event).events.push(event);
  return parts;
}
