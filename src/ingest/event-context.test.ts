import { expect, test } from 'vitest';
import { canonicalTimezone, eventContext } from './event-context.ts';

test('a batch’s context fills what the event’s own leaves out', () => {
  const outer = { locale: 'ko-KR', app: { name: 'shop' } };
  const own = { locale: 'en-US', campaign: { name: 'fall' } };
  expect(eventContext(outer, own)).toEqual({
    locale: 'en-US',
    app: { name: 'shop' },
    campaign: { name: 'fall' },
  });
});

test('what the engine reads has its type or is absent', () => {
  const junk = { locale: 7, timezone: {}, page: 'home', device: { type: 'ios' } };
  expect(eventContext(undefined, junk)).toEqual({ device: { type: 'ios' } });
  expect(eventContext(undefined, { page: { path: '/a', url: 9, title: null, extra: 'x' } })).toEqual({
    page: { path: '/a' },
  });
});

test('traits are no part of it, and the edge’s own field can’t be forged', () => {
  expect(eventContext({ edge: { timezone: 'UTC' } }, { traits: { tier: 'VIP' }, edge: {} })).toEqual({});
});

test('a page call’s properties fill the page that server libraries leave out', () => {
  const page = { url: 'https://shop.test/a', path: '/own' };
  const properties = { path: '/b', title: 'B', price: 1 };
  expect(eventContext(undefined, { page }, properties).page).toEqual({
    url: 'https://shop.test/a',
    path: '/own',
    title: 'B',
  });
});

test.each([
  ['Asia/Seoul', 'Asia/Seoul'],
  ['UTC', 'UTC'],
  ['GMT+0900', '+09:00'],
  ['GMT-0330', '-03:30'],
  ['Asia/Atlantis', undefined],
  ['GMT+9900', undefined],
  ['', undefined],
  ['x'.repeat(1_000), undefined],
  [9, undefined],
])('the zone %j is read as %j', (zone, expected) => {
  expect(canonicalTimezone(zone)).toBe(expected);
});
