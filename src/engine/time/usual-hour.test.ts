/** The hour in which a user is most active, as a send window. */
import { describe, expect, test } from 'vitest';
import type { QuietHoursPolicy } from '../documents.ts';
import { aConfig, aTrigger, send } from '../testing/builders.ts';
import { reasonOf, VirtualProfile } from '../testing/virtual-profile.ts';

const seoul = (clock: string, day = '2026-12-01') => Date.parse(`${day}T${clock}+09:00`);
const quiet = (changes: Partial<QuietHoursPolicy> = {}): QuietHoursPolicy => ({
  id: 'quiet_hours',
  from: '22:00',
  to: '09:00',
  tz: 'user',
  action: 'hold',
  ...changes,
});
const trigger = aTrigger({
  delivery: { sendWindow: 'usual' },
  steps: [send({ channels: ['push'] })],
});
function life(clock: string, quietHours: QuietHoursPolicy | null = null) {
  const config = aConfig({ triggers: [trigger], policies: { quietHours } });
  const profile = new VirtualProfile({ config, at: seoul(clock) - 1_000 });
  profile.consent('push');
  profile.now = seoul(clock);
  return profile;
}
const sentAt = (profile: VirtualProfile) =>
  profile.state.log.get('hello\n')?.sent?.recent.map(([at]) => new Date(at).toISOString()) ?? [];

describe('the usual hour', () => {
  /** Ten days with an event at each of these hours, and one more at the first of them. */
  function habit(hours: string[], quietHours: QuietHoursPolicy | null = null) {
    const profile = life('00:00:00', quietHours);
    for (let day = 1; day <= 10; day++) {
      for (const hour of hours) {
        profile.advanceTo(seoul(`${hour}:10:00`, `2026-12-${String(day).padStart(2, '0')}`));
        profile.track('Other');
        if (hour === hours[0]) profile.track('Other');
      }
    }
    return profile;
  }

  test('is the one with most of the user’s own events', () => {
    const profile = habit(['14', '18']);
    profile.advanceTo(seoul('20:00:00', '2026-12-10'));
    profile.track('Hello');
    profile.advance('2d');
    expect(sentAt(profile)).toEqual(['2026-12-11T05:00:00.000Z']);
  });

  test('is now, where fewer than ten active hours are known', () => {
    const profile = life('12:00:00');
    for (let i = 0; i < 8; i++) {
      profile.track('Other');
      profile.advance('1h');
    }
    profile.advanceTo(seoul('09:00:00', '2026-12-02'));
    expect(reasonOf(profile.track('Hello'))).toBe('sent');
  });

  test('is forgotten after 30 days', () => {
    const profile = habit(['14']);
    profile.advanceTo(seoul('09:00:00', '2027-01-15'));
    expect(reasonOf(profile.track('Hello'))).toBe('sent');
  });

  test('at night gives way to the last second before', () => {
    const profile = habit(['22']);
    profile.advanceTo(seoul('12:00:00', '2026-12-11'));
    profile.track('Hello');
    profile.advance('1d');
    expect(sentAt(profile)).toEqual(['2026-12-11T11:59:59.000Z']);
  });

  test('at night gives way to what comes before all that is closed', () => {
    const profile = habit(['22'], quiet({ from: '19:30', to: '08:30' }));
    profile.advanceTo(seoul('12:00:00', '2026-12-11'));
    profile.track('Hello');
    profile.advance('1d');
    expect(sentAt(profile)).toEqual(['2026-12-11T10:29:59.000Z']);
  });
});
