/**
 * What clients send: the Segment HTTP tracking protocol, which RudderStack's clients speak too. Unknown fields are kept
 * out of the way, not refused: every client adds its own.
 */
import * as z from 'zod';

/** Of one event, as JSON text in UTF-8. */
export const MAX_EVENT_BYTES = 32 * 1024;
export const MAX_BATCH_EVENTS = 2_500;
export const MAX_MESSAGE_ID_LENGTH = 99;
/** Of userId, anonymousId, previousId and groupId. */
export const MAX_ID_LENGTH = 512;

export const CALL_TYPES = ['track', 'identify', 'page', 'screen', 'group', 'alias'] as const;
export type CallType = (typeof CALL_TYPES)[number];

/** An id as clients write it; `null` and `""` are as good as absent, numbers become strings. */
const id = z
  .union([z.string().max(MAX_ID_LENGTH), z.number()], {
    error: `must be a string of at most ${MAX_ID_LENGTH} characters`,
  })
  .nullish();
const object = z.record(z.string(), z.unknown(), { error: 'must be an object' }).nullish();
/** ISO 8601, or milliseconds since 1970. One that can't be read is taken for the moment of arrival, not refused. */
const instant = z.unknown().optional();

const common = {
  /** The dedupe key: a repeated one changes nothing. Minted on arrival where it is missing. */
  messageId: z
    .string({ error: 'must be a string' })
    .max(MAX_MESSAGE_ID_LENGTH, `must be shorter than ${MAX_MESSAGE_ID_LENGTH + 1} characters`)
    .nullish(),
  userId: id,
  anonymousId: id,
  /** The client's clock when it happened, and when the request left: their difference survives a wrong clock. */
  originalTimestamp: instant,
  timestamp: instant,
  sentAt: instant,
  /** `locale`, `timezone`, `page`, `campaign`, `device`, …; a batch's own context fills what an event leaves out. */
  context: object,
};
const call = z.looseObject(common);

const whoMessage = 'one of userId and anonymousId is needed';
type Ids = { userId?: unknown; anonymousId?: unknown };
const hasId = (ids: Ids) => isPresent(ids.userId) || isPresent(ids.anonymousId);
const who = { error: whoMessage, path: ['userId'] };

/** Something that the user did. Names that begin with `$` are the system's own. */
const trackCall = call
  .extend({
    event: z
      .string({ error: 'must be the name of the event' })
      .min(1, 'must be the name of the event')
      .refine((name) => !name.startsWith('$'), 'must not begin with $: those names are the system’s'),
    properties: object,
  })
  .refine(hasId, who);

/** Who the user is: sets traits, and links the anonymousId to the userId. */
const identifyCall = call.extend({ traits: object }).refine(hasId, who);

/** A page or screen was seen. Its own name goes to `properties.name`. */
const pageCall = call.extend({ name: z.unknown().optional(), properties: object }).refine(hasId, who);
const screenCall = pageCall;

/** The user belongs to a group, such as a company. */
const groupCall = call.extend({ groupId: id, traits: object }).refine(hasId, who);

/** `previousId`, anonymous until now, is this `userId`. */
const aliasCall = call
  .extend({ previousId: id })
  .refine((ids) => isPresent(ids.userId), { error: 'is needed: who previousId has become', path: ['userId'] })
  .refine((ids) => isPresent(ids.previousId), { error: 'is needed: who userId was', path: ['previousId'] });

export const CALL_SCHEMAS = {
  track: trackCall,
  identify: identifyCall,
  page: pageCall,
  screen: screenCall,
  group: groupCall,
  alias: aliasCall,
} satisfies Record<CallType, z.ZodType>;

/**
 * Many calls at once, each with its `type`. The events are checked one by one, so that a bad one loses none of the
 * others.
 */
export const batchCall = z.looseObject({
  batch: z
    .array(z.unknown(), { error: 'must be an array of events' })
    .max(MAX_BATCH_EVENTS, `may hold at most ${MAX_BATCH_EVENTS} events`),
  context: object,
  sentAt: instant,
  writeKey: z.string().nullish(),
});

/** An event of a batch that was not applied, by its place in the batch. */
export interface Rejection {
  index: number;
  code: 'invalid_request' | 'too_large' | 'unauthorized';
  message: string;
}

/** A call that has passed its schema. Fields of the client's own are still in it. */
export interface CallBody {
  type?: unknown;
  messageId?: string | null;
  userId?: string | number | null;
  anonymousId?: string | number | null;
  previousId?: string | number | null;
  groupId?: string | number | null;
  event?: string;
  name?: unknown;
  category?: unknown;
  properties?: Record<string, unknown> | null;
  traits?: Record<string, unknown> | null;
  context?: Record<string, unknown> | null;
  originalTimestamp?: unknown;
  timestamp?: unknown;
  sentAt?: unknown;
}

function isPresent(value: unknown): boolean {
  return typeof value === 'number' || (typeof value === 'string' && value !== '');
}
