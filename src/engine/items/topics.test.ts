import { describe, expect, test } from 'vitest';
import { MAX_KEYWORDS, topicKey, topicsOf, topicTypeOf } from './topics.ts';

describe('a topic', () => {
  test('is one, however its value is written', () => {
    for (const value of ['실 반지', ' 실반지 ', '실-반지', '실반지'.normalize('NFD')]) {
      expect(topicKey('keyword', value)).toBe('keyword:실반지');
    }
    expect(topicKey('brand', ' Moon  Rings ')).toBe('brand:moon rings');
  });

  test.each([
    ['colour', 'red'],
    ['__proto__', 'red'],
    [undefined, 'red'],
    ['brand', ''],
    ['brand', ' - '],
    ['brand', 7],
    ['brand', ['red']],
    ['brand', 'x'.repeat(201)],
  ])('is none of %j %j', (type, value) => {
    expect(topicKey(type, value)).toBeNull();
  });

  test('tells its type, whatever its value', () => {
    expect(topicTypeOf(topicKey('brand', 'keyword:a') ?? '')).toBe('brand');
  });
});

describe('an item belongs to', () => {
  test('its category, its brand and each of its keywords, each once', () => {
    const attributes = { keywords: ['담수 진주', '담수진주', 'Pearl', 5, null, ''], other: ['x'] };
    expect(topicsOf({ category: 'Rings', brand: 'Moon', attributes })).toEqual([
      'category:rings',
      'brand:moon',
      'keyword:담수진주',
      'keyword:pearl',
    ]);
    expect(topicsOf({ attributes: { keywords: 'pearl' } })).toEqual([]);
    expect(topicsOf({})).toEqual([]);
  });

  test('a bounded number of keywords', () => {
    const keywords = Array.from({ length: 500 }, (_, i) => `k${i}`);
    expect(topicsOf({ attributes: { keywords } })).toHaveLength(MAX_KEYWORDS);
  });
});
