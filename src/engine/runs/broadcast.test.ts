import { describe, expect, it } from 'vitest';
import { aConfig, aTrigger } from '../testing/builders.ts';
import { traceOf, VirtualProfile } from '../testing/virtual-profile.ts';
import { broadcastEvent } from './broadcast.ts';

/** The profile's life begins at noon; so do these. */
const FIRST = '2026-12-01T03:00:00Z';
const digest = aTrigger({ id: 'digest', entry: { on: [{ at: FIRST, every: '1d' }] } });
const other = aTrigger({ id: 'other', entry: { on: [{ at: FIRST }] } });

function told(profile: VirtualProfile, trigger: string, instantAt = profile.now) {
  return profile.receive(broadcastEvent(trigger, instantAt, profile.state.meta.key, profile.now));
}

describe('a broadcast', () => {
  it('is news for its own trigger alone, once for each of its instants', () => {
    const profile = new VirtualProfile({ config: aConfig({ triggers: [digest, other] }) });
    expect(told(profile, 'digest').trace.map(({ id, reason }) => [id, reason])).toEqual([['digest', 'sent']]);
    expect(told(profile, 'digest').duplicate).toBe(true);
    profile.advance('1d');
    expect(traceOf(told(profile, 'digest'), 'digest')?.reason).toBe('sent');
    expect(profile.sends('digest')).toBe(2);
  });

  it('at an instant that the trigger no longer has starts nothing', () => {
    const profile = new VirtualProfile({ config: aConfig({ triggers: [digest] }) });
    profile.advance('30m');
    expect(traceOf(told(profile, 'digest'), 'digest')).toMatchObject({
      reason: 'not_matched',
      path: 'entry.on.0.at',
    });
  });

  it('that comes more than an hour late starts nothing, and is no sign of life', () => {
    const profile = new VirtualProfile({ config: aConfig({ triggers: [digest] }) });
    const instantAt = profile.now;
    profile.advanceTo(instantAt + 3_600_001);
    expect(traceOf(told(profile, 'digest', instantAt), 'digest')?.reason).toBe('late_event');
    expect([profile.state.meta.lastSeenAt, profile.state.meta.sessionCount]).toEqual([0, 0]);
  });
});
