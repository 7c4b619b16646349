/**
 * When an event happened. Clients' clocks are wrong, so what counts is how long before the request's departure it
 * happened, by the same clock: `timestamp = receivedAt − (sentAt − originalTimestamp)`. Without `sentAt` the client's
 * word is taken as it is (a historical import). Whatever comes out lies in [1970, receivedAt]; what can't be read, or
 * lies outside, is taken for the moment of arrival.
 */
interface ClientTimes {
  originalTimestamp?: unknown;
  /** Stands in where `originalTimestamp` is missing or can't be read (Segment's clients send only this one). */
  timestamp?: unknown;
  sentAt?: unknown;
}

interface EventTimes {
  timestamp: number;
  /** The client's own time, uncorrected; the same on every retry. */
  originalAt: number;
}

export function eventTimes(client: ClientTimes, receivedAt: number): EventTimes {
  const originalAt = parseInstant(client.originalTimestamp) ?? parseInstant(client.timestamp);
  if (originalAt === undefined) return { timestamp: receivedAt, originalAt: receivedAt };
  const sentAt = parseInstant(client.sentAt);
  const timestamp = sentAt === undefined ? originalAt : receivedAt - (sentAt - originalAt);
  const isPlausible = timestamp >= 0 && timestamp <= receivedAt;
  return { timestamp: isPlausible ? timestamp : receivedAt, originalAt };
}

/** ISO 8601 or milliseconds since 1970, as whole milliseconds; undefined where it is neither. */
export function parseInstant(value: unknown): number | undefined {
  const instant = typeof value === 'string' ? Date.parse(value) : value;
  if (typeof instant !== 'number') return undefined;
  return Math.abs(instant) <= 8.64e15 ? Math.trunc(instant) : undefined;
}
