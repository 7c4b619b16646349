import { describe, expect, it } from 'vitest';
import type { LawPolicy } from '../../documents.ts';
import { labelAdvertising } from './ad-label.ts';

const law: LawPolicy = {
  id: 'law',
  jurisdiction: 'KR',
  inApp: false,
  sender: { name: '은빛공방', phone: '02-1234-5678', address: '서울 종로구 1', optOut080: '080-123-4567' },
};

describe('labelAdvertising', () => {
  it('opens a push title with the mark and closes the body with sender and refusal', () => {
    expect(
      labelAdvertising('push', { title: '가격 인하', body: '실반지 68,000원', link: '/p/1' }, law),
    ).toEqual({
      title: '(광고) 가격 인하',
      body: '실반지 68,000원\n은빛공방 02-1234-5678\n수신거부: 설정 > 알림 설정',
      link: '/p/1',
    });
  });

  it('writes nothing twice, and nothing a second time over its own result', () => {
    const once = labelAdvertising('push', { title: '가격 인하', body: '실반지' }, law);
    expect(labelAdvertising('push', once, law)).toEqual(once);
    const sms = labelAdvertising('sms', { text: '실반지 68,000원' }, law);
    expect(labelAdvertising('sms', sms, law)).toEqual(sms);
    const mail = labelAdvertising('email', { subject: '소식' }, law);
    expect(labelAdvertising('email', mail, law)).toEqual(mail);
  });

  it('marks the body where a push has no title', () => {
    expect(labelAdvertising('web_push', { body: '실반지' }, law)).toEqual({
      body: '(광고) 실반지\n은빛공방 02-1234-5678\n수신거부: 설정 > 알림 설정',
    });
  });

  it('puts mark, sender and the free number around a text message', () => {
    expect(labelAdvertising('sms', { text: '실반지 68,000원' }, law)).toEqual({
      text: '(광고)은빛공방 02-1234-5678\n실반지 68,000원\n무료수신거부 080-123-4567',
    });
    expect(
      labelAdvertising(
        'lms',
        { title: '소식', text: '(광고)은빛공방 02-1234-5678 실반지 무료거부 080' },
        law,
      ),
    ).toEqual({
      title: '소식',
      text: '(광고)은빛공방 02-1234-5678 실반지 무료거부 080',
    });
  });

  it('opens a LINE text with the mark and closes it with sender and refusal', () => {
    const line = labelAdvertising('line', { text: '실반지', imageUrl: 'https://x.kr/a.png' }, law);
    expect(line).toEqual({
      text: '(광고) 실반지\n은빛공방 02-1234-5678\n수신거부: 대화방 메뉴 > 차단',
      imageUrl: 'https://x.kr/a.png',
    });
    expect(labelAdvertising('line', line, law)).toEqual(line);
  });

  it.each(['(광 고)', '[광고]', '*광고', '（광고）', '(광\u200b고)'])(
    'does not take %s for the mark',
    (wrong) => {
      expect(labelAdvertising('email', { subject: `${wrong} 소식` }, law).subject).toBe(
        `(광고) ${wrong} 소식`,
      );
    },
  );

  it('takes the decomposed mark for the mark, and composes it', () => {
    expect(labelAdvertising('email', { subject: '(광고) 소식'.normalize('NFD') }, law).subject).toBe(
      '(광고) 소식',
    );
  });

  it.each(['kakao_info', 'kakao_brand', 'in_app', 'card', 'webhook', 'whatsapp'] as const)(
    'leaves %s alone',
    (channel) => {
      const content = { title: '소식', text: '실반지' };
      expect(labelAdvertising(channel, content, law)).toBe(content);
    },
  );

  it('adds only what the policy knows, and nothing under another law', () => {
    expect(
      labelAdvertising('sms', { text: '실반지' }, { id: 'law', jurisdiction: 'KR', inApp: false }),
    ).toEqual({
      text: '(광고)실반지',
    });
    const content = { title: 'News', body: 'Rings' };
    expect(labelAdvertising('push', content, { ...law, jurisdiction: 'EU' })).toBe(content);
  });
});
