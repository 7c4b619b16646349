import type { ChannelSettings } from '../engine/documents.ts';
import type { Channel } from '../engine/trigger.ts';
import type { Json } from '../engine/vocabulary.ts';
import type { ChannelAdapter } from './channel.ts';
import { fcmAdapter } from './fcm.ts';
import { logAdapter } from './log.ts';
import { resendAdapter } from './resend.ts';
import { slackAdapter } from './slack.ts';
import { solapiAdapter } from './solapi.ts';
import { webPushAdapter } from './web-push.ts';
import { webhookAdapter } from './webhook.ts';

interface ChannelRoute {
  adapter: ChannelAdapter;
  settings: { [name: string]: Json };
}

const ADAPTERS: readonly ChannelAdapter[] = [
  logAdapter,
  webhookAdapter,
  webPushAdapter,
  fcmAdapter,
  resendAdapter,
  solapiAdapter,
  slackAdapter,
];
const byProvider = new Map(ADAPTERS.map((adapter) => [adapter.provider, adapter]));

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
  const adapter = byProvider.get(settings.provider);
  const served = adapter?.capabilities.channels;
  if (!adapter || (served && !served.includes(channel))) return null;
  if (adapter === logAdapter && !isDevelopment) return null;
  return { adapter, settings: settings.settings };
}
