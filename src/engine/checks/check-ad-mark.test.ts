import { describe, expect, test } from 'vitest';
import { isWrongMark, wronglyMarked } from './check-ad-mark.ts';

describe('the mark of advertising', () => {
  test.each([
    '(광 고) 소식',
    '(광/고) 소식',
    '(광.고) 소식',
    '[광고] 소식',
    '("광고") 소식',
    '*광고 소식',
    '(대출광고) 소식',
    '광고) 소식',
    '（광고） 소식',
    '(광\u200b고) 소식',
    '\u200b(광고) 소식',
    ' (광고) 소식',
    '(광고） 소식'.normalize('NFD'),
  ])('is refused in the form %j', (text) => {
    expect(isWrongMark(text)).toBe(true);
  });

  test.each([
    '(광고) 소식',
    '(광고)소식',
    '(광고) 소식'.normalize('NFD'),
    '소식',
    '광고 보고 적립',
    '[소식] 광고 없는 달',
    '',
  ])('is no matter in %j', (text) => {
    expect(isWrongMark(text)).toBe(false);
  });

  test('is looked for where a channel’s message begins', () => {
    const content = {
      push: { title: '[광고] 소식', body: '(광/고)' },
      sms: { text: '*광고 소식' },
      kakao_brand: { bubble: 'text', text: '[광고] 소식' },
    };
    expect(wronglyMarked('push', content)).toEqual(['title', 'body']);
    expect(wronglyMarked('sms', content)).toEqual(['text']);
    expect(wronglyMarked('kakao_brand', content)).toEqual([]);
    expect(wronglyMarked('email', content)).toEqual([]);
  });
});
