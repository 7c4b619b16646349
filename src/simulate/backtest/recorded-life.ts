/**
 * A recorded life as the events that it was made of. History keeps no traits, devices or places: a trait, a consent or a
 * device has its present value from the moment on at which it was last set, and rides with the event that set it.
 */
import { CONSENT_EVENT } from '../../engine/fold/consents.ts';
import type { Event, JsonObject } from '../../engine/vocabulary.ts';
import type { Recorded, RecordedEvent } from '../../protocol/profile-data-rpc.ts';

export interface Recording {
  who: Recorded;
  /** In the order in which the profile took them in. */
  events: RecordedEvent[];
}

/** An event, and when the profile took it in. */
export interface Taken {
  at: number;
  event: Event;
}

/** In the order of time; the system's own events are left to the replay. */
export function takenIn({ who, events }: Recording): Taken[] {
  const own = events.filter(({ origin }) => origin !== 'system');
  const traits = traitsByInstant(who);
  const taken = own.map(({ takenAt, sent: _, ...recorded }) => {
    const found = traits.get(recorded.timestamp);
    traits.delete(recorded.timestamp);
    const { timestamp } = recorded;
    const event: Event = { ...recorded, receivedAt: takenAt, originalAt: timestamp };
    return { at: takenAt, event: found ? { ...event, traits: found } : event };
  });
  const told = new Set(own.map(({ name, timestamp }) => `${name}\n${timestamp}`));
  const untold = [
    ...[...traits].map(([at, set]) => ({ at, event: knownEvent('$identify', at, {}, set) })),
    ...consentsOf(who).filter(({ at }) => !told.has(`${CONSENT_EVENT}\n${at}`)),
    ...devicesOf(who).filter(({ at }) => !told.has(`$device\n${at}`)),
  ];
  return [...taken, ...untold].sort((a, b) => a.at - b.at);
}

function traitsByInstant({ traits }: Recorded): Map<number, JsonObject> {
  const byInstant = new Map<number, JsonObject>();
  for (const [name, value, at] of traits) {
    const set = byInstant.get(at) ?? {};
    Object.defineProperty(set, name, { value, enumerable: true, writable: true, configurable: true });
    byInstant.set(at, set);
  }
  return byInstant;
}

function consentsOf({ consents }: Recorded): Taken[] {
  return consents.flatMap(([key, ledger]) => {
    const [channel = '', purpose = ''] = key.split('|');
    return ledger.map(({ at, granted }) => ({
      at,
      event: knownEvent(CONSENT_EVENT, at, { channel, purpose, granted }, undefined, key),
    }));
  });
}

function devicesOf({ devices }: Recorded): Taken[] {
  return devices.map(([id, { type, address, platform, locale, timezone, at }]) => ({
    at,
    event: knownEvent('$device', at, { id, type, token: address, platform, locale, timezone }, undefined, id),
  }));
}

/** What is known and no event of the history says any more: it fires nothing. */
function knownEvent(
  name: string,
  at: number,
  properties: JsonObject,
  traits?: JsonObject,
  which = '',
): Event {
  const times = { timestamp: at, receivedAt: at, originalAt: at };
  const known = { messageId: `known:${name}:${at}:${which}`, name, ...times, properties, context: {} };
  return { ...known, origin: 'server', imported: true, ...(traits && { traits }) };
}
