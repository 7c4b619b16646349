import { expect, test } from 'vitest';
import { explainTrace } from './explain.ts';
import type { Trigger } from './trigger.ts';
import type { TriggerTrace } from './vocabulary.ts';

const TRIGGER: Trigger = {
  id: 'viewed-three',
  category: 'marketing',
  entry: {
    on: [{ event: 'Product Viewed' }],
    if: {
      all: [
        { field: 'user.traits.tier', op: 'eq', value: 'VIP' },
        { did: 'Product Viewed', count: { eq: 3 }, window: { last: '30d' } },
      ],
    },
  },
  reeligibility: { mode: 'never' },
  steps: [{ id: 'tell', send: { channels: ['push'], template: 'x' } }],
};

function trace(rest: Partial<TriggerTrace>): TriggerTrace {
  return { id: 'viewed-three', version: 1, reason: 'not_matched', ...rest };
}

test('a failed field says what was found and what was needed', () => {
  const failed = trace({ path: 'entry.if.all.0', values: { 'user.traits.tier': 'GOLD' } });
  expect(explainTrace(failed, TRIGGER, 'en')).toBe(
    'A condition does not hold. `user.traits.tier` is "GOLD"; needed: is "VIP". (`entry.if.all.0`)',
  );
  expect(explainTrace(failed, TRIGGER, 'ko')).toBe(
    '조건이 맞지 않았습니다. `user.traits.tier` 값은 "GOLD". 필요: `user.traits.tier` "VIP" 같음. (`entry.if.all.0`)',
  );
});

test('a missing field is called missing, not null', () => {
  const failed = trace({ path: 'entry.if.all.0', values: { 'user.traits.tier': null } });
  expect(explainTrace(failed, TRIGGER, 'en')).toContain('`user.traits.tier` is missing');
});

test('a failed count is explained by the condition around it', () => {
  const failed = trace({ path: 'entry.if.all.1.count', values: { count: 2 } });
  expect(explainTrace(failed, TRIGGER, 'en')).toBe(
    'A condition does not hold. `count` = 2. needed: `Product Viewed` exactly 3 times in the last 30d. (`entry.if.all.1.count`)',
  );
  expect(explainTrace(failed, TRIGGER, 'ko')).toContain('`Product Viewed` 정확히 3회 (최근 30d)');
});

test('without the trigger the reason and the values still stand', () => {
  expect(
    explainTrace(trace({ reason: 'outranked', values: { winner: 'price-drop' } }), undefined, 'en'),
  ).toBe('Another trigger won the place. `winner` = "price-drop".');
  expect(explainTrace(trace({ reason: 'no_consent' }), TRIGGER, 'ko')).toBe(
    '이 채널의 광고 수신 동의가 없습니다.',
  );
});
