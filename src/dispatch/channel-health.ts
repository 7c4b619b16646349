import type { Env } from '../bindings.ts';
import { routeFor } from '../channels/registry.ts';
import type { ChannelSettings } from '../engine/documents.ts';
import type { EndpointHealth } from '../protocol/rpc.ts';
import { limiterStub } from '../protocol/stubs.ts';
import { accountOf } from './endpoints.ts';

/**
 * How a channel's provider is, as far as its limiter has been told; null where nobody is called, or the limiter doesn't
 * answer.
 */
export async function channelHealth(env: Env, channel: ChannelSettings): Promise<EndpointHealth | null> {
  const route = routeFor(channel.id, channel, env.ENVIRONMENT === 'development');
  const account = route && accountOf(channel.id, route);
  if (!account) return null;
  try {
    return await limiterStub(env, account.name).health();
  } catch {
    return null;
  }
}
