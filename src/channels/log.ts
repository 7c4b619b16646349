import type { ChannelAdapter } from './channel.ts';

/**
 * The development provider: reaches every profile on every channel and calls nobody. What it was given is kept with the
 * delivery.
 */
export const logAdapter: ChannelAdapter = {
  provider: 'log',
  capabilities: {
    channels: null,
    advertising: true,
    advertisingHours: {},
    maxBytes: {},
    idempotency: 'key',
    unitCost: { amount: 0, currency: 'KRW' },
  },
  idempotent: true,
  keepsContent: true,
  send: async (message) => ({ kind: 'accepted', providerId: message.id }),
};
