import { describe, expect, test } from 'vitest';
import { aConfig, aTrigger, send } from '../testing/builders.ts';
import { reasonOf, VirtualProfile } from '../testing/virtual-profile.ts';
import type { Channel } from '../trigger.ts';
import type { JsonObject } from '../vocabulary.ts';

function aLife(channels: Channel[], providers: Partial<Record<Channel, string>>) {
  const set = Object.entries(providers).map(([id, provider]) => ({
    id: id as Channel,
    provider,
    settings: {},
  }));
  const trigger = aTrigger({
    category: 'transactional',
    transactionalReason: 'x',
    steps: [send({ channels })],
  });
  return new VirtualProfile({
    config: aConfig({ triggers: [trigger], channels: set, logsByDefault: false }),
  });
}

const device = (id: string, type: string, address: JsonObject | string): JsonObject =>
  typeof address === 'string' ? { id, type, token: address } : { id, type, subscription: address };

function claimed(profile: VirtualProfile) {
  const [message] = profile.outbox();
  const claim = profile.claim(message?.messageId ?? '');
  return claim.kind === 'claimed' ? claim.to : claim;
}

describe('a channel reaches', () => {
  test.each([
    ['email', 'resend', { email: 'a@example.com' }],
    ['sms', 'solapi', { phone: '010-1234-5678' }],
    ['lms', 'nhn', { phone: '+82 10 1234 5678' }],
    ['kakao_info', 'solapi', { phone: '01012345678' }],
    ['kakao_brand', 'nhn', { phone: '01012345678' }],
    ['whatsapp', 'whatsapp', { phone: '+821012345678' }],
    ['line', 'line', { lineUserId: `U${'0'.repeat(32)}` }],
  ] satisfies [Channel, string, JsonObject][])('by %s who has the trait', (channel, provider, traits) => {
    const profile = aLife([channel], { [channel]: provider });
    expect(reasonOf(profile.track('Hello'))).toBe('no_channel');
    profile.identify(traits);
    expect(reasonOf(profile.track('Hello'))).toBe('sent');
    expect(claimed(profile)).toMatchObject([{ value: Object.values(traits)[0] }]);
  });

  test.each([
    ['email', 'resend', { email: 'someone' }],
    ['email', 'resend', { email: 7 }],
    ['sms', 'solapi', { phone: 'call me' }],
  ] satisfies [Channel, string, JsonObject][])('nobody by %s (%s) at %j', (channel, provider, traits) => {
    const profile = aLife([channel], { [channel]: provider });
    profile.identify(traits);
    expect(reasonOf(profile.track('Hello'))).toBe('no_channel');
  });

  test('by push the devices of its own provider', () => {
    const profile = aLife(['push'], { push: 'fcm' });
    profile.track('$device', device('a', 'apns', 'apns-token'));
    profile.track('$device', device('w', 'web_push', { endpoint: 'https://push.example.com/1' }));
    expect(reasonOf(profile.track('Hello'))).toBe('no_channel');
    profile.track('$device', device('f', 'fcm', 'fcm-token'));
    expect(reasonOf(profile.track('Hello'))).toBe('sent');
    expect(claimed(profile)).toMatchObject([{ kind: 'fcm', value: 'fcm-token', deviceId: 'f' }]);
  });

  test('everybody where it is logged, or goes to the customer’s own system', () => {
    for (const [channel, provider] of [
      ['email', 'log'],
      ['webhook', 'webhook'],
    ] as const) {
      const profile = aLife([channel], { [channel]: provider });
      expect(reasonOf(profile.track('Hello'))).toBe('sent');
      expect(claimed(profile)).toEqual([]);
    }
  });
});

test('first_reachable goes on to the first channel with an address', () => {
  const profile = aLife(['push', 'email', 'sms'], { push: 'fcm', email: 'resend', sms: 'solapi' });
  profile.identify({ phone: '01012345678' });
  expect(reasonOf(profile.track('Hello'))).toBe('sent');
  expect(profile.outbox().map(({ channel }) => channel)).toEqual(['sms']);
});

describe('the addresses of a claim', () => {
  function aTwoDeviceLife() {
    const profile = aLife(['push'], { push: 'fcm' });
    profile.track('$device', device('d1', 'fcm', 'token-1'));
    profile.track('$device', device('d2', 'fcm', 'token-2'));
    profile.track('Hello');
    return profile;
  }
  const again = (profile: VirtualProfile) => {
    const [message] = profile.outbox();
    profile.settle(message?.messageId ?? '', { kind: 'retry', afterMs: 1_000 });
    profile.advance('5s');
  };

  test('are the profile’s of that moment, not of the decision', () => {
    const profile = aLife(['email'], { email: 'resend' });
    profile.identify({ email: 'old@example.com' });
    profile.track('Hello');
    profile.identify({ email: 'new@example.com' });
    expect(claimed(profile)).toMatchObject([{ value: 'new@example.com' }]);
  });

  test('stay the same for every attempt', () => {
    const profile = aLife(['email'], { email: 'resend' });
    profile.identify({ email: 'old@example.com' });
    profile.track('Hello');
    const first = claimed(profile);
    again(profile);
    profile.identify({ email: 'new@example.com' });
    expect(claimed(profile)).toEqual(first);
  });

  test('lose the devices that have gone since', () => {
    const profile = aTwoDeviceLife();
    expect(claimed(profile)).toHaveLength(2);
    again(profile);
    profile.track('$device_removed', { id: 'd1' });
    expect(claimed(profile)).toMatchObject([{ deviceId: 'd2' }]);
  });

  test('cancel the message where none is left', () => {
    const profile = aTwoDeviceLife();
    profile.track('$device_removed', { id: 'd1' });
    profile.track('$device_removed', { id: 'd2' });
    expect(claimed(profile)).toEqual({ kind: 'gone', reason: 'no_channel' });
    expect(profile.outbox()).toEqual([]);
  });
});
