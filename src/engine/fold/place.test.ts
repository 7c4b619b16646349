import { describe, expect, test } from 'vitest';
import { aConfig } from '../testing/builders.ts';
import { VirtualProfile } from '../testing/virtual-profile.ts';

const alive = () => new VirtualProfile({ config: aConfig() });

describe('places', () => {
  const seoul = { lat: 37.5, lng: 127 };
  const busan = { lat: 35.1, lng: 129 };
  const mayUse = (profile: VirtualProfile, channel: string, granted: boolean, at = profile.now) =>
    profile.consent(channel, granted, { purpose: 'location', timestamp: at });

  test('are kept with consent to their use, on whatever channel it was given', () => {
    const profile = alive();
    profile.track('Location Updated', seoul);
    expect(profile.state.meta.place).toBeNull();
    mayUse(profile, 'push', true);
    profile.track('Location Updated', seoul);
    expect(profile.state.meta.place).toEqual({ ...seoul, at: profile.now });
  });

  test('are the newest that was told', () => {
    const profile = alive();
    mayUse(profile, 'push', true);
    profile.track('Location Updated', seoul);
    profile.track('Location Updated', busan, { timestamp: profile.now - 1 });
    expect(profile.state.meta.place).toMatchObject(seoul);
    profile.track('Location Updated', busan);
    expect(profile.state.meta.place).toMatchObject(busan);
  });

  test.each<[string, [channel: string, granted: boolean, after: number][], boolean]>([
    [
      'the newer word',
      [
        ['push', true, 0],
        ['email', false, 1],
      ],
      false,
    ],
    [
      'the newer word, whichever came first',
      [
        ['email', false, 0],
        ['push', true, 1],
      ],
      true,
    ],
    [
      'the newer word, though it is on the channel named first',
      [
        ['email', true, 1],
        ['push', false, 0],
      ],
      true,
    ],
    [
      'of one instant the refusal',
      [
        ['push', false, 0],
        ['email', true, 0],
      ],
      false,
    ],
    [
      'of one instant the refusal, whichever came first',
      [
        ['push', true, 0],
        ['email', false, 0],
      ],
      false,
    ],
  ])('are used by %s', (_, words, isUsed) => {
    const profile = alive();
    const { now } = profile;
    for (const [channel, granted, after] of words) mayUse(profile, channel, granted, now + after);
    profile.track('Location Updated', seoul);
    expect(profile.state.meta.place !== null).toBe(isUsed);
  });

  test('are forgotten when consent is withdrawn; a consent to something else is none', () => {
    const profile = alive();
    profile.consent('push');
    profile.track('Location Updated', seoul);
    expect(profile.state.meta.place).toBeNull();
    mayUse(profile, 'push', true);
    profile.track('Location Updated', seoul);
    profile.advance('1s');
    mayUse(profile, 'push', false);
    expect(profile.state.meta.place).toBeNull();
  });
});
