import * as z from 'zod';
import { parseBody } from '../http/parse-schema.ts';
import { MAX_ID_LENGTH } from '../protocol/events.ts';
import { parseInstant } from './event-time.ts';

/** `sms` covers `lms`, `kakao` both kinds of Kakao advertising; `push` and `web_push` are different channels. */
const CONSENT_CHANNELS = ['push', 'web_push', 'email', 'sms', 'lms', 'kakao', 'line', 'whatsapp'] as const;
/** `location` covers the use of places. */
const CONSENT_PURPOSES = ['marketing', 'marketing_night', 'location'] as const;

const MAX_TEXT = 200;
const USER_ID = new RegExp(`^(?!anon:$)[^]{1,${MAX_ID_LENGTH}}$`);
const oneOf = (values: readonly string[]) => ({ error: `must be one of ${values.join(', ')}` });

/** A user's own word, given now. */
const ownConsent = z.looseObject({
  channel: z.enum(CONSENT_CHANNELS, oneOf(CONSENT_CHANNELS)),
  purpose: z.enum(CONSENT_PURPOSES, oneOf(CONSENT_PURPOSES)),
  granted: z.boolean('must be true or false'),
  /** Where it was given: `signup`, `settings`, … */
  source: z.string().max(MAX_TEXT).nullish(),
  /** Which version of the text was agreed to. */
  textVersion: z.string().max(MAX_TEXT).nullish(),
});

/** A consent as a backend records it; `at` says when it was given, else it counts from now. */
export const consent = ownConsent.extend({
  at: z
    .unknown()
    .refine((at) => at === undefined || at === null || parseInstant(at) !== undefined, {
      error: 'must be a date in ISO 8601 or milliseconds since 1970',
    })
    .optional(),
});

export type Consent = z.infer<typeof consent>;

const consentList = z.array(consent).min(1, 'must hold a consent').max(100, 'may hold at most 100 consents');

/** One consent or several. Throws 400. */
export function parseConsents(body: unknown): Consent[] {
  const what = 'This is not a consent, or a list of them.';
  return Array.isArray(body) ? parseBody(consentList, body, what) : [parseBody(consent, body, what)];
}

/** One item of `/v1/consents/batch`. `userId` may be `anon:<anonymousId>`. */
export const userConsent = consent.extend({
  userId: z.union([z.string().regex(USER_ID), z.number()], {
    error: `must be a userId or anon:<anonymousId>, at most ${MAX_ID_LENGTH} characters`,
  }),
});

export const MAX_CONSENT_BATCH = 1_000;
export const consentBatch = z.looseObject({
  consents: z
    .array(z.unknown(), { error: 'must be an array of consents' })
    .max(MAX_CONSENT_BATCH, `may hold at most ${MAX_CONSENT_BATCH} consents`),
});

export const preferences = z.looseObject({
  consents: z.array(ownConsent, { error: 'must be an array of consents' }).min(1).max(100),
});
