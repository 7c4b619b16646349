/** Events that the edge itself makes of API calls: consents and devices reach a profile on the one path that there is. */
import type { Event, JsonObject, Origin } from '../engine/vocabulary.ts';
import type { Consent } from './consent-schema.ts';
import { parseInstant } from './event-time.ts';

interface Maker {
  now: number;
  origin: Origin;
}

export function ownEvent(
  name: string,
  properties: JsonObject,
  { now, origin }: Maker,
  more: { messageId?: string; at?: number } = {},
): Event {
  // The future is not yet anybody's consent; a backend's clock may run a little ahead.
  const timestamp = Math.max(0, Math.min(more.at ?? now, now));
  return {
    messageId: more.messageId ?? crypto.randomUUID(),
    name,
    timestamp,
    receivedAt: now,
    originalAt: more.at ?? now,
    origin,
    properties,
    context: {},
  };
}

/**
 * A consent as an event. With `at` its id is derived from what it says, so that a backend may send its whole list
 * again; without, it is a new word each time.
 */
export async function consentEvent(consent: Consent, maker: Maker): Promise<Event> {
  const { channel, purpose, granted, source, textVersion } = consent;
  const properties: JsonObject = { channel, purpose, granted };
  if (source) properties.source = source;
  if (textVersion) properties.textVersion = textVersion;
  const at = parseInstant(consent.at);
  if (at === undefined) return ownEvent('$consent', properties, maker);
  const messageId = `consent_${await digest([at, ...Object.entries(properties).flat()])}`;
  return ownEvent('$consent', properties, maker, { messageId, at });
}

/** 26 hexadecimal characters that stand for the values: the same ones for the same values. */
export async function digest(values: unknown[]): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(values));
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes), 0, 13);
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
