import type { ChannelAdapter } from './channel.ts';

/**
 * The development provider: reaches every profile on every channel and calls nobody. What it was given is kept with the
 * delivery.
 */
export const logAdapter: ChannelAdapter = {
  provider: 'log',
  idempotent: true,
  keepsContent: true,
  send: async (message) => ({ kind: 'accepted', providerId: message.id }),
};
