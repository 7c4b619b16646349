/** Consent and hours: what becomes of a message that falls due at an instant, and of one that a dispatcher claims later. */
import { describe, expect, test } from 'vitest';
import type { Channel } from '../../../src/engine/trigger.ts';
import { held, type Lived, lawfulLife, NO_CONSENT, SENT, type Verdict, verdictAt } from './lawful-life.ts';

const NOON = '2026-12-01T12:00:00+09:00';
const MORNING = '2026-12-02T08:00:00+09:00';
const night = (until = MORNING) => held('no_night_consent', until);
const kakao = { channel: 'kakao_brand', consents: ['kakao', 'kakao|marketing_night'] } as const;
const text = { channel: 'sms', jurisdiction: 'US', zone: 'America/New_York' } as const;
const LEAVING: Channel[] = ['push', 'web_push', 'email', 'sms', 'lms', 'kakao_brand', 'line', 'whatsapp'];
const RESTRICTED = LEAVING.filter((channel) => channel !== 'email' && channel !== 'kakao_brand');

test.each<[string, Omit<Lived, 'consents'> & { consents?: readonly string[] }, Verdict]>([
  ['[KR-CONSENT-TRANSACTIONAL]', { at: NOON, category: 'transactional', consents: [] }, SENT],
  ['[KR-NIGHT-205959]', { at: '2026-12-01T20:59:59+09:00' }, SENT],
  ['[KR-NIGHT-210000]', { at: '2026-12-01T21:00:00+09:00' }, night()],
  ['[KR-NIGHT-075959]', { at: '2026-12-02T07:59:59+09:00' }, night()],
  ['[KR-NIGHT-080000]', { at: '2026-12-02T08:00:00+09:00' }, SENT],
  [
    '[KR-NIGHT-CONSENT]',
    { at: '2026-12-01T23:00:00+09:00', consents: ['push', 'push|marketing_night'] },
    SENT,
  ],
  [
    '[KR-NIGHT-CONSENT-ALONE]',
    { at: '2026-12-01T23:00:00+09:00', consents: ['push|marketing_night'] },
    NO_CONSENT,
  ],
  ['[KR-NIGHT-EMAIL]', { at: '2026-12-01T23:00:00+09:00', channel: 'email' }, SENT],
  ['[KR-NIGHT-TRANSACTIONAL]', { at: '2026-12-01T03:00:00+09:00', category: 'transactional' }, SENT],
  ['[KR-NIGHT-ABROAD]', { at: '2026-12-01T21:00:00+09:00', zone: 'Europe/London' }, night()],
  ['[KR-NIGHT-ABROAD-DAY]', { at: NOON, zone: 'America/New_York' }, SENT],
  ['[KR-KAKAO-204959]', { at: '2026-12-01T20:49:59+09:00', ...kakao }, SENT],
  ['[KR-KAKAO-205000]', { at: '2026-12-01T20:50:00+09:00', ...kakao }, held('legal_hold', MORNING)],
  ['[KR-KAKAO-075959]', { at: '2026-12-02T07:59:59+09:00', ...kakao }, held('legal_hold', MORNING)],
  ['[KR-KAKAO-080000]', { at: '2026-12-02T08:00:00+09:00', ...kakao }, SENT],
  ['[KR-KAKAO-CONSENT]', { at: NOON, channel: 'kakao_brand', consents: ['sms', 'push'] }, NO_CONSENT],
  [
    '[KR-ALIMTALK-NIGHT]',
    { at: '2026-12-01T03:00:00+09:00', channel: 'kakao_info', category: 'transactional' },
    SENT,
  ],
  ['[US-TEXT-205959]', { at: '2026-12-01T20:59:59-05:00', ...text }, SENT],
  [
    '[US-TEXT-210000]',
    { at: '2026-12-01T21:00:00-05:00', ...text },
    held('legal_hold', '2026-12-02T08:00:00-05:00'),
  ],
  [
    '[US-TEXT-075959]',
    { at: '2026-12-02T07:59:59-05:00', ...text },
    held('legal_hold', '2026-12-02T08:00:00-05:00'),
  ],
  ['[US-TEXT-080000]', { at: '2026-12-02T08:00:00-05:00', ...text }, SENT],
  [
    '[US-TEXT-CONSENT]',
    { at: '2026-12-01T21:00:00-05:00', ...text, consents: ['sms', 'sms|marketing_night'] },
    held('legal_hold', '2026-12-02T08:00:00-05:00'),
  ],
  ['[US-EMAIL-HOURS]', { at: '2026-12-01T23:00:00-05:00', ...text, channel: 'email' }, SENT],
  ['[US-PUSH-HOURS]', { at: '2026-12-01T23:00:00-05:00', ...text, channel: 'push' }, SENT],
])('%s %j', (_, lived, verdict) => {
  expect(verdictAt(lived as Lived)).toEqual(verdict);
});

test('[KR-CONSENT-NONE] on every medium', () => {
  for (const channel of LEAVING)
    expect(verdictAt({ at: NOON, channel, consents: [] }), channel).toEqual(NO_CONSENT);
});

test('[KR-CONSENT-EACH]', () => {
  const covered: [string, Channel[]][] = [
    ['push', ['push']],
    ['web_push', ['web_push']],
    ['email', ['email']],
    ['sms', ['sms', 'lms']],
    ['kakao', ['kakao_brand']],
    ['line', ['line']],
    ['whatsapp', ['whatsapp']],
  ];
  for (const [consent, channels] of covered) {
    for (const channel of LEAVING) {
      const verdict = verdictAt({ at: NOON, channel, consents: [consent] });
      expect(verdict, `${consent} for ${channel}`).toEqual(channels.includes(channel) ? SENT : NO_CONSENT);
    }
  }
});

test('[KR-CONSENT-PUSH-PERMISSION]', () => {
  const profile = lawfulLife({ at: NOON, consents: [] });
  profile.track('$device', { id: 'd1', type: 'fcm', token: 'token', platform: 'android' });
  profile.track('Hello');
  expect(profile.outbox()).toEqual([]);
  expect(profile.trace.at(-1)?.reason).toBe('no_consent');
});

test('[KR-CONSENT-PURCHASE]', () => {
  const profile = lawfulLife({ at: NOON, consents: [] });
  profile.track('Order Completed', { order_id: 'o1', revenue: 68_000 });
  profile.track('Hello');
  expect(profile.trace.at(-1)?.reason).toBe('no_consent');
});

test('[KR-CONSENT-WITHDRAWN] between the queue and the claim', () => {
  const profile = lawfulLife({ at: NOON });
  profile.track('Hello');
  const id = profile.outbox()[0]?.messageId ?? '';
  profile.advance('1s');
  profile.consent('push', false);
  expect(profile.claim(id)).toEqual({ kind: 'gone', reason: 'no_consent' });
  expect(profile.outbox()).toEqual([]);
  profile.track('Hello');
  expect(profile.trace.at(-1)?.reason).toBe('no_consent');
});

test('[KR-CONSENT-REFUSAL-WINS]', () => {
  const profile = lawfulLife({ at: NOON, consents: [] });
  for (const granted of [false, true]) profile.consent('push', granted, { timestamp: profile.now });
  profile.track('Hello');
  expect(profile.trace.at(-1)?.reason).toBe('no_consent');
});

describe('who told the provider to stop', () => {
  const stopped = (lived: Lived) => {
    const profile = lawfulLife(lived);
    profile.track('Hello');
    const id = profile.outbox()[0]?.messageId ?? '';
    profile.claim(id);
    profile.settle(id, { kind: 'failed', revokeConsent: true });
    profile.advance('1s');
    profile.track('Hello');
    return profile.trace.at(-1)?.reason;
  };
  test('[KR-CONSENT-PROVIDER]', () => {
    expect(stopped({ at: NOON, channel: 'kakao_brand' })).toBe('no_consent');
  });
  test('[US-TEXT-STOP]', () => {
    expect(stopped({ ...text, at: '2026-12-01T12:00:00-05:00' })).toBe('no_consent');
  });
});

test('[KR-CONSENT-IN-APP]', () => {
  for (const channel of ['in_app', 'card'] as const) {
    expect(verdictAt({ at: NOON, channel, consents: [] })).toEqual(SENT);
    expect(verdictAt({ at: NOON, channel, consents: [], inApp: true })).toEqual(NO_CONSENT);
    expect(verdictAt({ at: NOON, channel, consents: ['in_app'], inApp: true })).toEqual(SENT);
  }
});

test('[KR-NIGHT-MEDIA]', () => {
  for (const channel of RESTRICTED) {
    expect(verdictAt({ at: '2026-12-01T21:00:00+09:00', channel }), channel).toEqual(night());
  }
});

/** Decided when `lived` says so, claimed at that later instant. */
function claimedAt(lived: Lived, at: string, meanwhile?: (profile: ReturnType<typeof lawfulLife>) => void) {
  const profile = lawfulLife(lived);
  profile.track('Hello');
  const id = profile.outbox()[0]?.messageId ?? '';
  meanwhile?.(profile);
  profile.now = Date.parse(at);
  const claim = profile.claim(id);
  const entry = profile.state.outbox.get(id);
  return { claim, againAt: entry && new Date(entry.retryAt).toISOString() };
}

test('[KR-NIGHT-DISPATCH]', () => {
  const decided = { at: '2026-12-01T20:59:59+09:00' };
  expect(claimedAt(decided, '2026-12-01T20:59:59.999+09:00').claim.kind).toBe('claimed');
  expect(claimedAt(decided, '2026-12-01T21:00:00+09:00')).toEqual({
    claim: { kind: 'gone', reason: 'no_night_consent' },
    againAt: new Date(MORNING).toISOString(),
  });
});

test('[KR-NIGHT-DISPATCH-CONSENT]', () => {
  const decided = { at: '2026-12-01T22:00:00+09:00', consents: ['push', 'push|marketing_night'] };
  const later = '2026-12-01T22:00:05+09:00';
  expect(claimedAt(decided, later).claim.kind).toBe('claimed');
  const withdraw = (profile: ReturnType<typeof lawfulLife>) => {
    profile.now += 1_000;
    profile.consent('push', false, { purpose: 'marketing_night' });
  };
  expect(claimedAt(decided, later, withdraw)).toEqual({
    claim: { kind: 'gone', reason: 'no_night_consent' },
    againAt: new Date(MORNING).toISOString(),
  });
});

test('[US-TEXT-SPRING]', () => {
  // New York stands at -05:00 until 02:00 of that night, at -04:00 from then on.
  expect(verdictAt({ ...text, at: '2026-03-07T20:59:59-05:00' })).toEqual(SENT);
  const until = '2026-03-08T08:00:00-04:00';
  expect(verdictAt({ ...text, at: '2026-03-07T21:00:00-05:00' })).toEqual(held('legal_hold', until));
  expect(verdictAt({ ...text, at: '2026-03-08T07:59:59-04:00' })).toEqual(held('legal_hold', until));
  expect(verdictAt({ ...text, at: until })).toEqual(SENT);
  expect(verdictAt({ ...text, at: '2026-03-08T20:59:59-04:00' })).toEqual(SENT);
  expect(verdictAt({ ...text, at: '2026-03-08T21:00:00-04:00' }).reason).toBe('legal_hold');
});

test('[US-TEXT-AUTUMN]', () => {
  expect(verdictAt({ ...text, at: '2026-10-31T20:59:59-04:00' })).toEqual(SENT);
  const until = '2026-11-01T08:00:00-05:00';
  expect(verdictAt({ ...text, at: '2026-10-31T21:00:00-04:00' })).toEqual(held('legal_hold', until));
  expect(verdictAt({ ...text, at: '2026-11-01T07:59:59-05:00' })).toEqual(held('legal_hold', until));
  expect(verdictAt({ ...text, at: until })).toEqual(SENT);
  expect(verdictAt({ ...text, at: '2026-11-01T21:00:00-05:00' }).reason).toBe('legal_hold');
});

describe('a recipient whose zone nobody has told', () => {
  const unknown = { channel: 'sms', jurisdiction: 'US' } as const;
  // It is 08:00 in Pago Pago (UTC-11) at 19:00, in Guam (UTC+10) at 22:00; in Guam again 11:00, in Puerto Rico 21:00 at 01:00.
  const OPEN_AT = '2026-12-01T22:00:00Z';
  test('[US-TEXT-UNKNOWN]', () => {
    expect(verdictAt({ ...unknown, at: '2026-12-01T21:59:59Z' })).toEqual(held('legal_hold', OPEN_AT));
    expect(verdictAt({ ...unknown, at: OPEN_AT })).toEqual(SENT);
    expect(verdictAt({ ...unknown, at: '2026-12-02T00:59:59Z' })).toEqual(SENT);
    const closed = verdictAt({ ...unknown, at: '2026-12-02T01:00:00Z' });
    expect(closed).toEqual(held('legal_hold', '2026-12-02T22:00:00Z'));
  });
  test('[US-TEXT-UNKNOWN-DISPATCH]', () => {
    const late = claimedAt({ ...unknown, at: '2026-12-02T00:59:59Z' }, '2026-12-02T01:00:00Z');
    expect(late).toEqual({
      claim: { kind: 'gone', reason: 'legal_hold' },
      againAt: new Date('2026-12-02T22:00:00Z').toISOString(),
    });
  });
});

test('[US-TEXT-STATE]', () => {
  const quietHours = { id: 'quiet_hours', from: '20:00', to: '08:00', tz: 'user', action: 'hold' } as const;
  const florida = { ...text, policies: { quietHours } };
  expect(verdictAt({ ...florida, at: '2026-12-01T19:59:59-05:00' })).toEqual(SENT);
  const until = '2026-12-02T08:00:00-05:00';
  expect(verdictAt({ ...florida, at: '2026-12-01T20:00:00-05:00' })).toEqual(held('quiet_hold', until));
});
