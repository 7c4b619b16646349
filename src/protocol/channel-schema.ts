import * as z from 'zod';
import type { ChannelSettings } from '../engine/documents.ts';
import { CHANNELS, type Channel } from '../engine/trigger.ts';
import { fields, NOT_YET } from './schema-kit.ts';

export const MAX_CHANNEL_BYTES = 64 * 1024;

/** In-app messages and cards are handed out by Reflex itself: no provider, no settings. */
const OWN_CHANNELS: readonly Channel[] = ['in_app', 'card'];

const channelIdSchema = z
  .enum(CHANNELS)
  .refine((id) => !OWN_CHANNELS.includes(id), 'is delivered by Reflex itself and takes no settings');

const LATER = ['cost'];

/** Messages a minute that the provider takes. */
const perMinuteSchema = z.int().min(1).max(1_000_000).exactOptional();

const secretSchema = z
  .string()
  .regex(
    /^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/,
    'expected `whsec_` and the base64 of 24–64 random bytes, as Standard Webhooks has it',
  )
  .nullable()
  .exactOptional();

const webhookSchema = fields(
  {
    id: z.literal('webhook', { error: 'the provider `webhook` serves the channel `webhook` alone' }),
    provider: z.literal('webhook'),
    settings: fields({
      url: z.url({ protocol: /^https?$/, error: 'expected an https URL' }),
    }),
    secret: secretSchema,
    perMinute: perMinuteSchema,
  },
  LATER,
);

const logSchema = fields(
  {
    id: channelIdSchema,
    provider: z.literal('log'),
    settings: fields({}).default({}),
    secret: z.null({ error: 'the provider `log` takes no secret' }).exactOptional(),
  },
  LATER,
);

/**
 * Settings as they are written. `secret` never comes back: it is taken off and kept encrypted. Leaving it out keeps the
 * one that is stored; null forgets it.
 */
export type ChannelInput = ChannelSettings & { secret?: string | null };

export const channelSettingsSchema: z.ZodType<ChannelInput> = z.discriminatedUnion(
  'provider',
  [webhookSchema, logSchema],
  { error: `this provider ${NOT_YET}; expected \`webhook\` or \`log\`` },
);
