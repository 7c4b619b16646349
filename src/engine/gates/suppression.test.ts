import { describe, expect, test } from 'vitest';
import { aConfig, aTrigger, send } from '../testing/builders.ts';
import { VirtualProfile } from '../testing/virtual-profile.ts';
import type { Channel } from '../trigger.ts';

function profileFor(channels: Channel[]) {
  const trigger = aTrigger({
    category: 'transactional',
    transactionalReason: 'r',
    steps: [send({ channels })],
  });
  return new VirtualProfile({ config: aConfig({ triggers: [trigger] }) });
}

/** The provider refuses the address of the message that `Hello` sends. */
function rejected(profile: VirtualProfile, more: { deviceId?: string; revokeConsent?: true } = {}) {
  profile.track('Hello');
  const id = profile.outbox().at(-1)?.messageId ?? '';
  profile.claim(id);
  const { deviceId, revokeConsent } = more;
  const rejection = { code: 'gone', ...(deviceId !== undefined && { deviceIds: [deviceId] }) };
  profile.settle(id, { kind: 'failed', rejection, ...(revokeConsent && { revokeConsent }) });
  return id;
}
const reasonOf = (profile: VirtualProfile) => {
  profile.advance('1s');
  profile.track('Hello');
  return profile.trace.at(-1)?.reason;
};

describe('an address that a provider has refused', () => {
  test('gets nothing more on that channel; the next channel is asked', () => {
    const profile = profileFor(['email']);
    rejected(profile);
    expect(reasonOf(profile)).toBe('suppressed');
    const other = profileFor(['email', 'sms']);
    rejected(other);
    expect(reasonOf(other)).toBe('sent');
    expect(other.outbox().map(({ channel }) => channel)).toEqual(['sms']);
  });

  test('cancels what is under way to it', () => {
    const profile = profileFor(['email']);
    profile.track('Hello');
    const waiting = profile.outbox()[0]?.messageId ?? '';
    rejected(profile);
    expect(profile.claim(waiting)).toEqual({ kind: 'gone', reason: 'suppressed' });
  });

  test('that is a number is refused for long texts as well', () => {
    const profile = profileFor(['lms']);
    rejected(profile);
    expect([...profile.state.suppressions.keys()]).toEqual(['sms']);
    expect(reasonOf(profile)).toBe('suppressed');
  });

  test.each<[string, Channel, (profile: VirtualProfile) => void]>([
    ['another address', 'email', (profile) => profile.identify({ email: 'new@example.com' })],
    ['another number', 'lms', (profile) => profile.identify({ phone: '+821012345678' })],
    ['consent given anew', 'email', (profile) => profile.consent('email')],
    ['consent to Kakao given anew', 'kakao_brand', (profile) => profile.consent('kakao')],
    ['another device', 'push', (profile) => profile.track('$device', { id: 'd2', type: 'fcm', token: 't2' })],
  ])('is forgotten with %s', (_, channel, change) => {
    const profile = profileFor([channel]);
    rejected(profile);
    expect(reasonOf(profile)).toBe('suppressed');
    profile.advance('1s');
    change(profile);
    expect(reasonOf(profile)).toBe('sent');
  });

  test.each<[string, Channel, (profile: VirtualProfile) => void]>([
    ['the same address', 'email', (profile) => profile.identify({ email: 'old@example.com' })],
    ['an address of another channel', 'email', (profile) => profile.identify({ phone: '+821012345678' })],
    ['consent withdrawn', 'email', (profile) => profile.consent('email', false)],
    [
      'a device for another channel',
      'push',
      (profile) => profile.track('$device', { id: 'd2', type: 'web_push' }),
    ],
  ])('stays refused with %s', (_, channel, change) => {
    const profile = profileFor([channel]);
    profile.identify({ email: 'old@example.com' });
    rejected(profile);
    profile.advance('1s');
    change(profile);
    expect(reasonOf(profile)).toBe('suppressed');
  });

  test('that is one device of several is forgotten alone', () => {
    const profile = profileFor(['push']);
    for (const id of ['d1', 'd2']) profile.track('$device', { id, type: 'fcm', token: id });
    rejected(profile, { deviceId: 'd1' });
    expect([...profile.state.devices.keys()]).toEqual(['d2']);
    expect(reasonOf(profile)).toBe('sent');
  });

  test('whose user told the provider to stop has withdrawn consent', () => {
    const trigger = aTrigger({ steps: [send({ channels: ['line'] })] });
    const profile = new VirtualProfile({ config: aConfig({ triggers: [trigger] }) });
    profile.consent('line');
    profile.advance('1s');
    rejected(profile, { revokeConsent: true });
    expect(profile.state.consents.get('line|marketing')?.[0]).toMatchObject({
      granted: false,
      source: 'provider',
    });
    profile.track('$device', { id: 'd1', type: 'fcm' });
    expect(['no_consent', 'suppressed']).toContain(reasonOf(profile));
  });
});
