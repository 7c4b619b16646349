import { describe, expect, test } from 'vitest';
import { aConfig, aTemplate, aTrigger, send } from '../testing/builders.ts';
import { reasonOf, traceOf, VirtualProfile } from '../testing/virtual-profile.ts';
import type { Channel } from '../trigger.ts';

const law = {
  id: 'law' as const,
  jurisdiction: 'KR',
  inApp: false,
  sender: { name: '달무리', optOut080: '080-123-4567' },
};
const DAY = Date.parse('2026-12-01T12:00:00+09:00');

function life(text: string, lms: string | null, category: 'marketing' | 'transactional' = 'transactional') {
  const locales = { ko: { sms: { text }, ...(lms !== null && { lms: { text: lms } }) } };
  const channels: Channel[] = ['sms'];
  const reason = category === 'transactional' ? { transactionalReason: 'r' } : {};
  const profile = new VirtualProfile({
    config: aConfig({
      triggers: [aTrigger({ category, ...reason, steps: [send({ channels })] })],
      templates: [aTemplate({ locales })],
      policies: { law },
    }),
    at: DAY,
  });
  profile.consent('sms');
  profile.advance('1s');
  return profile;
}
const told = (profile: VirtualProfile) =>
  profile.outbox().map(({ channel, messageId }) => [channel, messageId.length > 0]);

describe('a text message', () => {
  test('of 90 EUC-KR bytes is an SMS, of 91 an LMS where the template has one', () => {
    const exact = life('가'.repeat(45), 'long');
    expect(reasonOf(exact.track('Hello'))).toBe('sent');
    expect(told(exact)).toEqual([['sms', true]]);
    const over = life(`${'가'.repeat(45)}a`, 'long');
    expect(reasonOf(over.track('Hello'))).toBe('sent');
    expect(told(over)).toEqual([['lms', true]]);
  });

  test('that is too long without an LMS is a render error, and says how long', () => {
    const profile = life(`${'가'.repeat(45)}a`, null);
    const decision = profile.track('Hello');
    expect(reasonOf(decision)).toBe('render_error');
    expect(JSON.stringify(traceOf(decision))).toContain('91 bytes');
    expect(profile.outbox()).toEqual([]);
  });

  test('counts what the law adds', () => {
    const text = '가'.repeat(30);
    const plain = life(text, 'long');
    plain.track('Hello');
    expect(told(plain)).toEqual([['sms', true]]);
    const advertised = life(text, 'long', 'marketing');
    advertised.track('Hello');
    expect(told(advertised)).toEqual([['lms', true]]);
  });
});
