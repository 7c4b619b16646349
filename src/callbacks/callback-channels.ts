import type { Env } from '../bindings.ts';
import type { CallbackChannel } from '../channels/callbacks/callback.ts';
import { callbackToken } from '../protocol/callback-token.ts';
import { callbackOfChannel, readChannelSecret } from '../store/channel-secrets.ts';
import { loadConfig } from '../store/config-cache.ts';

/** The channels that the provider serves here, each with what its callbacks are known by. */
export async function callbackChannels(env: Env, provider: string): Promise<CallbackChannel[]> {
  const { channels } = await loadConfig(env);
  const served = [...channels.values()].filter((channel) => channel.provider === provider);
  return Promise.all(
    served.map(async ({ id, settings }) => {
      const callbackSecret = await readChannelSecret(env, callbackOfChannel(id));
      return {
        id,
        settings,
        secret: await readChannelSecret(env, id),
        callbackSecret,
        token: callbackSecret === null ? null : await callbackToken(env, provider, callbackSecret),
      };
    }),
  );
}
