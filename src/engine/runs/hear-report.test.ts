import { describe, expect, test } from 'vitest';
import { aConfig, aTrigger, send } from '../testing/builders.ts';
import { VirtualProfile } from '../testing/virtual-profile.ts';
import type { Channel } from '../trigger.ts';
import { type ReportKind, reportEvent, type ToldReport } from './hear-report.ts';

const PHONE = '010-1234-5678';
const E164 = '+821012345678';

const transactional = { category: 'transactional', transactionalReason: 'r' } as const;

/** Somebody who has agreed to everything, and whom a message on the channel was sent to. */
function reached(channel: Channel) {
  const trigger = aTrigger({ ...transactional, steps: [send({ channels: [channel] })] });
  const hears = aTrigger({
    ...transactional,
    id: 'hears',
    entry: { on: [{ message: 'failed', trigger: trigger.id }] },
    steps: [send({ channels: ['in_app'] })],
  });
  const profile = new VirtualProfile({ config: aConfig({ triggers: [trigger, hears] }) });
  profile.identify({ phone: PHONE, email: 'Someone@example.com' });
  for (const name of ['email', 'sms', 'kakao', 'line', 'whatsapp']) profile.consent(name);
  profile.track('Hello');
  const id = profile.outbox().at(-1)?.messageId ?? '';
  profile.claim(id);
  profile.settle(id);
  profile.advance('1m');
  return { profile, id };
}

let reports = 0;
function hear(profile: VirtualProfile, kind: ReportKind, more: Partial<ToldReport> = {}) {
  reports += 1;
  const report: ToldReport = {
    ...{ provider: 'twilio', id: `r${reports}`, kind, code: '21610', at: profile.now },
    ...{ channel: 'sms', messageId: null, address: null, of: 'everything' },
    ...more,
  };
  return profile.receive(reportEvent(report, profile.state.meta.key, profile.now));
}
const heard = (profile: VirtualProfile) =>
  profile.trace.flatMap(({ id, reason }) => (id === 'hears' && reason !== 'not_matched' ? [reason] : []));
const consentTo = (profile: VirtualProfile, channel: string) =>
  profile.state.consents.get(`${channel}|marketing`)?.[0];

describe('a provider’s report of a message', () => {
  test('that did not arrive is told to triggers once, whatever else is reported of it', () => {
    const { profile, id } = reached('sms');
    hear(profile, 'failed', { messageId: id, code: '30003' });
    hear(profile, 'bounced', { messageId: id, code: '30005' });
    expect(heard(profile)).toEqual(['sent']);
    expect(hear(profile, 'failed', { messageId: 'msg_of_somebody_else' }).trace).toEqual([]);
  });

  test('told again is no second event', () => {
    const { profile, id } = reached('sms');
    const report = { id: 'same', messageId: id };
    expect(hear(profile, 'failed', report).duplicate).toBe(false);
    expect(hear(profile, 'failed', report).duplicate).toBe(true);
  });

  test.each([
    ['opened', ['message_shown']],
    ['clicked', ['message_shown', 'message_clicked']],
  ] as const)('that was %s is as good as an acknowledgement, once', (kind, facts) => {
    const { profile, id } = reached('email');
    const before = profile.facts.length;
    hear(profile, kind, { channel: 'email', messageId: id });
    hear(profile, kind, { channel: 'email', messageId: id });
    expect(profile.facts.slice(before).map((fact) => fact.kind)).toEqual(facts);
    expect(profile.facts.at(-1)?.message?.channel).toBe('email');
  });

  test('that comes before the dispatcher has said that it was sent loses neither word', () => {
    const trigger = aTrigger({ ...transactional, steps: [send({ channels: ['sms'] })] });
    const profile = new VirtualProfile({ config: aConfig({ triggers: [trigger] }) });
    profile.track('Hello');
    const id = profile.outbox()[0]?.messageId ?? '';
    profile.claim(id);
    hear(profile, 'failed', { messageId: id });
    profile.settle(id);
    expect(profile.state.settled.get(id)).toMatchObject({ failed: true });
    expect(profile.state.outbox.has(id)).toBe(false);
  });

  test('is no visit, and nothing that the user did', () => {
    const { profile, id } = reached('email');
    const { lastSeenAt, sessionCount } = profile.state.meta;
    profile.advance('2h');
    hear(profile, 'clicked', { channel: 'email', messageId: id });
    expect(profile.state.meta).toMatchObject({ lastSeenAt, sessionCount });
    expect(profile.events.map(({ name }) => name)).not.toContain('$report');
  });

  test('can’t be forged by a client', () => {
    const { profile } = reached('sms');
    const { properties } = reportEvent(
      {
        ...{ provider: 'x', id: 'x', kind: 'opted_out', code: 'x', at: 0 },
        channel: 'sms',
        messageId: null,
        address: null,
        of: 'everything',
      },
      '',
      profile.now,
    );
    profile.track('$report', properties);
    expect(consentTo(profile, 'sms')?.granted).toBe(true);
  });
});

describe('a provider’s report of a person', () => {
  test.each<[ReportKind, ToldReport['of'], boolean, boolean]>([
    // Withdrawn, suppressed.
    ['failed', 'everything', false, false],
    ['bounced', 'everything', false, true],
    ['refused', 'everything', true, true],
    ['refused', 'marketing', true, false],
    ['complained', 'everything', true, true],
    ['opted_out', 'everything', true, true],
    ['opted_out', 'marketing', true, false],
  ])('%s, of %s: consent withdrawn %s, address suppressed %s', (kind, of, isWithdrawn, isSuppressed) => {
    const { profile } = reached('sms');
    hear(profile, kind, { of, address: E164 });
    expect(consentTo(profile, 'sms')?.granted).toBe(!isWithdrawn);
    expect(profile.state.suppressions.has('sms')).toBe(isSuppressed);
    expect(consentTo(profile, 'email')?.granted).toBe(true);
  });

  test('stands in the ledger with who said it, in which words, and when', () => {
    const { profile } = reached('sms');
    const at = profile.now - 5_000;
    hear(profile, 'opted_out', { address: E164, at });
    expect(consentTo(profile, 'sms')).toEqual({
      granted: false,
      at,
      source: 'provider',
      evidence: 'twilio 21610',
    });
  });

  test('stops what was already decided for that address', () => {
    const { profile } = reached('sms');
    profile.track('Hello');
    const waiting = profile.outbox().at(-1)?.messageId ?? '';
    hear(profile, 'opted_out', { address: E164 });
    expect(profile.claim(waiting)).toEqual({ kind: 'gone', reason: 'suppressed' });
  });

  test('of an address that was replaced since is not about them', () => {
    const { profile } = reached('sms');
    profile.identify({ phone: '010-9999-0000' });
    for (const kind of ['opted_out', 'bounced'] as const) hear(profile, kind, { address: E164 });
    expect(consentTo(profile, 'sms')?.granted).toBe(true);
    expect(profile.state.suppressions.size).toBe(0);
  });

  test('of before they agreed anew changes nothing but the ledger', () => {
    const { profile } = reached('sms');
    const at = profile.now;
    profile.advance('1d');
    profile.consent('sms');
    hear(profile, 'opted_out', { address: E164, at });
    expect(consentTo(profile, 'sms')?.granted).toBe(true);
    expect(profile.state.consents.get('sms|marketing')?.map(({ granted }) => granted)).toEqual([
      true,
      false,
      true,
    ]);
    expect(profile.state.suppressions.size).toBe(0);
  });

  test.each<[Channel, string]>([
    ['kakao_info', 'kakao'],
    ['kakao_brand', 'kakao'],
    ['lms', 'sms'],
    ['whatsapp', 'whatsapp'],
  ])('on %s withdraws what is asked for as %s', (channel, consent) => {
    const { profile } = reached('sms');
    hear(profile, 'refused', { channel, address: E164, provider: 'nhn', code: '3020' });
    expect(consentTo(profile, consent)).toMatchObject({ granted: false, evidence: 'nhn 3020' });
  });

  test('told twice under two names is one entry', () => {
    const { profile } = reached('sms');
    for (const id of ['a', 'b']) hear(profile, 'opted_out', { id, address: E164 });
    expect(profile.state.consents.get('sms|marketing')?.filter(({ granted }) => !granted)).toHaveLength(1);
  });
});
