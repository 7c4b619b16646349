/**
 * The limiters that a message has to pass, by name: that of the account, which has the rate, and where the provider has
 * several hosts that of the host. Settings are part of the name: whoever mends them begins with a clean slate. A provider
 * that calls nobody has none.
 */
import type { OutgoingMessage } from '../channels/channel.ts';
import type { ChannelRoute } from '../channels/registry.ts';
import { hash53 } from '../engine/hash.ts';
import { oncePer } from '../engine/once-per.ts';
import type { Channel } from '../engine/trigger.ts';
import type { Endpoint } from './permits.ts';

export function endpointsOf(route: ChannelRoute, message: OutgoingMessage): Endpoint[] {
  const { adapter, settings } = route;
  const account = accountOf(message.channel, route);
  if (!account) return [];
  const host = adapter.endpointOf?.(message, settings);
  return host === undefined ? [account] : [account, { name: `${account.name}/${host}`, perMinute: null }];
}

export function accountOf(channel: Channel, { adapter, settings, perMinute }: ChannelRoute): Endpoint | null {
  if (adapter.keepsContent) return null;
  return { name: `${channel}:${adapter.provider}:${versionOf(settings)}`, perMinute: perMinute ?? null };
}

const versionOf = oncePer((settings: ChannelRoute['settings']) =>
  hash53(JSON.stringify(settings)).toString(36),
);
