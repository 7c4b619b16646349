/** Whatever the consents, zones and clocks are, and however late a dispatcher comes: no advertisement leaves outside the law. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Said, unlawfulBecause } from '../../../../tests/support/naive-law.ts';
import { aConfig, aTrigger, send } from '../../testing/builders.ts';
import { VirtualProfile } from '../../testing/virtual-profile.ts';
import type { Channel } from '../../trigger.ts';

const CHANNELS: Channel[] = ['push', 'web_push', 'email', 'sms', 'lms', 'kakao_brand', 'line', 'whatsapp'];
const ASKED: Partial<Record<Channel, string>> = { lms: 'sms', kakao_brand: 'kakao' };
const ZONES = ['Asia/Seoul', 'America/New_York', 'America/Adak', 'Pacific/Kiritimati', 'Europe/London', null];
const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;
/** A second to either side of where a rule begins or ends, on some clock or other. */
const EDGES = ['07:59:59', '08:00:00', '20:49:59', '20:50:00', '20:59:59', '21:00:00'];

const consent = fc.record({
  kind: fc.constant('consent' as const),
  channel: fc.constantFrom('push', 'web_push', 'email', 'sms', 'kakao', 'line', 'whatsapp'),
  purpose: fc.constantFrom('marketing' as const, 'marketing_night' as const),
  granted: fc.boolean(),
});
const delay = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 900 * MINUTE_MS }) },
  { weight: 1, arbitrary: fc.integer({ min: 728 * DAY_MS, max: 732 * DAY_MS }) },
);
const step = fc.oneof(
  { weight: 3, arbitrary: consent },
  { weight: 3, arbitrary: fc.constant({ kind: 'event' as const }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('claim' as const),
      outcome: fc.constantFrom('sent' as const, 'retry' as const, 'killed' as const),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: delay }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('edge' as const),
      clock: fc.constantFrom(...EDGES),
      offset: fc.constantFrom('+09:00', '-05:00', '-04:00', '+10:00', '-11:00', 'Z'),
    }),
  },
);

const life = fc.record({
  at: fc.integer({ min: Date.parse('2024-02-01'), max: Date.parse('2026-12-31') }),
  zone: fc.constantFrom(...ZONES),
  jurisdiction: fc.constantFrom('KR', 'US'),
  channel: fc.constantFrom(...CHANNELS),
  category: fc.constantFrom('marketing' as const, 'marketing' as const, 'transactional' as const),
  granted: fc.boolean(),
  steps: fc.array(step, { minLength: 4, maxLength: 24 }),
});
type Life = typeof life extends fc.Arbitrary<infer L> ? L : never;

/** What is wrong with each message that a dispatcher was given in this life, at that instant; null with nothing. */
function play({ at, zone, jurisdiction, channel, category, granted, steps }: Life): (string | null)[] {
  const transactional = category === 'transactional' && { category, transactionalReason: 'r' };
  const trigger = aTrigger({ ...transactional, steps: [send({ channels: [channel] })] });
  const config = aConfig({
    triggers: [trigger],
    policies: { law: { id: 'law', jurisdiction, inApp: false } },
  });
  const profile = new VirtualProfile({ config, at });
  const said: Said = {};
  const say = (asked: string, purpose: string, yes: boolean) => {
    profile.consent(asked, yes, { purpose });
    said[`${asked}|${purpose}`] = { granted: yes, at: profile.now };
  };
  const claimAll = (outcome: 'sent' | 'retry' | 'killed') =>
    profile.outbox().flatMap(({ messageId }) => {
      if (profile.claim(messageId).kind !== 'claimed') return [];
      const found = unlawfulBecause({ at: profile.now, channel, category, jurisdiction, zone, said });
      if (outcome === 'sent') profile.settle(messageId);
      if (outcome === 'retry') profile.settle(messageId, { kind: 'retry', afterMs: 1_000 });
      return [found];
    });
  if (zone !== null) profile.identify({ timezone: zone });
  if (granted) say(ASKED[channel] ?? channel, 'marketing', true);
  return steps.flatMap((one) => {
    profile.now += 1;
    if (one.kind === 'claim') return claimAll(one.outcome);
    if (one.kind === 'consent') say(one.channel, one.purpose, one.granted);
    else if (one.kind === 'event') profile.track('Hello');
    else profile.advanceTo(one.kind === 'wait' ? profile.now + one.ms : nextEdge(profile.now, one));
    return [];
  });
}

function nextEdge(after: number, { clock, offset }: { clock: string; offset: string }): number {
  const today = Date.parse(`${new Date(after).toISOString().slice(0, 10)}T${clock}${offset}`);
  return [today - DAY_MS, today, today + DAY_MS, today + 2 * DAY_MS].find((one) => one >= after) ?? after;
}

test('no message is handed to a provider outside the law', () => {
  const handed = { lawful: 0, advertising: 0 };
  fc.assert(
    fc.property(life, (lived) => {
      const found = play(lived);
      handed.lawful += found.length;
      if (lived.category === 'marketing') handed.advertising += found.length;
      expect(found.filter((one) => one !== null)).toEqual([]);
    }),
    { numRuns: Number(process.env.LAW_RUNS ?? 2_000) },
  );
  // A law under which nothing is ever sent would hold as well.
  expect(handed.advertising).toBeGreaterThan(100);
  expect(handed.lawful).toBeGreaterThan(handed.advertising);
});
