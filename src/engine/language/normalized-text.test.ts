import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { normalizedText } from './normalized-text.ts';

describe('normalized text', () => {
  test.each([
    '실반지',
    '실 반지',
    ' 실반지 ',
    '실-반지',
    '실·반지',
    '실ㆍ반지',
    '실・반지',
    '실\u00a0\t반지\n',
    '실반지'.normalize('NFD'),
    '실 반지'.normalize('NFD'),
  ])('%j is 실반지', (text) => {
    expect(normalizedText(text)).toBe('실반지');
  });

  test('keeps one space between words of other scripts', () => {
    expect(normalizedText('  Thin -  Ring ')).toBe('thin ring');
    expect(normalizedText('thin–ring')).toBe('thin ring');
  });

  test('glues a word of another script to the Hangul beside it', () => {
    expect(normalizedText('14K 실 반지 Set 2')).toBe('14k실반지set 2');
  });

  test('of nothing but separators is empty', () => {
    expect(normalizedText(' -·\u2014 ')).toBe('');
  });

  test('is normalized already', () => {
    const piece = fc.constantFrom(
      ...[
        ' ',
        '-',
        '·',
        '\u00ad',
        '가',
        '각',
        'ㄱ',
        '\u1100',
        '\u1161',
        '\u11a8',
        'A',
        'é',
        'e\u0301',
        'İ',
        'Σ',
        'ß',
        '\u0308',
      ],
    );
    const text = fc.oneof(
      fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
      fc.string({ unit: 'binary', maxLength: 20 }),
    );
    fc.assert(
      fc.property(text, (any) => {
        expect(normalizedText(normalizedText(any))).toBe(normalizedText(any));
      }),
      { numRuns: 2_000 },
    );
  });

  test('treats every character as its own normal form, twice', () => {
    for (let code = 0; code < 0x20000; code++) {
      const once = normalizedText(String.fromCodePoint(code));
      if (normalizedText(once) !== once) throw new Error(`U+${code.toString(16)}`);
    }
  });

  test('does not care how a text was composed, nor about its case', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 20 }), (text) => {
        expect(normalizedText(text.normalize('NFD'))).toBe(normalizedText(text.normalize('NFC')));
      }),
    );
  });

  test('takes linear time', () => {
    const started = performance.now();
    normalizedText('- '.repeat(200_000));
    normalizedText(`${'가 '.repeat(100_000)}x`);
    expect(performance.now() - started).toBeLessThan(500);
  });
});
