import type { ChannelSettings } from '../engine/documents.ts';
import type { Channel } from '../engine/trigger.ts';
import type { Json } from '../engine/vocabulary.ts';
import type { ChannelAdapter } from './channel.ts';
import { logAdapter } from './log.ts';
import { webhookAdapter } from './webhook.ts';

export interface ChannelRoute {
  adapter: ChannelAdapter;
  settings: { [name: string]: Json };
  perMinute?: number;
}

/** Which provider serves which channels; null is all of them. */
const PROVIDERS = new Map<string, { adapter: ChannelAdapter; channels: readonly Channel[] | null }>([
  ['log', { adapter: logAdapter, channels: null }],
  ['webhook', { adapter: webhookAdapter, channels: ['webhook'] }],
]);

/**
 * Who sends on this channel. Null where nobody does: no settings, or a provider that is unknown or not for the channel.
 * In development a channel without settings is logged; in production `log` serves nobody, or messages would vanish.
 */
export function routeFor(
  channel: Channel,
  settings: ChannelSettings | undefined,
  isDevelopment: boolean,
): ChannelRoute | null {
  if (!settings) return isDevelopment ? { adapter: logAdapter, settings: {} } : null;
  const provider = PROVIDERS.get(settings.provider);
  if (!provider || (provider.channels && !provider.channels.includes(channel))) return null;
  if (provider.adapter === logAdapter && !isDevelopment) return null;
  const { perMinute } = settings;
  return {
    adapter: provider.adapter,
    settings: settings.settings,
    ...(perMinute !== undefined && { perMinute }),
  };
}
