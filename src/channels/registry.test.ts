import { expect, it } from 'vitest';
import { CHANNELS } from '../engine/trigger.ts';
import { PROVIDER_NAMES } from '../protocol/provider-schemas.ts';
import { routeFor } from './registry.ts';

it('logs every channel without settings in development, and none in production', () => {
  for (const channel of CHANNELS) {
    expect(routeFor(channel, undefined, true)?.adapter.provider).toBe('log');
    expect(routeFor(channel, undefined, false)).toBeNull();
    expect(routeFor(channel, { id: channel, provider: 'log', settings: {} }, false)).toBeNull();
  }
});

it('serves a channel by the provider that its settings name, where that provider serves the channel', () => {
  const settings = { url: 'https://example.com' };
  expect(routeFor('webhook', { id: 'webhook', provider: 'webhook', settings }, false)).toMatchObject({
    adapter: { provider: 'webhook', idempotent: true },
    settings,
  });
  expect(routeFor('email', { id: 'email', provider: 'webhook', settings }, true)).toBeNull();
  expect(routeFor('email', { id: 'email', provider: 'nobody', settings }, true)).toBeNull();
});

it('has an adapter for each channel that a provider’s settings may be written for', () => {
  const served = PROVIDER_NAMES.flatMap((provider) =>
    CHANNELS.filter((id) => routeFor(id, { id, provider, settings: {} }, false)).map(
      (id) => `${provider} ${id}`,
    ),
  );
  expect(served).toEqual([
    'webhook webhook',
    'slack webhook',
    'web_push web_push',
    'fcm push',
    'apns push',
    'resend email',
    'ses email',
    'cloudflare email',
    'solapi sms',
    'solapi lms',
    'solapi kakao_info',
    'solapi kakao_brand',
    'nhn sms',
    'nhn lms',
    'nhn kakao_info',
    'nhn kakao_brand',
    'line line',
    'twilio sms',
    'twilio lms',
    'whatsapp whatsapp',
  ]);
});
