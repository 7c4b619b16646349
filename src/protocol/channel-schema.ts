import * as z from 'zod';
import type { ChannelSettings } from '../engine/documents.ts';
import { CHANNELS, type Channel } from '../engine/trigger.ts';
import { PROVIDER_NAMES, providerSchema, RATE_AND_COST } from './provider-schemas.ts';
import { fields } from './schema-kit.ts';

export const MAX_CHANNEL_BYTES = 64 * 1024;

/** In-app messages and cards are handed out by Reflex itself: no provider, no settings. */
const OWN_CHANNELS: readonly Channel[] = ['in_app', 'card'];

const channelIdSchema = z
  .enum(CHANNELS)
  .refine((id) => !OWN_CHANNELS.includes(id), 'is delivered by Reflex itself and takes no settings');

const logSchema = fields({
  id: channelIdSchema,
  provider: z.literal('log'),
  settings: fields({}).default({}),
  secret: z.null({ error: 'the provider `log` takes no secret' }).exactOptional(),
  ...RATE_AND_COST,
});

/**
 * Settings as they are written. Neither secret ever comes back: they are taken off and kept encrypted. Leaving one out keeps
 * what is stored; null forgets it.
 */
export type ChannelInput = ChannelSettings & { secret?: string | null; callbackSecret?: string | null };

const names = [...PROVIDER_NAMES, 'log'].map((name) => `\`${name}\``).join(', ');

export const channelSettingsSchema = z.discriminatedUnion(
  'provider',
  [logSchema, ...PROVIDER_NAMES.map(providerSchema)],
  { error: `there is no such provider; expected one of ${names}` },
) as unknown as z.ZodType<ChannelInput>;
