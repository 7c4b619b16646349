/** What a law asks of whoever keeps consents: told within 14 days, confirmed every two years. By `demo/consent-notices.json`. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { composeContent } from '../../../src/engine/send/compose-content.ts';
import {
  consentDuty,
  isLapsed,
  renewalOf,
  resultDueAt,
} from '../../../src/engine/send/law/consent-duties.ts';
import { aConfig, aTemplate, aTrigger, send } from '../../../src/engine/testing/builders.ts';
import { VirtualProfile } from '../../../src/engine/testing/virtual-profile.ts';
import { SENDER } from './lawful-life.ts';

const notices = JSON.parse(
  readFileSync(new URL('../../../demo/consent-notices.json', import.meta.url), 'utf8'),
);
const at = (day: string, clock = '12:00:00') => Date.parse(`${day}T${clock}+09:00`);

/** A shop with the ready-made notices, and pushes of its own. */
function shop(from: number, jurisdiction = 'KR') {
  const config = aConfig({
    triggers: [...notices.triggers, aTrigger({ steps: [send({ channels: ['push'] })] })],
    templates: [...notices.templates, aTemplate()],
    policies: { law: { id: 'law', jurisdiction, inApp: false, sender: SENDER } },
  });
  return new VirtualProfile({ config, at: from });
}

/** What has left since the last time: which trigger's, when it could leave, and all its words. */
function left(profile: VirtualProfile) {
  return profile.dispatch().map((message) => {
    const template = profile.config.templates.get(message.template.id);
    const composed = template && composeContent(message, template.document, profile.config);
    const text = composed?.kind === 'composed' ? JSON.stringify(composed.content) : '';
    return { trigger: message.trigger, at: message.createdAt, text };
  });
}
const triggersOf = (sent: ReturnType<typeof left>) => sent.map(({ trigger }) => trigger);

describe('the result of a consent', () => {
  const duty = consentDuty('KR', 'marketing');
  if (!duty) throw new Error('no duty');
  const DAY = 86_400_000;

  test('[KR-RESULT-14-DAYS]', () => {
    const said = at('2026-12-01', '22:30:00');
    expect(resultDueAt(duty, said)).toBe(said + 14 * DAY);
    for (const granted of [true, false]) {
      const profile = shop(said);
      profile.consent('push', granted);
      const [notice, ...more] = left(profile);
      expect([notice?.trigger, more]).toEqual([granted ? 'consent-given' : 'consent-withdrawn', []]);
      expect(notice?.at).toBeLessThanOrEqual(resultDueAt(duty, said));
    }
  });

  test('[KR-RESULT-CONTENT]', () => {
    const profile = shop(at('2026-12-01'));
    profile.consent('push');
    const [given] = left(profile);
    for (const part of ['온결서점', '2026년 12월 1일', 'push', '수신동의', '처리되었습니다'])
      expect(given?.text).toContain(part);
    profile.advance('3d');
    profile.consent('push', false);
    const [withdrawn] = left(profile);
    for (const part of ['온결서점', '2026년 12월 4일', '수신거부', '처리되었습니다'])
      expect(withdrawn?.text).toContain(part);
  });

  test('[KR-RESULT-NIGHT]', () => {
    const profile = shop(at('2026-12-01'));
    profile.consent('push', true, { purpose: 'marketing_night' });
    expect(triggersOf(left(profile))).toEqual(['consent-given']);
    profile.consent('push', true, { purpose: 'location' });
    expect(left(profile)).toEqual([]);
  });

  test('[KR-RESULT-PROVIDER]', () => {
    const profile = shop(at('2026-12-01'));
    profile.consent('push');
    left(profile);
    profile.track('Hello');
    const id = profile.outbox()[0]?.messageId ?? '';
    profile.claim(id);
    profile.settle(id, { kind: 'failed', revokeConsent: true });
    const [notice, ...more] = left(profile);
    expect([notice?.trigger, more]).toEqual(['consent-withdrawn', []]);
    for (const part of ['온결서점', '2026년 12월 1일', 'push', '수신거부'])
      expect(notice?.text).toContain(part);
  });
});

describe('the renewal of a consent', () => {
  const duty = consentDuty('KR', 'marketing');
  if (!duty) throw new Error('no duty');

  test.each([
    ['[KR-RENEWAL-DUE]', '2024-11-22', '2026-11-21'],
    ['[KR-RENEWAL-LEAP-DAY]', '2024-02-29', '2026-02-28'],
  ])('%s', (_, given, lastDay) => {
    const renewal = renewalOf(duty, at(given), 0, at(given));
    expect(renewal.lastDay).toBe(lastDay);
    expect(renewal.lapsesAt).toBe(at(lastDay, '24:00:00'));
    expect(renewal.askAt).toBeLessThan(at(lastDay, '00:00:00'));
    expect(isLapsed(duty, at(given), 0, at(lastDay, '23:59:59'))).toBe(false);
    expect(isLapsed(duty, at(given), 0, at(lastDay, '24:00:00'))).toBe(true);
  });

  test('[KR-RENEWAL-AGAIN]', () => {
    const given = at('2024-02-29');
    const first = renewalOf(duty, given, 0, given);
    const second = renewalOf(duty, given, first.lapsesAt, first.lapsesAt);
    expect(second.lastDay).toBe('2028-02-28');
    expect(renewalOf(duty, given, second.lapsesAt, second.lapsesAt).lastDay).toBe('2030-02-28');
    expect(isLapsed(duty, given, first.lapsesAt, second.lapsesAt - 1)).toBe(false);
    expect(isLapsed(duty, given, first.lapsesAt, second.lapsesAt)).toBe(true);
  });

  test('[KR-RENEWAL-SEOUL]', () => {
    const given = Date.parse('2024-11-21T15:00:00Z');
    expect(renewalOf(duty, given, 0, given).lastDay).toBe('2026-11-21');
    expect(renewalOf(duty, given - 1, 0, given).lastDay).toBe('2026-11-20');
  });

  /** Two years with the shop, the second consent four days younger. */
  function aged(jurisdiction?: string) {
    const profile = shop(at('2024-11-22'), jurisdiction);
    profile.consent('push');
    profile.advance('4d');
    profile.consent('email');
    left(profile);
    return profile;
  }
  const hello = (profile: VirtualProfile) => {
    profile.track('Hello');
    return profile.trace.findLast(({ id }) => id === 'hello')?.reason;
  };

  test('[KR-RENEWAL-CONTENT] of all that fall due together, once', () => {
    const profile = aged();
    profile.advanceTo(at('2026-10-23', '09:59:59'));
    expect(left(profile)).toEqual([]);
    profile.advanceTo(at('2026-10-23', '10:00:00'));
    const [notice, ...more] = left(profile);
    expect([notice?.trigger, more]).toEqual(['consent-renewal', []]);
    for (const part of [
      '온결서점',
      'push marketing 2024-11-22',
      'email marketing 2024-11-26',
      '철회',
      '계속',
    ]) {
      expect(notice?.text).toContain(part);
    }
    profile.advanceTo(at('2028-10-22', '09:59:59'));
    expect(left(profile)).toEqual([]);
    profile.advanceTo(at('2028-10-23', '10:00:00'));
    expect(triggersOf(left(profile))).toEqual(['consent-renewal']);
  });

  test('[KR-RENEWAL-SILENCE]', () => {
    const profile = aged();
    profile.advanceTo(at('2026-10-23'));
    left(profile);
    profile.advanceTo(at('2027-01-05'));
    expect(hello(profile)).toBe('sent');
  });

  test('[KR-RENEWAL-MISSED] asked each week in vain, it ends with its last day', () => {
    const profile = aged();
    const asked: string[] = [];
    for (let day = at('2026-10-22'); day < at('2027-03-01'); day += 86_400_000) {
      profile.advanceTo(day);
      for (const { messageId, trigger } of profile.outbox()) {
        profile.claim(messageId);
        profile.settle(messageId, { kind: 'failed' });
        if (trigger === 'consent-renewal') asked.push(new Date(day).toISOString().slice(0, 10));
      }
      if (day === at('2026-11-21')) expect(hello(profile)).toBe('sent');
      if (day === at('2026-11-22')) expect(hello(profile)).toBe('no_consent');
    }
    expect(asked).toEqual([
      '2026-10-23',
      '2026-10-30',
      '2026-11-06',
      '2026-11-13',
      '2026-11-20',
      '2026-11-24',
    ]);
  });

  test('[KR-RENEWAL-LATE]', () => {
    const old = shop(at('2026-12-01'));
    old.consent('push', true, { timestamp: at('2023-05-05') });
    expect(hello(old)).toBe('no_consent');
    old.advance('1s');
    expect(triggersOf(left(old))).toEqual(['consent-renewal']);
    expect(hello(old)).toBe('sent');
    expect(triggersOf(left(old))).toEqual(['hello']);
    old.advanceTo(at('2027-04-04'));
    expect(left(old)).toEqual([]);
    old.advanceTo(at('2027-04-05'));
    expect(triggersOf(left(old))).toEqual(['consent-renewal']);
  });

  test('[KR-RENEWAL-ELSEWHERE]', () => {
    const profile = aged('US');
    profile.advanceTo(at('2029-01-05'));
    expect(left(profile)).toEqual([]);
    expect(hello(profile)).toBe('sent');
  });

  test('given anew, a consent begins anew', () => {
    const profile = aged();
    profile.advanceTo(at('2026-06-01'));
    profile.consent('push');
    profile.consent('email', false);
    left(profile);
    profile.advanceTo(at('2028-04-30'));
    expect(left(profile)).toEqual([]);
    expect(hello(profile)).toBe('sent');
  });
});
