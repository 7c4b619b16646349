import { describe, expect, test } from 'vitest';
import { aConfig, aTemplate, aTrigger, type Published, send } from '../testing/builders.ts';
import { reasonOf, traceOf, VirtualProfile } from '../testing/virtual-profile.ts';
import type { TopicOn, Trigger } from '../trigger.ts';
import type { ItemChange, ItemSnapshot } from '../vocabulary.ts';
import { topicEvent } from './item-event.ts';
import { concernedTypes } from './topic-news.ts';

const RING: ItemSnapshot = {
  id: 'ring',
  category: 'Rings',
  brand: 'Moon',
  price: 100,
  currency: 'KRW',
  attributes: { keywords: ['담수진주', '14k'] },
};
type Topic = TopicOn['topic'];

/** Somebody who may be pushed, and hears of items as a follower of one of their topics does. */
function life(on: TopicOn[], changes: Partial<Trigger> = {}, published: Published = {}) {
  const trigger = aTrigger({
    steps: [send({ channels: ['push'] })],
    ...changes,
    entry: { on, ...changes.entry },
  });
  const profile = new VirtualProfile({ config: aConfig({ triggers: [trigger], ...published }) });
  profile.consent('push');
  const versions = new Map<string, number>();
  const hear = (item: ItemSnapshot, rest: Partial<ItemChange>) => {
    profile.advance('1m');
    const version = (versions.get(item.id) ?? 0) + 1;
    versions.set(item.id, version);
    const change = { item, version, changedAt: profile.now, ...rest };
    return profile.receive(topicEvent(change, 'key', profile.now));
  };
  const tell = (name: string) => (type: string, value: string) => {
    profile.advance('1m');
    return profile.track(name, { type, value });
  };
  return {
    profile,
    follow: tell('Topic Followed'),
    unfollow: tell('Topic Unfollowed'),
    isNew: (changes: Partial<ItemSnapshot> = {}) =>
      hear({ ...RING, ...changes }, { isNew: true, previous: {} }),
    costs: (price: number, from = 100, changes: Partial<ItemSnapshot> = {}) =>
      hear({ ...RING, price, ...changes }, { previous: { price: from, currency: 'KRW' } }),
  };
}

describe('a new item', () => {
  test.each<[Topic, string]>([
    ['category', ' rings '],
    ['brand', 'MOON'],
    ['keyword', '담수 진주'],
  ])('is told to who follows its %s, and to who follows nothing of it, not', (topic, value) => {
    const { follow, isNew } = life([{ topic, change: 'new_item' }]);
    expect(traceOf(isNew({ id: 'a' }))).toMatchObject({ reason: 'not_matched', path: 'entry.on.0.topic' });
    follow(topic, 'something else');
    expect(reasonOf(isNew({ id: 'b' }))).toBe('not_matched');
    follow(topic, value);
    expect(reasonOf(isNew({ id: 'c' }))).toBe('sent');
  });

  test('of a topic of another type with the same value is nobody’s', () => {
    const { follow, isNew } = life([{ topic: 'brand', change: 'new_item' }]);
    follow('keyword', 'moon');
    follow('category', 'moon');
    expect(traceOf(isNew())).toMatchObject({ path: 'entry.on.0.topic', values: { followed: false } });
  });

  test('of several followed topics is one event, whichever of them tells it first, and whichever the trigger names', () => {
    const { profile, follow, isNew, costs } = life([
      { topic: 'brand', change: 'new_item' },
      { topic: 'keyword', change: 'new_item' },
    ]);
    follow('keyword', '14k');
    expect(reasonOf(isNew())).toBe('sent');
    follow('brand', 'moon');
    expect(isNew().duplicate).toBe(true);
    expect(costs(50).duplicate).toBe(false);
    expect(profile.sends()).toBe(1);
  });

  test('is none to who unfollowed it, or began to follow after it came', () => {
    const { profile, follow, unfollow, isNew } = life([{ topic: 'brand', change: 'new_item' }]);
    follow('brand', 'moon');
    unfollow('brand', 'Moon');
    expect(reasonOf(isNew({ id: 'a' }))).toBe('not_matched');
    const item = { ...RING, id: 'b' };
    const came = topicEvent({ item, version: 1, changedAt: profile.now, isNew: true }, 'key', profile.now);
    profile.advance('1m');
    follow('brand', 'moon');
    expect(reasonOf(profile.receive(came))).toBe('not_matched');
    expect(reasonOf(isNew({ id: 'c' }))).toBe('sent');
  });

  test('is no price drop, and a price drop is nothing new', () => {
    const drop = life([{ topic: 'brand', change: 'price_drop' }]);
    drop.follow('brand', 'moon');
    expect(traceOf(drop.isNew())).toMatchObject({
      path: 'entry.on.0.change',
      values: { change: 'new_item' },
    });
    const fresh = life([{ topic: 'brand', change: 'new_item' }]);
    fresh.follow('brand', 'moon');
    expect(reasonOf(fresh.costs(90))).toBe('not_matched');
  });

  test('is collected by a trigger that groups, all of them in one message', () => {
    const { profile, follow, isNew } = life(
      [{ topic: 'category', change: 'new_item' }],
      { entry: { on: [{ topic: 'category', change: 'new_item' }], group: { within: '1h', max: 3 } } },
      { templates: [aTemplate({}, '{{#entry.items}}[{{id}}]{{/entry.items}}')] },
    );
    follow('category', 'rings');
    expect(['a', 'b'].map((id) => reasonOf(isNew({ id })))).toEqual(['waiting', 'waiting']);
    profile.advance('1h');
    expect(profile.outbox()).toHaveLength(1);
    expect(['c', 'd', 'e'].map((id) => reasonOf(isNew({ id })))).toEqual(['waiting', 'waiting', 'sent']);
    const items = profile.outbox().map(({ values }) => (values.entry as { items: { id: string }[] }).items);
    expect(items.map((some) => some.map(({ id }) => id))).toEqual([
      ['a', 'b'],
      ['c', 'd', 'e'],
    ]);
  });
});

describe('a price drop of a followed topic', () => {
  const on: TopicOn[] = [{ topic: 'brand', change: 'price_drop' }];

  test('is a price lower than before in the same currency', () => {
    const { profile, follow, costs } = life(on);
    follow('brand', 'moon');
    const reasons = [
      costs(110),
      costs(100),
      costs(90, 100, { currency: 'USD' }),
      costs(90, Number.NaN),
      costs(99),
    ];
    expect(reasons.map((one) => reasonOf(one))).toEqual([...Array(4).fill('not_matched'), 'sent']);
    expect(profile.outbox()[0]?.values).toMatchObject({
      entry: { referencePrice: 100 },
      item: { price: 99 },
    });
  });

  test('is told again only below the lowest that was told, until it is followed anew', () => {
    const { follow, unfollow, costs } = life(on);
    follow('brand', 'moon');
    expect([90, 90, 95, 80].map((price) => reasonOf(costs(price)))).toEqual([
      'sent',
      'not_matched',
      'not_matched',
      'sent',
    ]);
    expect(traceOf(costs(85))).toMatchObject({
      path: 'entry.on.0.change',
      values: { lowestNotified: 80, 'item.price': 85 },
    });
    unfollow('brand', 'moon');
    follow('brand', 'moon');
    expect(reasonOf(costs(85))).toBe('sent');
  });
});

test('who is told are the types that some listener names for the change; of one that ends news, all of them', () => {
  const listeners: TopicOn[] = [
    { topic: 'brand', change: 'new_item' },
    { topic: 'keyword', change: 'price_drop' },
  ];
  const change = { item: RING, version: 1, changedAt: 1 };
  const types = (more: Partial<ItemChange>) => [...concernedTypes(listeners, { ...change, ...more })];
  expect(types({ isNew: true })).toEqual(['brand']);
  expect(types({ previous: { price: 200, currency: 'KRW' } })).toEqual(['keyword']);
  expect(types({ isNew: true, previous: { price: 200, currency: 'KRW' } })).toEqual(['brand', 'keyword']);
  expect(types({ previous: { price: 50, currency: 'KRW' } })).toEqual(['brand', 'keyword']);
});

test('exits, goals and steps that wait hear of topics as entries do', () => {
  const on: TopicOn = { topic: 'brand', change: 'new_item' };
  const { profile, follow, isNew } = life([{ topic: 'brand', change: 'price_drop' }], {
    entry: { on: [{ event: 'Hello' }] } as never,
    steps: [{ id: 'wait', waitFor: on, timeout: '1d' }, send({ channels: ['push'] })],
    goals: [{ id: 'new', on, within: '7d' }],
    exit: [{ on: { topic: 'brand', change: 'price_drop' } }],
  });
  profile.config = aConfig({
    triggers: [
      aTrigger({
        steps: [{ id: 'wait', waitFor: on, timeout: '1d' }, send({ channels: ['push'] })],
        goals: [{ id: 'new', on, within: '7d' }],
      }),
    ],
  });
  follow('brand', 'moon');
  expect(reasonOf(profile.track('Hello'))).toBe('waiting');
  expect(reasonOf(isNew({ id: 'a' }))).toBe('sent');
  isNew({ id: 'b' });
  expect(profile.facts.filter(({ kind }) => kind === 'converted')).toHaveLength(1);
});
