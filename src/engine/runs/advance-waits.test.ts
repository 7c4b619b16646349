/** Waits until a time: one that a path names, or a time of day. */
import { describe, expect, test } from 'vitest';
import { aConfig, aTrigger, send } from '../testing/builders.ts';
import { reasonOf, traceOf, VirtualProfile } from '../testing/virtual-profile.ts';
import type { Step, Wait } from '../trigger.ts';

const at = (iso: string) => Date.parse(iso);

function waiting(wait: Wait, begins = at('2026-12-01T12:00:00+09:00'), ...more: Step[]) {
  const trigger = aTrigger({ steps: [{ id: 'wait', wait }, send(), ...more] });
  return new VirtualProfile({ config: aConfig({ triggers: [trigger] }), at: begins });
}
const sentAt = (profile: VirtualProfile) =>
  profile.state.log.get('hello\n')?.sent?.recent.map(([when]) => new Date(when).toISOString()) ?? [];

describe('a wait until what a path names', () => {
  const untilEnd = { until: 'event.properties.ends_at', offset: '-1d' };

  test.each<[string, string | number]>([
    ['an instant', '2026-12-10T18:00:00+09:00'],
    ['milliseconds', at('2026-12-10T18:00:00+09:00')],
  ])('ends at it, moved by the offset: %s', (_name, ends_at) => {
    const profile = waiting(untilEnd);
    expect(reasonOf(profile.track('Hello', { ends_at }))).toBe('waiting');
    profile.advanceTo(at('2026-12-09T18:00:00+09:00') - 1);
    expect(profile.sends()).toBe(0);
    profile.advance('1m');
    expect(sentAt(profile)).toEqual(['2026-12-09T09:00:00.000Z']);
  });

  test('may be moved later, too', () => {
    const profile = waiting({ until: 'event.properties.ends_at', offset: '+2h' });
    profile.track('Hello', { ends_at: '2026-12-02T00:00:00Z' });
    profile.advance('2d');
    expect(sentAt(profile)).toEqual(['2026-12-02T02:00:00.000Z']);
  });

  test('that is past already goes on at once', () => {
    const profile = waiting(untilEnd);
    expect(reasonOf(profile.track('Hello', { ends_at: '2026-12-02T00:00:00Z' }))).toBe('sent');
  });

  test.each([[{}], [{ ends_at: null }], [{ ends_at: 'soon' }]])(
    'that is missing ends the run, and says so: %j',
    (properties) => {
      const profile = waiting(untilEnd);
      expect(traceOf(profile.track('Hello', properties))).toMatchObject({
        reason: 'not_matched',
        path: 'steps.wait.wait.until',
      });
      profile.advance('30d');
      expect([profile.sends(), profile.state.runs.size]).toEqual([0, 0]);
    },
  );

  test('is read when the step is entered: what the trait says later moves nothing', () => {
    const profile = waiting({ until: 'user.traits.trial_ends' });
    profile.identify({ trial_ends: '2026-12-05T00:00:00Z' });
    profile.track('Hello');
    profile.identify({ trial_ends: '2026-12-20T00:00:00Z' });
    profile.advance('10d');
    expect(sentAt(profile)).toEqual(['2026-12-05T00:00:00.000Z']);
  });

  test('sees what started the run, whatever has happened since', () => {
    const steps: Step[] = [
      { id: 'first', wait: '1h' },
      { id: 'wait', wait: { until: 'entry.event.properties.ends_at' } },
      send(),
    ];
    const profile = new VirtualProfile({ config: aConfig({ triggers: [aTrigger({ steps })] }) });
    profile.track('Hello', { ends_at: profile.now + 2 * 3_600_000 });
    const expected = new Date(profile.now + 2 * 3_600_000).toISOString();
    profile.track('Other', { ends_at: 0 });
    profile.advance('1d');
    expect(sentAt(profile)).toEqual([expected]);
  });

  test('never sends in circles: where nothing is left to wait for, the run ends', () => {
    const profile = waiting({ until: 'entry.event.properties.ends_at' }, undefined, {
      id: 'back',
      branch: [{ goto: 'wait' }],
    });
    const decision = profile.track('Hello', { ends_at: 0 });
    expect([profile.sends(), profile.state.runs.get('1')?.step]).toEqual([1, null]);
    expect(traceOf(decision)).toMatchObject({ reason: 'not_matched', path: 'steps.wait.wait.until' });
  });
});

describe('a wait for a time of day', () => {
  test('ends at the next one in the user’s zone', () => {
    const profile = waiting({ time: '09:30' });
    profile.identify({ timezone: 'America/New_York' });
    profile.track('Hello');
    profile.advance('2d');
    expect(sentAt(profile)).toEqual(['2026-12-01T14:30:00.000Z']);
  });

  test('on the days that are named', () => {
    // 1 December 2026 is a Tuesday.
    const profile = waiting({ time: '09:00', days: ['sat', 'mon'] });
    profile.track('Hello');
    profile.advance('7d');
    expect(sentAt(profile)).toEqual(['2026-12-05T00:00:00.000Z']);
  });

  test('that it is right now goes on at once', () => {
    expect(reasonOf(waiting({ time: '12:00' }).track('Hello'))).toBe('sent');
    expect(reasonOf(waiting({ time: '11:59:59' }).track('Hello'))).toBe('waiting');
  });

  test.each([
    // 08:30 stays 08:30 on both sides of a switch; what the night skips comes when it ends, what it repeats comes once.
    ['08:30', '2027-03-13T12:00:00-05:00', '2027-03-14T12:30:00.000Z'],
    ['08:30', '2027-11-06T12:00:00-04:00', '2027-11-07T13:30:00.000Z'],
    ['02:30', '2027-03-13T12:00:00-05:00', '2027-03-14T07:00:00.000Z'],
    ['01:30', '2027-11-06T12:00:00-04:00', '2027-11-07T05:30:00.000Z'],
  ])('of %s after %s in New York ends at %s', (time, begins, expected) => {
    const profile = waiting({ time }, at(begins));
    profile.identify({ timezone: 'America/New_York' });
    profile.track('Hello');
    profile.advance('23h');
    expect(sentAt(profile)).toEqual([expected]);
  });

  test('that a run comes back to ends on the next day, not at the same instant again', () => {
    const back: Step = { id: 'back', branch: [{ if: { didNot: 'Stop' }, goto: 'wait' }] };
    const profile = waiting({ time: '09:00' }, undefined, back);
    profile.track('Hello');
    profile.advance('3d');
    expect(sentAt(profile)).toEqual([
      '2026-12-02T00:00:00.000Z',
      '2026-12-03T00:00:00.000Z',
      '2026-12-04T00:00:00.000Z',
    ]);
  });

  test('in circles gives every message an id of its own, also those that leave the app', () => {
    const steps: Step[] = [
      { id: 'wait', wait: { time: '09:00' } },
      send({ channels: ['push'] }),
      { id: 'back', branch: [{ if: { didNot: 'Stop' }, goto: 'wait' }] },
    ];
    const profile = new VirtualProfile({ config: aConfig({ triggers: [aTrigger({ steps })] }) });
    profile.consent('push');
    profile.track('Hello');
    const sent: string[] = [];
    for (let day = 0; day < 3; day++) {
      profile.advance('1d');
      sent.push(...profile.dispatch().map(({ messageId }) => messageId));
    }
    expect(sent).toHaveLength(3);
    expect(new Set(sent).size).toBe(3);
  });
});
