/** A profile's life as it is kept, in parts of bounded size: what a backtest replays. Reads alone. */
import type { RecordedEvent, RecordingPart } from '../protocol/profile-data-rpc.ts';
import type { LoggedEvent } from './log-entry.ts';
import type { ProfileStore } from './profile-store.ts';

/** Events in one part; a chunk goes whole. At 2 KB each they are a quarter of what a call may carry. */
const PART_EVENTS = 4_000;

type Readable = Pick<ProfileStore, 'state'> & {
  history: { eventsAfter(chunk: number): { events: LoggedEvent[]; chunk: number | null } };
};

/** `cursor` is the last chunk that was told. Events move from memory into later chunks alone: none is told twice. */
export function recordingPart(
  { state, history }: Readable,
  cursor: number | null,
  isWhole = false,
): RecordingPart {
  const events: RecordedEvent[] = [];
  let told: number | null = cursor ?? 0;
  while (told !== null && events.length < PART_EVENTS) {
    const next = history.eventsAfter(told);
    events.push(...next.events.flatMap((event) => recorded(event, isWhole)));
    told = next.chunk;
  }
  return { kind: 'part', who: cursor === null ? whoOf(state) : null, events, cursor: told };
}

function whoOf({ meta, traits, consents, devices }: ProfileStore['state']) {
  const { kind, id, key, firstId, createdAt, timezone, edgeTimezone, locale } = meta;
  return {
    profile: { kind, id, key },
    ...{ firstId, createdAt, timezone, edgeTimezone, locale },
    traits: [...traits].map(([name, { value, at }]) => [name, value, at] as [string, typeof value, number]),
    consents: [...consents],
    devices: [...devices],
  };
}

/** Of the system's own events only what they sent, unless everything is asked for. */
function recorded(event: LoggedEvent, isWhole: boolean): RecordedEvent[] {
  const { messageId, name, timestamp, takenAt, properties, context, server, system, imported } = event;
  const sent = (event.trace ?? []).flatMap(({ id, reason, messageId: message }) =>
    reason === 'sent' && message !== undefined ? [{ trigger: id, messageId: message }] : [],
  );
  if (system && sent.length === 0 && !isWhole) return [];
  return [
    {
      ...{ messageId, name, timestamp, properties, context, sent },
      takenAt: takenAt ?? timestamp,
      origin: system ? 'system' : server ? 'server' : 'client',
      ...(imported && { imported }),
      ...(isWhole && event.trace && { trace: event.trace }),
    },
  ];
}
