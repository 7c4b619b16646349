import { describe, expect, test } from 'vitest';
import type { ChannelSettings, LawPolicy } from '../documents.ts';
import { aConfig, aTemplate, aTrigger, send } from '../testing/builders.ts';
import { reasonOf, VirtualProfile } from '../testing/virtual-profile.ts';
import type { Channel, Trigger } from '../trigger.ts';

type Prices = Partial<Record<Channel, string>>;

/** `18 KRW`. */
function channelsOf(prices: Prices): ChannelSettings[] {
  return Object.entries(prices).map(([id, price]) => {
    const [amount, currency = ''] = price.split(' ');
    return { id: id as Channel, provider: 'log', settings: {}, cost: { amount: Number(amount), currency } };
  });
}

interface Lived {
  channels: Channel[];
  prices: Prices;
  body?: string;
  budget?: Trigger['budget'];
  law?: Partial<LawPolicy>;
}

function aProfile({ channels, prices, body, budget, law = {} }: Lived) {
  const trigger = aTrigger({ steps: [send({ channels, mode: 'cheapest' })], ...(budget && { budget }) });
  const profile = new VirtualProfile({
    config: aConfig({
      triggers: [trigger],
      channels: channelsOf(prices),
      templates: [aTemplate({}, body)],
      policies: { law: { id: 'law', jurisdiction: 'KR', inApp: false, ...law } },
    }),
  });
  for (const channel of ['push', 'email', 'sms', 'kakao', 'line']) profile.consent(channel);
  return profile;
}

const sentBy = (profile: VirtualProfile) => {
  const reason = reasonOf(profile.track('Hello'));
  return profile.dispatch()[0]?.channel ?? profile.inbox()[0]?.channel ?? reason;
};

const ALL: Channel[] = ['sms', 'kakao_brand', 'email', 'push'];
describe('cheapest', () => {
  test.each<[string, Lived, string]>([
    [
      'is the least cost',
      { channels: ALL, prices: { sms: '18 KRW', kakao_brand: '15 KRW', email: '1 KRW', push: '2 KRW' } },
      'email',
    ],
    [
      'takes fractions',
      { channels: ['sms', 'email'], prices: { sms: '0.0080 KRW', email: '0.0079 KRW' } },
      'email',
    ],
    [
      'of equal ones is the author’s first',
      { channels: ['push', 'email'], prices: { push: '1 KRW', email: '1 KRW' } },
      'push',
    ],
    ['is free where no cost is named', { channels: ['sms', 'push'], prices: { sms: '18 KRW' } }, 'push'],
    ['is what is shown inside the app', { channels: ['sms', 'in_app'], prices: { sms: '18 KRW' } }, 'in_app'],
    [
      'takes another currency last',
      { channels: ['email', 'sms'], prices: { email: '0.0001 USD', sms: '18 KRW' } },
      'sms',
    ],
    [
      'of several in other currencies the author’s first',
      { channels: ['email', 'line', 'sms'], prices: { email: '9 USD', line: '1 JPY', sms: '2 EUR' } },
      'email',
    ],
    [
      'compares in the budget’s currency',
      {
        channels: ['email', 'sms'],
        prices: { email: '0.0001 USD', sms: '18 KRW' },
        budget: { currency: 'USD' },
      },
      'email',
    ],
    // 45 Hangul are 90 bytes of EUC-KR; the mark alone is 6 more.
    [
      'knows that a short text goes as an SMS',
      {
        channels: ['sms', 'email'],
        prices: { sms: '18 KRW', lms: '45 KRW', email: '30 KRW' },
        body: '가'.repeat(42),
      },
      'sms',
    ],
    [
      'and that a longer one would cost an LMS',
      {
        channels: ['sms', 'email'],
        prices: { sms: '18 KRW', lms: '45 KRW', email: '30 KRW' },
        body: '가'.repeat(43),
      },
      'email',
    ],
    [
      'but counts no bytes under another law',
      {
        channels: ['sms', 'email'],
        prices: { sms: '18 KRW', lms: '45 KRW', email: '30 KRW' },
        body: '가'.repeat(60),
        law: { jurisdiction: 'US' },
      },
      'sms',
    ],
  ])('%s', (_, lived, channel) => {
    const profile = aProfile(lived);
    if (lived.law) {
      profile.identify({ timezone: 'Asia/Seoul' });
    }
    expect(sentBy(profile)).toBe(channel);
  });

  test('is asked of those that can be reached', () => {
    const profile = aProfile({
      channels: ALL,
      prices: { sms: '18 KRW', kakao_brand: '15 KRW', push: '2 KRW' },
    });
    for (const channel of ['email', 'push']) profile.consent(channel, false, { timestamp: profile.now + 1 });
    profile.now += 2;
    expect(sentBy(profile)).toBe('kakao_brand');
  });
});

describe('a budget per user and day', () => {
  test('is spent by what an SMS goes as', () => {
    const prices = { sms: '18 KRW', lms: '45 KRW' };
    const life = { channels: ['sms'] as Channel[], prices, body: '가'.repeat(60) };
    expect(sentBy(aProfile({ ...life, budget: { perUserPerDay: 44 } }))).toBe('budget');
    const profile = aProfile({ ...life, budget: { perUserPerDay: 89 } });
    expect([sentBy(profile), sentBy(profile)]).toEqual(['lms', 'budget']);
  });

  test('adds up as a reader does', () => {
    const profile = aProfile({
      channels: ['sms'],
      prices: { sms: '0.1 KRW' },
      budget: { perUserPerDay: 0.3 },
    });
    expect([1, 2, 3, 4].map(() => sentBy(profile))).toEqual(['sms', 'sms', 'sms', 'budget']);
  });
});
