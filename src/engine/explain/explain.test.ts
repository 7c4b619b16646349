import { describe, expect, test } from 'vitest';
import type { TriggerTrace } from '../reasons.ts';
import type { Condition, On, Trigger } from '../trigger.ts';
import type { JsonObject } from '../vocabulary.ts';
import { explainTrace } from './explain.ts';

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

describe('every condition has words', () => {
  test.each([
    [
      {
        sequence: [{ did: 'Product Added' }, { didNot: 'Order Completed' }],
        within: '1d',
        same: 'event.properties.cart_id',
      },
      '`Product Added`, then no `Order Completed` within 1d, all with the same `event.properties.cart_id`',
      '`Product Added` → `Order Completed` 없음 (1d 안에, 같은 `event.properties.cart_id`)',
    ],
    [
      { localTime: ['22:00', '02:00'], days: ['fri', 'sat'] },
      "22:00 to 02:00 on the user's clock (fri, sat)",
      '사용자 시각으로 22:00~02:00 (금, 토)',
    ],
    [
      { near: { lat: 37.5, lng: 127, meters: 500 } },
      'being within 500 m of 37.5, 127',
      '37.5, 127에서 500 m 안에 있음',
    ],
    [
      { near: { lat: 37.5, lng: 127, meters: 500 }, entered: true },
      'coming within 500 m of 37.5, 127',
      '37.5, 127에서 500 m 안으로 들어옴',
    ],
    [
      { did: 'X', window: { calendar: 'week' } },
      '`X` at least 1 times in this calendar week',
      '`X` 1회 이상 (이번 주)',
    ],
    [
      { didNot: 'X', window: { calendar: 'month', count: 3 } },
      '`X` never in the last 3 calendar months',
      '`X` 없음 (달력으로 최근 3개월)',
    ],
    [{ did: 'X', count: { eq: 1 } }, '`X` exactly 1 times', '`X` 정확히 1회'],
    [
      { did: 'X', count: { gt: 2, lte: 5 } },
      '`X` more than 2 times and at most 5 times',
      '`X` 2회 초과, 5회 이하',
    ],
    [{ did: 'X', count: { lt: 2 } }, '`X` less than 2 times', '`X` 2회 미만'],
    [{ didNot: 'X' }, '`X` never', '`X` 없음'],
    [{ didNot: 'X', window: { last: '7d' } }, '`X` never in the last 7d', '`X` 없음 (최근 7d)'],
    [
      { did: 'X', window: { since: 'entry' } },
      '`X` at least 1 times since the run began',
      '`X` 1회 이상 (진입 이후)',
    ],
    [
      { did: 'X', window: { since: 'session' } },
      '`X` at least 1 times since the session began',
      '`X` 1회 이상 (세션 시작 이후)',
    ],
    [{ didNot: 'X', window: { calendar: 'day' } }, '`X` never in this calendar day', '`X` 없음 (오늘)'],
    [
      { didNot: 'X', window: { calendar: 'month' } },
      '`X` never in this calendar month',
      '`X` 없음 (이번 달)',
    ],
    [
      { didNot: 'X', window: { calendar: 'day', count: 2 } },
      '`X` never in the last 2 calendar days',
      '`X` 없음 (달력으로 최근 2일)',
    ],
    [
      { didNot: 'X', window: { calendar: 'week', count: 2 } },
      '`X` never in the last 2 calendar weeks',
      '`X` 없음 (달력으로 최근 2주)',
    ],
    [{ received: 'shown' }, '`shown` (any trigger) at least 1 times', '`shown` (모든 트리거) 1회 이상'],
    [
      { received: 'sent', trigger: 'hello', count: { lt: 3 }, window: { last: '1d' } },
      '`sent` (hello) less than 3 times in the last 1d',
      '`sent` (hello) 3회 미만 (최근 1d)',
    ],
    [
      { received: 'clicked', tag: 'price' },
      '`clicked` (price) at least 1 times',
      '`clicked` (price) 1회 이상',
    ],
    [{ occurrence: 'first_ever' }, 'the first event of this name ever', '이 이벤트가 처음'],
    [
      { occurrence: 'first_in_session' },
      'the first event of this name in the session',
      '이 이벤트가 세션에서 처음',
    ],
    [{ segment: 'vip' }, 'segment `vip`', '세그먼트 `vip`'],
    [{ relation: 'liked' }, 'the item to be `liked`', '상품과의 관계 `liked`'],
    [{ not: { did: 'X' } }, 'what stands inside `not` not to hold', '`not` 안의 조건이 맞지 않음'],
    [{ any: [{ did: 'X' }] }, 'one of `any` to hold', '`any` 중 하나가 맞음'],
    [
      { sequence: [{ did: 'A' }, { did: 'B' }], within: '1h' },
      '`A`, then `B` within 1h',
      '`A` → `B` (1h 안에)',
    ],
    [{ localTime: ['09:00', '18:00'] }, "09:00 to 18:00 on the user's clock", '사용자 시각으로 09:00~18:00'],
    [
      { localTime: ['09:00', '18:00'], days: ['mon', 'tue', 'wed', 'thu', 'sun'] },
      "09:00 to 18:00 on the user's clock (mon, tue, wed, thu, sun)",
      '사용자 시각으로 09:00~18:00 (월, 화, 수, 목, 일)',
    ],
  ] satisfies [Condition, string, string][])('%j', (condition, english, korean) => {
    const trigger = { ...TRIGGER, entry: { ...TRIGGER.entry, if: condition } };
    const failed = trace({ path: 'entry.if' });
    expect(explainTrace(failed, trigger, 'en')).toContain(`needed: ${english}.`);
    expect(explainTrace(failed, trigger, 'ko')).toContain(`필요: ${korean}.`);
  });

  test('a sequence that stopped tells how far it came, from within its own path too', () => {
    const condition: Condition = { sequence: [{ did: 'A' }, { did: 'B' }], within: '1h' };
    const trigger = { ...TRIGGER, entry: { ...TRIGGER.entry, if: condition } };
    expect(explainTrace(trace({ path: 'entry.if.sequence', values: { happened: 1 } }), trigger, 'en')).toBe(
      'A condition does not hold. `happened` = 1. needed: `A`, then `B` within 1h. (`entry.if.sequence`)',
    );
  });
});

describe('news of a topic that is none for this person says which rule it failed', () => {
  test.each<[On, string, JsonObject, string, string]>([
    [
      { topic: 'brand', change: 'new_item' },
      'topic',
      { followed: false },
      'the item to be of a brand that the user followed before',
      '사용자가 그전에 팔로우한 브랜드의 상품',
    ],
    [
      { topic: 'brand', change: 'new_item' },
      'change',
      { change: 'price_drop' },
      'an item that is new',
      '새로 들어온 상품',
    ],
    [
      { topic: 'keyword', change: 'price_drop' },
      'change',
      { change: null },
      'the price to fall',
      '가격이 내려감',
    ],
    [
      { topic: 'keyword', change: 'price_drop' },
      'change',
      { lowestNotified: 80, 'item.price': 85 },
      'a price below `lowestNotified`, the lowest that was told',
      '이미 알린 최저가 `lowestNotified`보다 낮은 가격',
    ],
  ])('%j %s %j', (on, rule, values, english, korean) => {
    const failed = trace({ path: `entry.on.0.${rule}`, values });
    const trigger = { ...TRIGGER, entry: { on: [on] } };
    expect(explainTrace(failed, trigger, 'en')).toContain(`needed: ${english}.`);
    expect(explainTrace(failed, trigger, 'ko')).toContain(`필요: ${korean}.`);
  });
});

describe('a price that is no drop for this person says which rule it failed', () => {
  const on: On = { item: 'price_drop', relation: ['liked', 'in_cart'], minDrop: { abs: 1000, pct: 5 } };
  const trigger = { ...TRIGGER, entry: { on: [on] } };

  test.each([
    ['item', { 'item.price': 90000 }, 'the price to fall', '가격이 내려감'],
    [
      'relation',
      { relation: false },
      'the item to be `liked` or `in_cart`',
      '상품과의 관계 `liked` 또는 `in_cart`',
    ],
    [
      'minDrop',
      { reference: 84000, 'item.price': 82000 },
      'a fall of at least 1000 and 5 % from `reference`',
      '`reference`보다 1000, 5 % 이상 내려감',
    ],
    [
      'versus',
      { lowestNotified: 75600, 'item.price': 75600 },
      'a price below `lowestNotified`, the lowest that was told',
      '이미 알린 최저가 `lowestNotified`보다 낮은 가격',
    ],
    [
      'versus',
      { reference: null },
      'an earlier price in the same currency to compare with',
      '비교할 같은 통화의 이전 가격',
    ],
  ])('%s %j', (rule, values, english, korean) => {
    const failed = trace({ path: `entry.on.0.${rule}`, values });
    expect(explainTrace(failed, trigger, 'en')).toContain(`needed: ${english}.`);
    expect(explainTrace(failed, trigger, 'ko')).toContain(`필요: ${korean}.`);
  });

  test('without `minDrop` any fall is enough, and without `relation` any relation', () => {
    const bare = { ...TRIGGER, entry: { on: [{ item: 'price_drop' } satisfies On] } };
    expect(explainTrace(trace({ path: 'entry.on.0.minDrop' }), bare, 'en')).toContain(
      'needed: a price below `reference`.',
    );
    expect(explainTrace(trace({ path: 'entry.on.0.relation' }), bare, 'ko')).toContain(
      '필요: 상품과의 관계 `liked` 또는 `in_cart` 또는 `viewed` 또는 `subscribed`.',
    );
  });

  test('a relation that began too long ago is told with how long it may be', () => {
    const recent = { ...TRIGGER, entry: { on: [{ ...on, relationWithin: '30d' } satisfies On] } };
    expect(explainTrace(trace({ path: 'entry.on.0.relation' }), recent, 'en')).toContain(
      'the item to be `liked` or `in_cart` since at most 30d',
    );
  });

  test('a condition under `where` is told as any other', () => {
    const narrowed: On = { ...on, where: { field: 'item.brand', op: 'eq', value: 'A' } };
    const failed = trace({ path: 'entry.on.0.where', values: { 'item.brand': 'B' } });
    expect(explainTrace(failed, { ...TRIGGER, entry: { on: [narrowed] } }, 'en')).toContain(
      '`item.brand` is "B"; needed: is "A".',
    );
  });
});
