import { describe, expect, test } from 'vitest';
import { aConfig } from '../testing/builders.ts';
import { VirtualProfile } from '../testing/virtual-profile.ts';

const alive = () => new VirtualProfile({ config: aConfig() });

describe('consents', () => {
  const ledger = (profile: VirtualProfile) => profile.state.consents.get('push|marketing');
  const say = (profile: VirtualProfile, more: object, at = profile.now) =>
    profile.track(
      '$consent',
      { channel: 'push', purpose: 'marketing', granted: true, ...more },
      { origin: 'server', timestamp: at },
    );

  test('are kept with where they were given, and to which words', () => {
    const profile = alive();
    say(profile, { source: 'signup', textVersion: 'v2' });
    say(profile, { granted: false, source: 5, textVersion: null }, profile.now + 1);
    expect(ledger(profile)).toEqual([
      { granted: false, at: profile.now + 1 },
      { granted: true, at: profile.now, source: 'signup', textVersion: 'v2' },
    ]);
  });

  test.each([{ channel: 5 }, { purpose: null }, { granted: 'yes' }])('are none where %j', (wrong) => {
    const profile = alive();
    say(profile, wrong);
    expect(profile.state.consents.size).toBe(0);
  });

  test('of one instant are refusals first, and the fifty newest are kept', () => {
    const profile = alive();
    say(profile, { granted: false });
    say(profile, { granted: true });
    expect(ledger(profile)?.map(({ granted }) => granted)).toEqual([false, true]);
    for (let i = 1; i <= 60; i++) say(profile, {}, profile.now + i);
    expect([ledger(profile)?.length, ledger(profile)?.[0]?.at]).toEqual([50, profile.now + 60]);
  });
});
