/** What a profile keeps of segments, besides being right: what is told to whom, and that it comes to rest. */
import { expect, test } from 'vitest';
import type { Segment } from '../documents.ts';
import { nextWakeAt } from '../resume.ts';
import { aConfig, aTrigger } from '../testing/builders.ts';
import { VirtualProfile } from '../testing/virtual-profile.ts';
import type { Condition } from '../trigger.ts';
import { SEGMENTS } from './memberships.ts';

const tier = (value: string): Condition => ({ field: 'user.traits.tier', op: 'eq', value });
const enters = aTrigger({ entry: { on: [{ segment: 'vip', change: 'entered' }] } });
const configOf = (asked: Condition, version = 1) => {
  const document: Segment = { id: 'vip', if: asked };
  const config = aConfig({ triggers: [enters], segments: [document] });
  const kept = [...config.keptSegments].map(([id, one]) => [id, { ...one, version }] as const);
  return { ...config, keptSegments: new Map(kept) };
};
const told = ({ facts }: VirtualProfile) =>
  facts.flatMap(({ kind, segment }) => (segment ? [segment.of ? `${kind} of another` : kind] : []));
const backfill = (profile: VirtualProfile) => profile.track(SEGMENTS, {}, { origin: 'system' });
const wakesAt = (profile: VirtualProfile) =>
  nextWakeAt({ state: profile.state, history: profile, config: profile.config, now: profile.now });

test('a segment that is written anew moves its people in the list, and tells no trigger', () => {
  const profile = new VirtualProfile({ config: configOf(tier('VIP')) });
  profile.identify({ tier: 'GOLD' });
  profile.config = configOf(tier('GOLD'), 2);
  backfill(profile);
  expect([told(profile), profile.sends()]).toEqual([['segment_entered'], 0]);
  profile.identify({ tier: 'VIP' });
  profile.identify({ tier: 'GOLD' });
  expect([told(profile), profile.sends()]).toEqual([
    ['segment_entered', 'segment_left', 'segment_entered'],
    1,
  ]);
});

test('of a segment that is gone nothing is kept once the back-fill has come', () => {
  const profile = new VirtualProfile({ config: configOf(tier('VIP')) });
  profile.identify({ tier: 'VIP' });
  profile.config = aConfig();
  profile.track('Other');
  expect(profile.state.segments.size).toBe(1);
  backfill(profile);
  expect([told(profile), profile.state.segments.size]).toEqual([['segment_entered', 'segment_left'], 0]);
});

test('a merge leaves one member, asks everything anew, and comes to rest', () => {
  const config = configOf(tier('VIP'));
  const anonymous = new VirtualProfile({ config, id: 'a1', kind: 'anonymous' });
  anonymous.identify({ tier: 'VIP' });
  const profile = new VirtualProfile({ config });
  profile.track('Other');
  profile.merge(anonymous);
  profile.advance('1s');
  expect(told(profile)).toEqual(['segment_left of another', 'segment_entered']);
  // The one that the anonymous profile was sent; nobody has entered once more.
  expect([profile.sends(), profile.state.segments.get('vip')?.nextAt]).toEqual([1, undefined]);
  expect(wakesAt(profile)).toBeNull();
});
