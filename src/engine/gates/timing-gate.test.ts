/** Quiet hours, send windows and the night of the law. */
import { describe, expect, test } from 'vitest';
import type { QuietHoursPolicy } from '../documents.ts';
import { aConfig, aTrigger, type Published, send } from '../testing/builders.ts';
import { reasonOf, traceOf, VirtualProfile } from '../testing/virtual-profile.ts';
import type { Channel, Trigger } from '../trigger.ts';

const seoul = (clock: string, day = '2026-12-01') => Date.parse(`${day}T${clock}+09:00`);
const quiet = (changes: Partial<QuietHoursPolicy> = {}): QuietHoursPolicy => ({
  id: 'quiet_hours',
  from: '22:00',
  to: '09:00',
  tz: 'user',
  action: 'hold',
  ...changes,
});
const lawless = { id: 'law' as const, jurisdiction: 'US', inApp: false };

interface Life {
  clock: string;
  channels?: Channel[];
  trigger?: Partial<Trigger>;
  quietHours?: QuietHoursPolicy | null;
  law?: typeof lawless;
  consents?: string[];
  published?: Published;
}

/** With consent to everything but the night, unless told otherwise. */
function life({
  clock,
  channels = ['push'],
  trigger = {},
  quietHours = null,
  law,
  consents,
  published,
}: Life) {
  const config = aConfig({
    triggers: [aTrigger({ steps: [send({ channels })], ...trigger })],
    policies: { quietHours, ...(law && { law }) },
    ...published,
  });
  const profile = new VirtualProfile({ config, at: seoul(clock) - 1_000 });
  for (const channel of consents ?? ['push', 'web_push', 'email', 'sms', 'kakao', 'line', 'whatsapp']) {
    profile.consent(channel);
  }
  profile.now = seoul(clock);
  return profile;
}
const sentAt = (profile: VirtualProfile) =>
  profile.state.log.get('hello\n')?.sent?.recent.map(([at]) => new Date(at).toISOString()) ?? [];

describe('the Korean night', () => {
  test.each([
    ['20:59:59', 'sent'],
    ['20:59:59.999', 'sent'],
    ['21:00:00', 'no_night_consent'],
    ['23:30:00', 'no_night_consent'],
    ['07:59:59', 'no_night_consent'],
    ['07:59:59.999', 'no_night_consent'],
    ['08:00:00', 'sent'],
  ])('is told to the second: at %s a push says %s', (clock, reason) => {
    expect(reasonOf(life({ clock }).track('Hello'))).toBe(reason);
  });

  test.each<Channel>(['push', 'web_push', 'sms', 'lms', 'kakao_brand', 'line', 'whatsapp'])(
    'holds %s until 08:00 in Seoul, wherever the user is',
    (channel) => {
      const profile = life({ clock: '21:00:00', channels: [channel] });
      profile.identify({ timezone: 'America/New_York' });
      const decision = profile.track('Hello');
      expect(reasonOf(decision)).toBe('no_night_consent');
      expect(profile.outbox()).toEqual([]);
      profile.advance('2d');
      expect(sentAt(profile)).toEqual(['2026-12-01T23:00:00.000Z']);
    },
  );

  test.each<Channel>(['email', 'in_app', 'card', 'webhook', 'kakao_info'])('holds no %s', (channel) => {
    expect(reasonOf(life({ clock: '23:00:00', channels: [channel] }).track('Hello'))).toBe('sent');
  });

  test('holds nothing that is transactional', () => {
    const profile = life({
      clock: '23:00:00',
      trigger: { category: 'transactional', transactionalReason: 'r' },
    });
    expect(reasonOf(profile.track('Hello'))).toBe('sent');
  });

  test('holds nothing for who consented to the night, on that channel and at that time', () => {
    const profile = life({ clock: '23:00:00' });
    profile.consent('email', true, { purpose: 'marketing_night' });
    expect(reasonOf(profile.track('Hello'))).toBe('no_night_consent');
    profile.consent('push', true, { purpose: 'marketing_night' });
    expect(reasonOf(profile.track('Hello'))).toBe('already_running');
    const asked = life({ clock: '23:00:00' });
    asked.consent('push', true, { purpose: 'marketing_night' });
    expect(reasonOf(asked.track('Hello'))).toBe('sent');
    asked.advance('1s');
    asked.consent('push', false, { purpose: 'marketing_night' });
    expect(reasonOf(asked.track('Hello'))).toBe('no_night_consent');
  });

  test('is Korea’s alone', () => {
    expect(reasonOf(life({ clock: '23:00:00', law: lawless }).track('Hello'))).toBe('sent');
  });

  test('begins at 20:50 for Kakao’s advertising, and no consent lifts that', () => {
    const brand = (clock: string) => {
      const profile = life({ clock, channels: ['kakao_brand'] });
      profile.consent('kakao', true, { purpose: 'marketing_night' });
      return reasonOf(profile.track('Hello'));
    };
    expect(['20:49:59', '20:50:00', '07:59:59', '08:00:00'].map(brand)).toEqual([
      'sent',
      'legal_hold',
      'legal_hold',
      'sent',
    ]);
  });
});

describe('quiet hours', () => {
  test('hold to their end in the user’s zone', () => {
    const profile = life({ clock: '14:00:00', quietHours: quiet(), law: lawless });
    profile.identify({ timezone: 'America/New_York' });
    // Midnight in New York.
    expect(traceOf(profile.track('Hello'))).toMatchObject({
      reason: 'quiet_hold',
      path: 'steps.show',
      values: { until: '2026-12-01T14:00:00.000Z' },
    });
    profile.advance('1d');
    expect(sentAt(profile)).toEqual(['2026-12-01T14:00:00.000Z']);
  });

  test('may be one zone’s for everybody', () => {
    const profile = life({ clock: '23:00:00', quietHours: quiet({ tz: 'Asia/Seoul' }), law: lawless });
    profile.identify({ timezone: 'America/New_York' });
    expect(reasonOf(profile.track('Hello'))).toBe('quiet_hold');
  });

  test('hold to what the clock reads, across a switch', () => {
    for (const [night, expected] of [
      ['2027-03-13T23:00:00-05:00', '2027-03-14T13:00:00.000Z'],
      ['2027-11-06T23:00:00-04:00', '2027-11-07T14:00:00.000Z'],
    ] as const) {
      const profile = life({ clock: '12:00:00', quietHours: quiet(), law: lawless });
      profile.identify({ timezone: 'America/New_York' });
      profile.advanceTo(Date.parse(night));
      profile.track('Hello');
      profile.advance('1d');
      expect(sentAt(profile)).toEqual([expected]);
    }
  });

  test.each<[QuietHoursPolicy['action'], string, string[]]>([
    ['hold', 'quiet_hold', []],
    ['drop', 'quiet_drop', []],
    ['next_channel', 'quiet_drop', []],
  ])('that %s say %s of a push', (action, reason, expected) => {
    const profile = life({ clock: '23:00:00', quietHours: quiet({ action }), law: lawless });
    expect(reasonOf(profile.track('Hello'))).toBe(reason);
    expect(profile.outbox().map(({ channel }) => channel)).toEqual(expected);
    profile.advance('1d');
    expect(profile.sends()).toBe(action === 'hold' ? 1 : 0);
  });

  test('go to the next channel that has none', () => {
    for (const law of [lawless, undefined]) {
      const profile = life({
        clock: '23:00:00',
        channels: ['push', 'card', 'email'],
        quietHours: quiet({ action: 'next_channel' }),
        ...(law && { law }),
      });
      expect(reasonOf(profile.track('Hello'))).toBe('sent');
      expect([profile.inbox().map(({ channel }) => channel), profile.outbox()]).toEqual([['card'], []]);
    }
  });

  test('are overridden by the trigger', () => {
    const trigger = { delivery: { quietHours: { action: 'drop' as const } } };
    expect(
      reasonOf(life({ clock: '23:00:00', trigger, quietHours: quiet(), law: lawless }).track('Hello')),
    ).toBe('quiet_drop');
  });

  test('that their author drops are dropped, whatever the law would hold', () => {
    const trigger = { delivery: { quietHours: { action: 'drop' as const } } };
    expect(reasonOf(life({ clock: '23:00:00', trigger, quietHours: quiet() }).track('Hello'))).toBe(
      'quiet_drop',
    );
    // Between 21:00 and 22:00 only the law speaks: it holds.
    expect(reasonOf(life({ clock: '21:30:00', trigger, quietHours: quiet() }).track('Hello'))).toBe(
      'no_night_consent',
    );
  });

  test('hold no longer than maxHold, counted from when the send was reached', () => {
    const holding = (maxHold: `${number}h`) =>
      life({
        clock: '23:00:00',
        trigger: { delivery: { quietHours: { action: 'hold', maxHold } } },
        quietHours: quiet(),
        law: lawless,
      });
    expect(reasonOf(holding('9h').track('Hello'))).toBe('quiet_drop');
    const profile = holding('10h');
    expect(reasonOf(profile.track('Hello'))).toBe('quiet_hold');
    // The policy moves while it is held: what is left of the ten hours doesn't begin anew.
    profile.config = aConfig({
      triggers: [
        aTrigger({
          steps: [send({ channels: ['push'] })],
          delivery: { quietHours: { action: 'hold', maxHold: '10h' } },
        }),
      ],
      policies: { quietHours: quiet({ to: '10:00' }), law: lawless },
    });
    profile.advance('1d');
    expect(reasonOf(profile)).toBe('quiet_drop');
    expect(profile.sends()).toBe(0);
  });

  test('spare what is transactional, unless its author asks for them', () => {
    const receipt = { category: 'transactional' as const, transactionalReason: 'r' };
    const asking = { ...receipt, delivery: { quietHours: { action: 'hold' as const } } };
    expect(reasonOf(life({ clock: '23:00:00', trigger: receipt, quietHours: quiet() }).track('Hello'))).toBe(
      'sent',
    );
    expect(reasonOf(life({ clock: '23:00:00', trigger: asking, quietHours: quiet() }).track('Hello'))).toBe(
      'quiet_hold',
    );
  });

  test.each<Channel>(['in_app', 'card'])('spare %s', (channel) => {
    expect(
      reasonOf(life({ clock: '23:00:00', channels: [channel], quietHours: quiet() }).track('Hello')),
    ).toBe('sent');
  });

  test('and the law together hold to the first instant at which both allow it', () => {
    const profile = life({ clock: '23:00:00', quietHours: quiet() });
    expect(reasonOf(profile.track('Hello'))).toBe('no_night_consent');
    profile.advance('1d');
    expect(sentAt(profile)).toEqual(['2026-12-02T00:00:00.000Z']);
  });
});

describe('a send window', () => {
  const within = (changes: object = {}) => ({
    delivery: { sendWindow: { from: '10:00', to: '12:00', ...changes } },
  });

  test('holds until it opens, in the user’s zone', () => {
    const profile = life({ clock: '12:00:00', trigger: within() });
    expect(reasonOf(profile.track('Hello'))).toBe('quiet_hold');
    profile.advance('1d');
    expect(sentAt(profile)).toEqual(['2026-12-02T01:00:00.000Z']);
    expect(reasonOf(life({ clock: '11:59:59', trigger: within() }).track('Hello'))).toBe('sent');
  });

  test('on certain days waits for those', () => {
    const profile = life({ clock: '11:00:00', trigger: within({ days: ['sun'] }) });
    profile.track('Hello');
    profile.advance('7d');
    expect(sentAt(profile)).toEqual(['2026-12-06T01:00:00.000Z']);
  });

  test('may drop what is outside', () => {
    const profile = life({ clock: '13:00:00', trigger: within({ outside: 'drop' }) });
    expect(reasonOf(profile.track('Hello'))).toBe('quiet_drop');
    const atNight = life({ clock: '23:00:00', trigger: within({ outside: 'drop' }) });
    expect(reasonOf(atNight.track('Hello'))).toBe('quiet_drop');
  });

  test('that no lawful hour is in drops', () => {
    const trigger = { delivery: { sendWindow: { from: '22:00', to: '23:00' } } };
    expect(reasonOf(life({ clock: '12:00:00', trigger }).track('Hello'))).toBe('quiet_drop');
  });
});
