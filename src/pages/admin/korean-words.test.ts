import { describe, expect, test } from 'vitest';
import { REFUSALS, refusedAt } from '../../engine/checks/refusal.ts';
import { warningAt } from '../../engine/checks/warning.ts';
import { koreanRefusal, REFUSALS_KO } from './korean-refusals.ts';
import { FAULTS_KO, koreanWarning, WARNINGS_KO } from './korean-words.ts';

/** Every value is its own name, between brackets. */
const values = new Proxy({}, { get: (_, name) => `<${String(name)}>` });
const spokenOf = (text: string) => [...new Set(text.match(/<\w+>/g))].sort();

describe('what the API says, in Korean,', () => {
  test.each(Object.keys(WARNINGS_KO) as (keyof typeof WARNINGS_KO)[])('speaks of the same: %s', (code) => {
    const korean = koreanWarning(code, values) ?? '';
    expect(korean).toMatch(/[가-힣]{2,}.*\.$/);
    expect(spokenOf(korean)).toEqual(spokenOf(warningAt('', code, values).message));
  });

  test('speaks of every refusal that has a code, and of no other', () => {
    expect(Object.keys(REFUSALS_KO).sort()).toEqual([...REFUSALS].sort());
  });

  test.each(REFUSALS)('says the same of a refused document: %s', (code) => {
    const korean = koreanRefusal(code, values) ?? '';
    expect(korean).toMatch(/[가-힣]{2,}/);
    expect(korean).toMatch(/[.?]$/);
    const english = refusedAt('', { code, values }).message;
    expect(spokenOf(korean)).toEqual(spokenOf(english));
    // What stands to be typed is the same in both.
    const typed = (text: string) => [...new Set(text.match(/`[^`]*`/g))].sort();
    expect(typed(korean)).toEqual(typed(english));
  });

  test('is left to the API where the code is of a newer build, or there is none', () => {
    expect([
      koreanWarning('of_next_year', {}),
      koreanWarning(undefined),
      koreanWarning('toString'),
      koreanRefusal('toString'),
    ]).toEqual([null, null, null, null]);
  });

  test('is a whole sentence of every fault', () => {
    for (const [code, { text }] of Object.entries(FAULTS_KO)) expect(text, code).toMatch(/[가-힣]+.*\.$/);
  });
});
