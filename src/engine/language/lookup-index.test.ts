import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aConfig, aTrigger } from '../testing/builders.ts';
import { traceOf, VirtualProfile } from '../testing/virtual-profile.ts';
import { compileLookup, findRow } from './lookup-index.ts';
import { normalizedText } from './normalized-text.ts';

const table = (...keys: string[]) =>
  compileLookup({ id: 't', rows: keys.map((key, i) => ({ key, row: i })) });
const keyFound = (keys: string[], text: string) => findRow(table(...keys), text, 'contains')?.key;

describe('a row whose key the text contains', () => {
  test.each([
    [['반지', '실반지', '반'], '예쁜 실반지 추천', '실반지'],
    [['반지'], '실 반 지', '반지'],
    [['실 반지'], '얇은 실반지', '실 반지'],
    [['Ring'], 'a GOLD RING for two', 'Ring'],
    [['gold ring'], 'gold-ring', 'gold ring'],
    [['ring', 'earring'], 'earring', 'earring'],
    [['목걸이'], '실반지', undefined],
    [['실반지'], '실반', undefined],
    [['실반지'], '', undefined],
    [['-', '반지'], '반지', '반지'],
  ])('of %j in %j is %j', (keys, text, found) => {
    expect(keyFound(keys, text)).toBe(found);
  });

  test('is the first of two with the same key, and of two as long the one that stands earlier in the text', () => {
    expect(findRow(table('반지', '반 지'), '반지', 'contains')?.row).toBe(0);
    expect(keyFound(['금반지', '은반지'], '은반지 금반지')).toBe('은반지');
  });

  test('is the longest, found by trying every key', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '가', '나', ' ', '-'), maxLength: 12 });
    const keys = fc.array(
      text.filter((key) => key !== ''),
      { minLength: 1, maxLength: 8 },
    );
    fc.assert(
      fc.property(keys, text, (some, within) => {
        const contained = some
          .map(normalizedText)
          .filter((key) => key !== '' && normalizedText(within).includes(key));
        const longest = Math.max(0, ...contained.map(({ length }) => length));
        expect(normalizedText(String(keyFound(some, within) ?? '')).length).toBe(longest);
      }),
      { numRuns: 3_000 },
    );
  });
});

test('five thousand keywords are asked no more often than fifty', () => {
  const syllable = (n: number) => String.fromCharCode(0xac00 + (n % 11_172));
  const keywords = (n: number) =>
    Array.from({ length: n }, (_, i) => `실${syllable(i * 7)}${syllable(i * 31)}${'반지'.slice(0, i % 3)}`);
  const text = '실버 실반지와 실팔찌, 그리고 실목걸이를 찾습니다 '.repeat(20);
  const questions = (n: number): number => {
    const compiled = table(...keywords(n));
    let asked = 0;
    const { normalized } = compiled;
    const get = (key: string) => {
      asked += 1;
      return normalized.get(key);
    };
    const counting = { get } as typeof normalized;
    findRow({ ...compiled, normalized: counting }, text, 'contains');
    return asked;
  };
  expect(questions(5_000)).toBe(questions(50));
  expect(questions(5_000)).toBeLessThan(text.length);
  const last = keywords(5_000).at(-1) as string;
  expect(findRow(table(...keywords(5_000)), `찾는 것: ${last}!`, 'contains')?.key).toBe(last);
});

test('a trigger looks a search up, and says what it looked for where no row stands in it', () => {
  const profile = new VirtualProfile({
    config: aConfig({
      triggers: [
        aTrigger({
          entry: {
            on: [{ event: 'Products Searched' }],
            lookup: { table: 'categories', key: { ref: 'event.properties.query' }, match: 'contains' },
            if: { field: 'lookup.url', op: 'eq', value: '/c/thin-rings' },
          },
        }),
      ],
      lookups: [{ id: 'categories', rows: [{ key: '실반지', url: '/c/thin-rings' }] }],
    }),
  });
  expect(traceOf(profile.track('Products Searched', { query: '여름 실 반지 추천' }))?.reason).toBe('sent');
  expect(traceOf(profile.track('Products Searched', { query: '목걸이' }))).toMatchObject({
    reason: 'not_matched',
    path: 'entry.lookup',
    values: { key: '목걸이' },
  });
});
