import { describe, expect, test } from 'vitest';
import { isInside } from '../../time/daily-window.ts';
import type { Channel } from '../../trigger.ts';
import { closedHours, HOURS_RULES } from './lawful-hours.ts';

interface Asked {
  channel?: Channel;
  jurisdiction?: string;
  zone?: string;
  hasNightConsent?: boolean;
  category?: 'marketing' | 'transactional';
}

/** The reasons for which the instant is closed. */
function reasonsAt(instant: string, asked: Asked = {}): string[] {
  const about = {
    channel: 'push',
    category: 'marketing',
    jurisdiction: 'KR',
    zone: 'Asia/Seoul',
    hasNightConsent: false,
    ...asked,
  } as const;
  return closedHours(about)
    .filter(({ window }) => isInside(window, Date.parse(instant)))
    .map(({ reason }) => reason);
}

describe('the Korean night', () => {
  test.each([
    ['2026-12-01T20:59:59+09:00', []],
    ['2026-12-01T21:00:00+09:00', ['no_night_consent']],
    ['2026-12-02T07:59:59+09:00', ['no_night_consent']],
    ['2026-12-02T08:00:00+09:00', []],
  ])('at %s closes %j', (instant, reasons) => {
    expect(reasonsAt(instant)).toEqual(reasons);
    expect(reasonsAt(instant, { zone: 'America/New_York' })).toEqual(reasons);
  });

  test.each<[string, Asked]>([
    ['consent to it', { hasNightConsent: true }],
    ['e-mail', { channel: 'email' }],
    ['what is transactional', { category: 'transactional' }],
  ])('is open to %s', (_, asked) => {
    expect(reasonsAt('2026-12-01T23:00:00+09:00', asked)).toEqual([]);
  });
});

describe('Kakao’s own hours', () => {
  test.each([
    ['2026-12-01T20:49:59+09:00', []],
    ['2026-12-01T20:50:00+09:00', ['legal_hold']],
    ['2026-12-02T07:59:59+09:00', ['legal_hold']],
    ['2026-12-02T08:00:00+09:00', []],
  ])('at %s close %j, whatever the law and the consents', (instant, reasons) => {
    const channel = 'kakao_brand';
    expect(reasonsAt(instant, { channel, hasNightConsent: true })).toEqual(reasons);
    expect(reasonsAt(instant, { channel, category: 'transactional' })).toEqual(reasons);
    expect(reasonsAt(instant, { channel, jurisdiction: 'US' })).toEqual(reasons);
  });
});

describe('calls and texts in the United States', () => {
  test.each([
    // Clocks go forward on 8 March 2026 at 02:00, back on 1 November at 02:00.
    ['2026-03-08T01:00:00Z', []],
    ['2026-03-08T02:00:00Z', ['legal_hold']],
    ['2026-03-08T12:00:00Z', []],
    ['2026-03-09T00:59:59Z', []],
    ['2026-03-09T01:00:00Z', ['legal_hold']],
    ['2026-11-01T00:59:59Z', []],
    ['2026-11-01T01:00:00Z', ['legal_hold']],
    ['2026-11-01T12:59:59Z', ['legal_hold']],
    ['2026-11-01T13:00:00Z', []],
    ['2026-11-02T02:00:00Z', ['legal_hold']],
  ])('at %s in New York: %j', (instant, reasons) => {
    const asked = { channel: 'sms', jurisdiction: 'US', zone: 'America/New_York' } as const;
    expect(reasonsAt(instant, asked)).toEqual(reasons);
    expect(reasonsAt(instant, { ...asked, hasNightConsent: true })).toEqual(reasons);
    expect(reasonsAt(instant, { ...asked, channel: 'email' })).toEqual([]);
  });
});

test('each rule says where it is written and when that was read', () => {
  for (const { source, asOf } of HOURS_RULES) {
    expect(source).not.toBe('');
    expect(new Date(asOf).toISOString().slice(0, 10)).toBe(asOf);
  }
});
