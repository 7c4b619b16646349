import { describe, expect, test } from 'vitest';
import { OPERATORS, type Operator } from '../trigger.ts';
import type { Json } from '../vocabulary.ts';
import { normalizedText } from './normalized-text.ts';
import { compare, exactText, instantOf } from './operators.ts';

const now = Date.UTC(2026, 11, 1, 12);
const HOUR = 3_600_000;
const holds = (op: Operator, found: Json[], wanted?: Json, text = exactText) =>
  compare(op, found, wanted, { now, text });

describe('an operator', () => {
  test.each<[Operator, Json, Json, Json]>([
    ['eq', 'VIP', 'VIP', 'vip'],
    ['eq', 0, 0, 1],
    ['eq', false, false, true],
    ['ne', 'VIP', 'GOLD', 'VIP'],
    ['gt', 5, 4, 5],
    ['gte', 5, 5, 6],
    ['lt', 5, 6, 5],
    ['lte', 5, 5, 4],
    ['gt', 'b', 'a', 'b'],
    ['between', 5, [5, 5], [6, 9]],
    ['between', 'b', ['a', 'b'], ['c', 'd']],
    ['in', 'a', ['b', 'a'], ['b', 'c']],
    ['contains', '실반지 세트', '반지', '목걸이'],
    ['startsWith', '/c/rings', '/c/', '/p/'],
    ['endsWith', 'a@example.kr', '.kr', '.com'],
    ['like', '/c/thin/rings', '/c/*/rings', '/p/*'],
    ['before', '2026-12-01T11:59:59Z', now, now - 2 * HOUR],
    ['after', now, '2026-12-01T20:59:59+09:00', '2026-12-01T21:00:00+09:00'],
    ['olderThan', now - HOUR - 1, '1h', '2h'],
    ['withinLast', now - HOUR + 1, '1h', '30m'],
    ['withinNext', now + HOUR - 1, '1h', '30m'],
    ['hasAny', 'a', ['x', 'a'], ['x']],
  ])('%s holds for %j against %j and fails against %j', (op, found, right, wrong) => {
    expect(holds(op, [found], right)).toBe(true);
    expect(holds(op, [found], wrong)).toBe(false);
  });

  const WITH_VALUE = OPERATORS.filter((op) => op !== 'exists' && op !== 'missing');

  test.each(WITH_VALUE)('%s is false on a missing field, and null is missing', (op) => {
    for (const wanted of ['a', 0, false, [0, 1], ['a'], '1h', now]) {
      expect(holds(op, [], wanted)).toBe(false);
      expect(holds(op, [null], wanted)).toBe(false);
    }
  });

  test.each(WITH_VALUE)('%s is false against a value that is missing itself', (op) => {
    for (const found of ['a', 0, false, now]) expect(holds(op, [found], undefined)).toBe(false);
  });

  test.each(
    WITH_VALUE.filter((op) => !['before', 'after', 'olderThan', 'withinLast', 'withinNext'].includes(op)),
  )('%s compares nothing of another type', (op) => {
    const pairs: [Json, Json][] = [
      [5, '5'],
      ['5', 5],
      [1, true],
      [true, 'true'],
      [0, false],
      ['', false],
      [{ a: 1 }, 'a'],
      [5, ['5']],
      ['5', [5, 6]],
    ];
    for (const [found, wanted] of pairs) expect(holds(op, [found], wanted)).toBe(false);
  });
});

describe('what counts as there', () => {
  test.each([0, '', false, 'x'])('%j exists', (value) => {
    expect(holds('exists', [value])).toBe(true);
    expect(holds('missing', [value])).toBe(false);
  });

  test.each([[[]], [[null]], [[[]]], [[[null]]]])('%j is missing', (found) => {
    expect(holds('exists', found as Json[])).toBe(false);
    expect(holds('missing', found as Json[])).toBe(true);
  });
});

describe('a field that yields several values', () => {
  const found = ['rings', 'necklaces'];

  test('satisfies a comparison that any of them does', () => {
    expect(holds('eq', found, 'necklaces')).toBe(true);
    expect(holds('gt', [1, 10], 5)).toBe(true);
    expect(holds('between', [1, 10], [5, 9])).toBe(false);
    expect(holds('ne', found, 'rings')).toBe(true);
    expect(holds('ne', ['rings', 'rings'], 'rings')).toBe(false);
  });

  test('is the same as one list', () => {
    expect(holds('eq', [found], 'rings')).toBe(true);
    expect(holds('contains', [found], 'neck')).toBe(true);
  });

  test('has all only where each wanted value is among them', () => {
    expect(holds('hasAll', [found], ['rings', 'necklaces'])).toBe(true);
    expect(holds('hasAll', [found], ['rings', 'earrings'])).toBe(false);
    expect(holds('hasAny', [found], ['rings', 'earrings'])).toBe(true);
    expect(holds('hasAny', [found], ['earrings'])).toBe(false);
  });
});

describe('windows of a field', () => {
  test('reach from (now − d) to now: the one bound open, the other closed', () => {
    expect(holds('withinLast', [now - HOUR], '1h')).toBe(false);
    expect(holds('withinLast', [now], '1h')).toBe(true);
    expect(holds('withinLast', [now + 1], '1h')).toBe(false);
    expect(holds('withinNext', [now - 1], '1h')).toBe(false);
    expect(holds('withinNext', [now], '1h')).toBe(true);
    expect(holds('withinNext', [now + HOUR], '1h')).toBe(false);
  });

  test.each([now - HOUR - 1, now - HOUR, now - HOUR + 1, now])(
    'leave nothing that is past out: %d is either older or within the last',
    (at) => {
      expect(holds('olderThan', [at], '1h')).toBe(!holds('withinLast', [at], '1h'));
    },
  );

  test('need a duration', () => {
    expect(holds('withinLast', [now], 'yesterday')).toBe(false);
    expect(holds('olderThan', [0], 3_600)).toBe(false);
  });
});

describe('an instant', () => {
  test.each([
    ['2026-12-01T21:00:00+09:00', now],
    ['2026-12-01T12:00:00.000Z', now],
    ['2026-12-01', Date.UTC(2026, 11, 1)],
    [now, now],
  ])('is read from %j', (value, at) => {
    expect(instantOf(value)).toBe(at);
  });

  test('without a zone is UTC, wherever the engine runs', () => {
    expect(instantOf('2026-12-01T12:00:00')).toBe(now);
    expect(instantOf('2026-12-01 12:00')).toBe(now);
  });

  test.each(['3', '12', 'soon', 'Dec 1 2026', '1 December', '', '2026-13-01', true, null])(
    'is not read into %j',
    (value) => {
      expect(instantOf(value)).toBeNull();
    },
  );
});

describe('like', () => {
  test.each([
    ['*', ''],
    ['*', 'anything'],
    ['a*', 'a'],
    ['*b', 'ab'],
    ['a*a', 'aa'],
    ['a**b', 'ab'],
    ['a*b*c', 'a-b-b-c'],
    ['.+', '.+'],
    ['[a-z]*', '[a-z]x'],
  ])('%s matches %j', (pattern, text) => {
    expect(holds('like', [text], pattern)).toBe(true);
  });

  test.each([
    ['a*a', 'a'],
    ['ab*ba', 'aba'],
    ['a*b', 'a-b-c'],
    ['a', 'ab'],
    ['.*', 'x'],
    ['a?c', 'abc'],
  ])('%s does not match %j: only * is special', (pattern, text) => {
    expect(holds('like', [text], pattern)).toBe(false);
  });

  test('takes linear time, whatever the pattern', () => {
    const text = 'a'.repeat(100_000);
    const started = performance.now();
    expect(holds('like', [text], `${'a*'.repeat(5_000)}b`)).toBe(false);
    expect(holds('like', [text], `*${'*a'.repeat(5_000)}*b*`)).toBe(false);
    expect(holds('like', [`${text}b`], `${'*a'.repeat(5_000)}*b`)).toBe(true);
    expect(performance.now() - started).toBeLessThan(500);
  });

  test('compares normalized text where that is asked', () => {
    expect(holds('like', ['실 반지 세트'], '실반지*', normalizedText)).toBe(true);
    expect(holds('like', ['실 반지 세트'], '실반지*')).toBe(false);
  });
});

describe('normalized comparison', () => {
  test.each<[Operator, Json, Json]>([
    ['eq', ' 실 반지 ', '실반지'],
    ['in', 'THIN-Ring', ['thin ring']],
    ['hasAny', ['실·반지'], ['실반지']],
    ['contains', '얇은 실 반지', '실반지'],
    ['startsWith', 'Thin-Ring', 'thin r'],
  ])('%s finds %j in %j', (op, found, wanted) => {
    expect(holds(op, [found], wanted, normalizedText)).toBe(true);
  });
});
