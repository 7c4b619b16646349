/**
 * A client's call as a canonical event. Pure: the moment of arrival and the id for an event that brought none are
 * given.
 */
import type { Event, EventContext, JsonObject, Origin } from '../engine/vocabulary.ts';
import type { CallBody, CallType } from '../protocol/events.ts';
import { canonicalCommerce } from './ecommerce.ts';
import { eventContext } from './event-context.ts';
import { eventTimes } from './event-time.ts';

/** What a request says of all its events. */
export interface Envelope {
  receivedAt: number;
  origin: Origin;
  imported: boolean;
  /** A batch's own `sentAt`, else the `SentAt` header; an event's own comes first: it is from the same clock. */
  sentAt?: unknown;
  /** A batch's own context. */
  context?: JsonObject;
  /** Where the edge sees the user's own request come from; undefined for a server's. */
  edge?: JsonObject | undefined;
}

/** An event and the ids that say whose it is. */
export interface AcceptedCall {
  event: Event;
  userId?: string;
  anonymousId?: string;
  /** Of an alias: who the user was. */
  previousId?: string;
}

export function normalize(
  type: CallType,
  body: CallBody,
  envelope: Envelope,
  mintId: () => string,
): AcceptedCall {
  const { receivedAt, origin } = envelope;
  const shape = type === 'track' ? trackShape(body) : SHAPES[type](body);
  const event: Event = {
    messageId: body.messageId || mintId(),
    name: shape.name,
    ...eventTimes(timesOf(body, envelope), receivedAt),
    receivedAt,
    origin,
    properties: shape.properties,
    context: contextOf(type, body, envelope, shape.properties),
  };
  if (shape.traits) event.traits = shape.traits;
  if (shape.original) event.original = shape.original;
  if (envelope.imported) event.imported = true;
  return withIds(event, type, body);
}

type Shape = Pick<Event, 'name' | 'properties'> & Pick<Partial<Event>, 'traits' | 'original'>;

function trackShape(body: CallBody): Shape {
  return canonicalCommerce(body.event ?? '', objectOf(body.properties));
}

const SHAPES: Record<Exclude<CallType, 'track'>, (body: CallBody) => Shape> = {
  page: (body) => ({ name: '$page', properties: viewProperties(body) }),
  screen: (body) => ({ name: '$screen', properties: viewProperties(body) }),
  // RudderStack's browser client sends traits only in the context; an own top-level trait is the newer word.
  identify: (body) => ({
    name: '$identify',
    properties: {},
    traits: { ...objectOf(body.context?.traits), ...objectOf(body.traits) },
  }),
  group: (body) => ({
    name: '$group',
    properties: { groupId: idOf(body.groupId) ?? null, traits: objectOf(body.traits) },
  }),
  alias: (body) => ({ name: '$alias', properties: { previousId: idOf(body.previousId) ?? null } }),
};

function viewProperties(body: CallBody): JsonObject {
  const properties = { ...objectOf(body.properties) };
  if (typeof body.name === 'string') properties.name = body.name;
  if (typeof body.category === 'string') properties.category = body.category;
  return properties;
}

function timesOf(body: CallBody, envelope: Envelope) {
  const { originalTimestamp, timestamp, sentAt } = body;
  return { originalTimestamp, timestamp, sentAt: sentAt ?? envelope.sentAt };
}

function contextOf(type: CallType, body: CallBody, envelope: Envelope, properties: JsonObject): EventContext {
  const own = body.context ? objectOf(body.context) : undefined;
  const context = eventContext(envelope.context, own, type === 'page' ? properties : undefined);
  if (envelope.edge !== undefined) context.edge = envelope.edge;
  return context;
}

function withIds(event: Event, type: CallType, body: CallBody): AcceptedCall {
  const call: AcceptedCall = { event };
  const userId = idOf(body.userId);
  const anonymousId = idOf(body.anonymousId);
  const previousId = type === 'alias' ? idOf(body.previousId) : undefined;
  if (userId !== undefined) call.userId = userId;
  if (anonymousId !== undefined) call.anonymousId = anonymousId;
  if (previousId !== undefined) call.previousId = previousId;
  return call;
}

/** An id as a string; undefined where there is none. */
function idOf(id: string | number | null | undefined): string | undefined {
  return id === null || id === undefined || id === '' ? undefined : String(id);
}

/** Bodies come from JSON, so an object in them is a `JsonObject`. */
function objectOf(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}
