/** Sends that wait until a cap has room again, or their surface is free. */
import { describe, expect, test } from 'vitest';
import type { CapRule } from '../documents.ts';
import { aConfig, aTrigger, type Published, send } from '../testing/builders.ts';
import { reasonOf, traceOf, VirtualProfile } from '../testing/virtual-profile.ts';
import type { Trigger } from '../trigger.ts';

const seoul = (clock: string, day = '2026-12-01') => Date.parse(`${day}T${clock}+09:00`);
const pushing = (changes: Parameters<typeof aTrigger>[0] = {}) =>
  aTrigger({ steps: [send({ channels: ['push'] })], ...changes });

/** At 22:00 in Seoul, with consent to pushes but not to the night. */
function night(triggers: Trigger[] = [pushing()], rest: Published = {}, clock = '22:00:00') {
  const profile = new VirtualProfile({ config: aConfig({ triggers, ...rest }), at: seoul(clock) });
  profile.consent('push');
  return profile;
}
const capped = (...rules: CapRule[]) => ({ policies: { caps: { id: 'caps' as const, rules } } });

describe('ifCapped: wait', () => {
  const waiting = pushing({ delivery: { ifCapped: 'wait' } });
  const day = (window: CapRule['window'], triggers = [waiting]) =>
    night(triggers, capped({ count: 1, window }), '12:00:00');
  const sentAt = (profile: VirtualProfile) =>
    profile.state.log.get('hello\n')?.sent?.recent.map(([at]) => new Date(at).toISOString());

  test.each<[string, CapRule['window'], string]>([
    ['a rolling day', { last: '1d' }, '2026-12-02T03:00:00.000Z'],
    ['a calendar day', { calendar: 'day' }, '2026-12-01T15:00:00.000Z'],
    ['three calendar days', { calendar: 'day', count: 3 }, '2026-12-03T15:00:00.000Z'],
    ['a calendar week', { calendar: 'week' }, '2026-12-06T15:00:00.000Z'],
    ['a calendar month', { calendar: 'month' }, '2026-12-31T15:00:00.000Z'],
  ])('over %s sends when there is room again, and is woken once', (_name, window, expected) => {
    const profile = day(window);
    profile.consent('push', true, { purpose: 'marketing_night' });
    profile.track('Hello');
    profile.dispatch();
    expect(traceOf(profile.track('Hello'))).toMatchObject({
      reason: 'frequency_capped',
      values: { until: expected },
    });
    const before = profile.trace.length;
    profile.advance('40d');
    expect(sentAt(profile)?.[1]).toBe(expected);
    expect(profile.trace.slice(before).map(({ reason }) => reason)).toEqual(['sent']);
  });

  test('over the workspace’s days reckons with its zone', () => {
    const profile = day({ calendar: 'day', tz: 'workspace' });
    profile.identify({ timezone: 'America/New_York' });
    profile.track('Hello');
    expect(traceOf(profile.track('Hello'))?.values).toMatchObject({ until: '2026-12-01T15:00:00.000Z' });
  });

  test('is outranked and waits, and is released to the night’s end', () => {
    const high = pushing({ id: 'high', priority: 90 });
    const profile = day({ last: '10h' }, [waiting, high]);
    const decision = profile.track('Hello');
    expect(traceOf(decision)).toMatchObject({ reason: 'outranked', values: { winner: 'high' } });
    profile.advance('10h');
    expect(reasonOf(profile)).toBe('no_night_consent');
    profile.advance('1d');
    expect(sentAt(profile)).toEqual(['2026-12-01T23:00:00.000Z']);
  });
});

describe('ifBusy: queue', () => {
  const queueing = aTrigger({ delivery: { ifBusy: 'queue' } });
  function busy(triggers = [queueing]) {
    const profile = new VirtualProfile({ config: aConfig({ triggers }) });
    profile.track('Hello');
    const [first] = profile.next();
    return { profile, first: first?.id ?? '' };
  }

  test('waits its turn, and is released by the acknowledgement', () => {
    const { profile, first } = busy();
    expect(reasonOf(profile.track('Hello'))).toBe('surface_busy');
    expect(profile.inbox()).toHaveLength(1);
    const decision = profile.ack('Viewed', first);
    expect(reasonOf(decision)).toBe('sent');
    expect(profile.next().map(({ id }) => id)).not.toContain(first);
  });

  test('is released when 30 s have passed', () => {
    const { profile } = busy();
    profile.track('Hello');
    profile.advance('29s');
    expect(profile.sends()).toBe(1);
    profile.advance('1s');
    expect(profile.sends()).toBe(2);
  });

  test('waits until it expires: its time doesn’t stand still', () => {
    const { profile } = busy();
    profile.track('Hello');
    const reachedAt = profile.now;
    for (let i = 0; i < 70; i++) {
      profile.next();
      profile.advance('29s');
      profile.track('Hello');
      profile.next();
    }
    const late = profile.inbox().filter(({ createdAt }) => createdAt > reachedAt);
    for (const message of late) expect(message.expiresAt).toBeGreaterThan(profile.now - 30 * 60_000);
    expect(profile.trace.map(({ reason }) => reason)).toContain('surface_busy');
  });

  test('expires by the time at which it began to wait', () => {
    const { profile } = busy();
    profile.track('Hello');
    const reachedAt = profile.now;
    profile.advance('30s');
    expect(profile.inbox().at(-1)?.expiresAt).toBe(reachedAt + 30 * 60_000);
  });

  test('goes to the best of those that wait', () => {
    const low = aTrigger({
      id: 'low',
      priority: 10,
      delivery: { ifBusy: 'queue' },
      entry: { on: [{ event: 'More' }] },
    });
    const high = aTrigger({
      id: 'high',
      priority: 90,
      delivery: { ifBusy: 'queue' },
      entry: { on: [{ event: 'More' }] },
    });
    const { profile, first } = busy([queueing, low, high]);
    profile.track('More');
    profile.ack('Dismissed', first);
    expect(profile.inbox().map(({ trigger }) => trigger)).toEqual(['high']);
    profile.advance('30s');
    expect(profile.inbox().map(({ trigger }) => trigger)).toEqual(['high', 'low']);
  });
});
