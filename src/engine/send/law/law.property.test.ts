/** Whatever the consents, zones and clocks are, and however late a dispatcher comes: no advertisement leaves outside the law. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { aConfig, aTrigger, send } from '../../testing/builders.ts';
import { VirtualProfile } from '../../testing/virtual-profile.ts';
import type { Channel } from '../../trigger.ts';

const CHANNELS: Channel[] = ['push', 'web_push', 'email', 'sms', 'lms', 'kakao_brand', 'line', 'whatsapp'];
const ASKED: Partial<Record<Channel, string>> = { lms: 'sms', kakao_brand: 'kakao' };
const ZONES = ['Asia/Seoul', 'America/New_York', 'Pacific/Kiritimati', 'Europe/London'];

/** Told independently of the engine: by the formatter's clock, and by the last word that the user gave. */
function isUnlawful(at: number, channel: Channel, said: Said, jurisdiction: string, zone: string): boolean {
  const asked = ASKED[channel] ?? channel;
  const minutes = (timeZone: string) => {
    const [hour, minute] = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' })
      .format(at)
      .split(':')
      .map(Number);
    return (hour ?? 0) * 60 + (minute ?? 0);
  };
  if (said[`${asked}|marketing`] !== true) return true;
  const seoul = minutes('Asia/Seoul');
  if (channel === 'kakao_brand' && (seoul >= 20 * 60 + 50 || seoul < 8 * 60)) return true;
  if (jurisdiction === 'US') {
    const there = minutes(zone);
    return (channel === 'sms' || channel === 'lms') && (there >= 21 * 60 || there < 8 * 60);
  }
  const isNight = seoul >= 21 * 60 || seoul < 8 * 60;
  return isNight && channel !== 'email' && said[`${asked}|marketing_night`] !== true;
}
type Said = Record<string, boolean>;

const consent = fc.record({
  kind: fc.constant('consent' as const),
  channel: fc.constantFrom('push', 'web_push', 'email', 'sms', 'kakao', 'line', 'whatsapp'),
  purpose: fc.constantFrom('marketing' as const, 'marketing_night' as const),
  granted: fc.boolean(),
});
const step = fc.oneof(
  { weight: 3, arbitrary: consent },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('event' as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('claim' as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), minutes: fc.integer({ min: 1, max: 900 }) }),
  },
);

const life = fc.record({
  at: fc.integer({ min: Date.parse('2026-02-01'), max: Date.parse('2026-12-31') }),
  zone: fc.constantFrom(...ZONES),
  jurisdiction: fc.constantFrom('KR', 'US'),
  channel: fc.constantFrom(...CHANNELS),
  granted: fc.boolean(),
  steps: fc.array(step, { minLength: 4, maxLength: 14 }),
});
type Life = typeof life extends fc.Arbitrary<infer L> ? L : never;

/** Whether each message that a dispatcher was given in this life was lawful at that instant. */
function play({ at, zone, jurisdiction, channel, granted, steps }: Life): boolean[] {
  const config = aConfig({
    triggers: [aTrigger({ steps: [send({ channels: [channel] })] })],
    policies: { law: { id: 'law', jurisdiction, inApp: false } },
  });
  const profile = new VirtualProfile({ config, at });
  const said: Said = {};
  const say = (asked: string, purpose: string, yes: boolean) => {
    profile.consent(asked, yes, { purpose });
    said[`${asked}|${purpose}`] = yes;
  };
  const claimAll = (): boolean[] =>
    profile.outbox().flatMap(({ messageId }) => {
      if (profile.claim(messageId).kind !== 'claimed') return [];
      const isLawful = !isUnlawful(profile.now, channel, said, jurisdiction, zone);
      profile.settle(messageId);
      return [isLawful];
    });
  profile.identify({ timezone: zone });
  if (granted) say(ASKED[channel] ?? channel, 'marketing', true);
  return steps.flatMap((one) => {
    profile.now += 1;
    if (one.kind === 'claim') return claimAll();
    if (one.kind === 'consent') say(one.channel, one.purpose, one.granted);
    else if (one.kind === 'event') profile.track('Hello');
    else profile.advance(`${one.minutes}m`);
    return [];
  });
}

test('no marketing message is handed to a provider outside the law', () => {
  let handed = 0;
  fc.assert(
    fc.property(life, (lived) => {
      const lawful = play(lived);
      handed += lawful.length;
      return !lawful.includes(false);
    }),
    { numRuns: 600 },
  );
  // A law under which nothing is ever sent would hold as well.
  expect(handed).toBeGreaterThan(50);
});
