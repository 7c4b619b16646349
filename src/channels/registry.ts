import type { ChannelSettings } from '../engine/documents.ts';
import type { Channel } from '../engine/trigger.ts';
import type { Json } from '../engine/vocabulary.ts';
import { apnsAdapter } from './apns.ts';
import type { ChannelAdapter } from './channel.ts';
import { cloudflareAdapter } from './cloudflare.ts';
import { fcmAdapter } from './fcm.ts';
import { lineAdapter } from './line.ts';
import { logAdapter } from './log.ts';
import { nhnKakaoAdapter } from './nhn-kakao.ts';
import { nhnSmsAdapter } from './nhn-sms.ts';
import { resendAdapter } from './resend.ts';
import { sesAdapter } from './ses.ts';
import { slackAdapter } from './slack.ts';
import { solapiAdapter } from './solapi.ts';
import { twilioAdapter } from './twilio.ts';
import { webPushAdapter } from './web-push.ts';
import { webhookAdapter } from './webhook.ts';
import { whatsappAdapter } from './whatsapp.ts';

export interface ChannelRoute {
  adapter: ChannelAdapter;
  settings: { [name: string]: Json };
  perMinute?: number;
}

const ADAPTERS: readonly ChannelAdapter[] = [
  logAdapter,
  webhookAdapter,
  webPushAdapter,
  fcmAdapter,
  resendAdapter,
  solapiAdapter,
  slackAdapter,
  sesAdapter,
  nhnSmsAdapter,
  nhnKakaoAdapter,
  lineAdapter,
  cloudflareAdapter,
  twilioAdapter,
  whatsappAdapter,
  apnsAdapter,
];

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
  // A provider may have several: its SMS and its Kakao are different services.
  const adapter = ADAPTERS.find(
    ({ provider, capabilities: { channels } }) =>
      provider === settings.provider && (channels === null || channels.includes(channel)),
  );
  if (!adapter || (adapter === logAdapter && !isDevelopment)) return null;
  const { perMinute } = settings;
  return { adapter, settings: settings.settings, ...(perMinute !== undefined && { perMinute }) };
}
