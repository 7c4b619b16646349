import { describe, expect, test } from 'vitest';
import type { ChannelSettings } from '../documents.ts';
import { aConfig, aTrigger, send } from '../testing/builders.ts';
import { reasonOf, traceOf, VirtualProfile } from '../testing/virtual-profile.ts';
import type { Channel, SendStep } from '../trigger.ts';

const priced = (id: Channel, amount: number, currency = 'KRW'): ChannelSettings => ({
  id,
  provider: 'log',
  settings: {},
  cost: { amount, currency },
});
function life(
  perUserPerDay: number,
  step: Partial<SendStep> = {},
  channels = [priced('sms', 18), priced('push', 1)],
  currency?: string,
) {
  const trigger = aTrigger({
    steps: [send({ channels: ['sms'], ...step })],
    budget: { perUserPerDay, ...(currency && { currency }) },
  });
  const profile = new VirtualProfile({ config: aConfig({ triggers: [trigger], channels }) });
  for (const channel of ['sms', 'push', 'email']) profile.consent(channel);
  return profile;
}
const say = (profile: VirtualProfile, n: number) =>
  Array.from({ length: n }, () => reasonOf(profile.track('Hello')));

describe('a budget per user and day', () => {
  test('lets through what it can pay', () => {
    const profile = life(40);
    expect(say(profile, 3)).toEqual(['sent', 'sent', 'budget']);
    expect(traceOf(profile)).toMatchObject({ path: 'steps.show.budget.perUserPerDay' });
  });

  test('may be spent to the last coin', () => {
    expect(say(life(36), 3)).toEqual(['sent', 'sent', 'budget']);
  });

  test('is new on the workspace’s next day', () => {
    const profile = life(18);
    profile.identify({ timezone: 'America/New_York' });
    expect(say(profile, 2)).toEqual(['sent', 'budget']);
    profile.consent('sms', true, { purpose: 'marketing_night' });
    profile.advanceTo(Date.parse('2026-12-01T23:59:59+09:00'));
    expect(say(profile, 1)).toEqual(['budget']);
    profile.advance('1s');
    expect(say(profile, 2)).toEqual(['sent', 'budget']);
  });

  test('of another currency than the cost’s is not spent', () => {
    expect(say(life(1, {}, [priced('sms', 18, 'USD')]), 2)).toEqual(['sent', 'sent']);
    expect(say(life(1, {}, [priced('sms', 18, 'USD')], 'USD'), 1)).toEqual(['budget']);
  });

  test('is not spent by who is held out', () => {
    const trigger = aTrigger({
      experiment: { holdout: 1 },
      steps: [send({ channels: ['sms'] })],
      budget: { perUserPerDay: 18 },
    });
    const profile = new VirtualProfile({
      config: aConfig({ triggers: [trigger], channels: [priced('sms', 18)] }),
    });
    profile.consent('sms');
    expect(say(profile, 3)).toEqual(['held_out', 'held_out', 'held_out']);
  });
});

describe('the cheapest', () => {
  const channels: Channel[] = ['sms', 'push', 'email'];
  const sent = (profile: VirtualProfile) => {
    profile.track('Hello');
    return profile.outbox().map(({ channel }) => channel);
  };

  test('is the reachable channel of the least cost', () => {
    const prices = [priced('sms', 18), priced('push', 1), priced('email', 2)];
    const profile = life(1_000, { channels, mode: 'cheapest' }, prices);
    expect(sent(profile)).toEqual(['push']);
    profile.advance('1s');
    profile.consent('push', false);
    expect(sent(profile)).toEqual(['push', 'email']);
  });

  test('is free where no cost is named, and of equal ones the first', () => {
    expect(sent(life(1_000, { channels, mode: 'cheapest' }, [priced('sms', 18), priced('push', 1)]))).toEqual(
      ['email'],
    );
    expect(sent(life(1_000, { channels: ['email', 'push'], mode: 'cheapest' }, []))).toEqual(['email']);
  });
});
