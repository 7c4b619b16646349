/** What an advertisement must look like when it leaves, and which triggers may not go live at all. */
import { describe, expect, test } from 'vitest';
import { checkTriggerReferences } from '../../../src/engine/checks/check-references.ts';
import type { LawPolicy } from '../../../src/engine/documents.ts';
import { composeContent } from '../../../src/engine/send/compose-content.ts';
import { eucKrBytes } from '../../../src/engine/send/euc-kr.ts';
import { aTemplate, aTrigger, send } from '../../../src/engine/testing/builders.ts';
import { CHANNELS, type Channel } from '../../../src/engine/trigger.ts';
import type { JsonObject } from '../../../src/engine/vocabulary.ts';
import { type Lived, lawfulLife, SENDER } from './lawful-life.ts';

const NOON = '2026-12-01T12:00:00+09:00';

/** As a provider would get it. */
function leaves(channel: Channel, lived: Partial<Lived> = {}): JsonObject {
  const profile = lawfulLife({ at: NOON, channel, ...lived });
  profile.track('Hello');
  const [message] = profile.dispatch();
  const template = profile.config.templates.get('hello');
  if (!message || !template) throw new Error(`nothing left: ${JSON.stringify(profile.trace.at(-1))}`);
  const composed = composeContent(message, template.document, profile.config);
  if (composed.kind === 'refused') throw new Error(composed.path);
  return { ...composed.content, channel: message.channel };
}

test('[KR-LABEL-SMS]', () => {
  expect(leaves('sms').text).toBe('(광고)은빛공방 02-1234-5678\nHello\n무료수신거부 080-123-4567');
});

test('[KR-LABEL-SMS-FREE] and takes the author’s own words for it', () => {
  expect(String(leaves('sms').text).split('\n').at(-1)).toMatch(/^무료(수신)?거부 080/);
  const own = 'Hello\n무료거부 0801234567';
  expect(leaves('sms', { body: own }).text).toBe(`(광고)은빛공방 02-1234-5678\n${own}`);
});

test('[KR-LABEL-LMS]', () => {
  const body = '가'.repeat(60);
  expect(leaves('lms', { body }).text).toBe(
    `(광고)은빛공방 02-1234-5678\n${body}\n무료수신거부 080-123-4567`,
  );
});

test('[KR-LABEL-PUSH-TITLE]', () => {
  expect(leaves('push')).toMatchObject({
    title: '(광고) Title',
    body: 'Hello\n은빛공방 02-1234-5678\n수신거부: 설정 > 알림 설정',
  });
});

/** A template whose pushes have this content. */
function pushed(push: JsonObject): JsonObject {
  const profile = lawfulLife({ at: NOON });
  profile.track('Hello');
  const [message] = profile.dispatch();
  if (!message) throw new Error('nothing left');
  const template = aTemplate({ locales: { ko: { push } } });
  const composed = composeContent(message, template, profile.config);
  if (composed.kind === 'refused') throw new Error(composed.path);
  return composed.content;
}

test('[KR-LABEL-PUSH-BODY]', () => {
  const { title, body } = pushed({ body: '실반지' });
  expect(title).toBeUndefined();
  expect(body).toBe('(광고) 실반지\n은빛공방 02-1234-5678\n수신거부: 설정 > 알림 설정');
});

test('[KR-LABEL-WEB-PUSH]', () => {
  const { title, body } = leaves('push');
  expect(leaves('web_push')).toMatchObject({ title, body });
});

test('[KR-LABEL-LINE]', () => {
  expect(leaves('line').text).toBe('(광고) Hello\n은빛공방 02-1234-5678\n수신거부: 대화방 메뉴 > 차단');
});

test('[KR-LABEL-KAKAO]', () => {
  expect(leaves('kakao_brand').text).toBe('Hello');
});

test('[KR-LABEL-EMAIL-SUBJECT]', () => {
  expect(leaves('email').subject).toBe('(광고) Subject');
});

test('[KR-LABEL-ONCE]', () => {
  const own = { title: '(광고) 소식', body: '실반지 은빛공방 02-1234-5678 수신거부: 앱 설정' };
  expect(pushed(own)).toMatchObject(own);
});

test('[KR-LABEL-NFC]', () => {
  const { title } = pushed({ title: '(광고) 소식'.normalize('NFD'), body: '실반지' });
  expect([...String(title)].slice(0, 4).map((one) => one.codePointAt(0))).toEqual([
    0x28, 0xad11, 0xace0, 0x29,
  ]);
});

test('[KR-LABEL-BYTES]', () => {
  const added = eucKrBytes(String(leaves('sms', { body: 'x' }).text)) - 1;
  const fits = 'x'.repeat(90 - added);
  expect(leaves('sms', { body: fits }).channel).toBe('sms');
  expect(leaves('sms', { body: `${fits}x` }).channel).toBe('lms');
});

test('[KR-LABEL-TRANSACTIONAL]', () => {
  expect(leaves('sms', { category: 'transactional' }).text).toBe('Hello');
  expect(leaves('push', { category: 'transactional' })).toMatchObject({ title: 'Title', body: 'Hello' });
});

test('[KR-LABEL-IN-APP]', () => {
  const profile = lawfulLife({ at: NOON, channel: 'in_app' });
  profile.track('Hello');
  expect(profile.next()[0]?.content).toMatchObject({ title: 'Title', body: 'Hello' });
});

/** What keeps a marketing trigger on this channel from going live. */
function objections(
  channel: Channel,
  {
    law = {},
    texts,
    informational = [],
  }: { law?: Partial<LawPolicy>; texts?: JsonObject; informational?: Channel[] },
): string[] {
  const template = texts ? aTemplate({ locales: { ko: { [channel]: texts } } }) : aTemplate();
  const { issues } = checkTriggerReferences(aTrigger({ steps: [send({ channels: [channel] })] }), {
    triggers: new Set(['hello']),
    publicUrl: 'https://edge.example.com',
    templates: new Map([['hello', template]]),
    segments: new Map(),
    lookups: new Map(),
    channels: new Set(CHANNELS),
    informational: new Set(informational),
    law: { id: 'law', jurisdiction: 'KR', inApp: false, sender: SENDER, ...law },
  });
  return issues.map(({ message }) => message);
}

test('[KR-ALIMTALK-AD]', () => {
  expect(objections('kakao_info', {})).toEqual([expect.stringContaining('Alimtalk carries no advertising')]);
});

test('[KR-PROVIDER-INFORMATIONAL]', () => {
  expect(objections('email', { informational: ['email'] })).toEqual([
    expect.stringContaining('takes no advertising'),
  ]);
});

test('[KR-LABEL-SENDER] on each medium that needs it', () => {
  const needed: [Channel, (keyof typeof SENDER)[]][] = [
    ['push', ['name']],
    ['web_push', ['name']],
    ['email', ['name', 'phone', 'address']],
    ['sms', ['name', 'optOut080']],
    ['lms', ['name', 'optOut080']],
    ['kakao_brand', ['name', 'optOut080']],
    ['line', ['name']],
    ['whatsapp', ['name']],
  ];
  for (const [channel, fields] of needed) {
    expect(objections(channel, {}), channel).toEqual([]);
    for (const field of fields) {
      const { [field]: _, ...sender } = SENDER;
      expect(objections(channel, { law: { sender } }), channel).toEqual([
        expect.stringContaining(`sender.${field}`),
      ]);
    }
  }
  const { phone: _phone, address: _address, ...anonymous } = SENDER;
  expect(objections('push', { law: { sender: anonymous } })).toHaveLength(1);
});

test('[US-EMAIL-ADDRESS]', () => {
  const { address: _, ...sender } = SENDER;
  expect(objections('email', { law: { jurisdiction: 'US', sender } })).toEqual([
    expect.stringContaining('sender.address'),
  ]);
  expect(objections('email', { law: { jurisdiction: 'US' } })).toEqual([]);
});

describe('what looks like the mark', () => {
  test.each([
    ['[KR-MARK-SPACE]', '(광 고) 소식'],
    ['[KR-MARK-SLASH]', '(광/고) 소식'],
    ['[KR-MARK-DOT]', '(광.고) 소식'],
    ['[KR-MARK-BRACKETS]', '[광고] 소식'],
    ['[KR-MARK-QUOTES]', '("광고") 소식'],
    ['[KR-MARK-STAR]', '*광고 소식'],
    ['[KR-MARK-LOAN]', '(대출광고) 소식'],
    ['[KR-MARK-HALF]', '광고) 소식'],
    ['[KR-MARK-FULL-WIDTH]', '（광고） 소식'],
    ['[KR-MARK-ZERO-WIDTH]', '(광\u200b고) 소식'],
  ])('%s keeps a trigger from going live, and is not taken for it', (_, title) => {
    const wrong = [expect.stringContaining("in a form that isn't lawful")];
    expect(objections('push', { texts: { title, body: '실반지' } })).toEqual(wrong);
    expect(objections('sms', { texts: { text: title } })).toEqual(wrong);
    expect(objections('line', { texts: { text: title } })).toEqual(wrong);
    expect(pushed({ title, body: '실반지' }).title).toBe(`(광고) ${title}`);
  });
});
