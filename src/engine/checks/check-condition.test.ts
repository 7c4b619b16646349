/** What a comparison or a count that could never hold is told when it is written, by the whole sentence. */
import { describe, expect, test } from 'vitest';
import { aTriggerIf } from '../testing/builders.ts';
import type { Condition } from '../trigger.ts';
import { checkTriggerDocument } from './check-trigger.ts';

describe('a condition', () => {
  const at = (condition: object) => checkTriggerDocument(aTriggerIf(condition as Condition));

  test.each([
    ['eq', ['a'], '`eq` takes one text, number, true or false, or a `ref`; for several use `in`'],
    ['ne', ['a'], '`ne` takes one text, number, true or false, or a `ref`; for several use `in`'],
    ['gt', true, '`gt` takes a number, a text or a `ref`'],
    ['gte', ['a'], '`gte` takes a number, a text or a `ref`'],
    ['lt', false, '`lt` takes a number, a text or a `ref`'],
    ['lte', [1], '`lte` takes a number, a text or a `ref`'],
    ['between', [2, 1], '`between` takes a list of two numbers or two texts, the smaller one first'],
    ['between', [1, 2, 3], '`between` takes a list of two numbers or two texts, the smaller one first'],
    ['between', ['b', 'a'], '`between` takes a list of two numbers or two texts, the smaller one first'],
    ['between', ['a', 1], '`between` takes a list of two numbers or two texts, the smaller one first'],
    [
      'between',
      { ref: 'item.id' },
      '`between` takes a list of two numbers or two texts, the smaller one first',
    ],
    ['in', 'a', "`in` takes a list that isn't empty, or a `ref`"],
    ['hasAll', [], "`hasAll` takes a list that isn't empty, or a `ref`"],
    ['hasAny', 'a', "`hasAny` takes a list that isn't empty, or a `ref`"],
    ['contains', '', "`contains` takes a text that isn't empty, or a `ref`"],
    ['startsWith', 1, "`startsWith` takes a text that isn't empty, or a `ref`"],
    ['endsWith', ['a'], "`endsWith` takes a text that isn't empty, or a `ref`"],
    ['like', true, "`like` takes a text that isn't empty, or a `ref`"],
    ['before', 'soon', '`before` takes a date such as `2026-12-14T11:00:00+09:00`, or a `ref`'],
    ['after', ['2026-12-14'], '`after` takes a date such as `2026-12-14T11:00:00+09:00`, or a `ref`'],
    ['olderThan', '30 days', '`olderThan` takes a duration such as `30d`'],
    ['withinLast', 30, '`withinLast` takes a duration such as `30d`'],
    ['withinNext', { ref: 'item.id' }, '`withinNext` takes a duration such as `30d`'],
    ['exists', 1, '`exists` takes no value'],
    ['missing', 'a', '`missing` takes no value'],
    [
      'eq',
      undefined,
      'is missing; `eq` takes one text, number, true or false, or a `ref`; for several use `in`',
    ],
    [
      'between',
      undefined,
      'is missing; `between` takes a list of two numbers or two texts, the smaller one first',
    ],
  ])('%s %j never holds', (op, value, message) => {
    expect(at({ field: 'user.traits.x', op, ...(value !== undefined && { value }) })).toMatchObject([
      { path: 'entry.if.value', message },
    ]);
  });

  test.each([
    ['eq', 1],
    ['gt', 'b'],
    ['lte', 3],
    ['between', [1, 1]],
    ['between', ['a', 'a']],
    ['in', ['a', 'b']],
    ['hasAll', { ref: 'user.traits.y' }],
    ['contains', 'a'],
    ['before', '2026-12-14'],
    ['after', { ref: 'user.traits.y' }],
    ['olderThan', '30d'],
  ])('%s %j may', (op, value) => {
    expect(at({ field: 'user.traits.x', op, value })).toEqual([]);
  });

  test('compares texts loosely only where there are texts', () => {
    const loosely = (op: string, value: unknown) =>
      at({ field: 'user.traits.x', op, value, match: 'normalized' });
    for (const [op, value] of [
      ['eq', 'a'],
      ['in', ['a']],
      ['like', 'a*'],
    ] as const) {
      expect(loosely(op, value)).toEqual([]);
    }
    for (const [op, value] of [
      ['gt', 1],
      ['before', '2026-12-14'],
      ['olderThan', '1d'],
      ['between', [1, 2]],
    ] as const) {
      expect(loosely(op, value)).toMatchObject([
        { path: 'entry.if.match', message: `\`${op}\` compares no texts; leave \`match\` out` },
      ]);
    }
  });

  test.each<[object, string, string]>([
    [
      { all: [{ did: '$session_start' }] },
      'entry.if.all.0.did',
      '`$session_start` is derived and not kept in history; use `user.sessions.count`',
    ],
    [
      { didNot: '$order' },
      'entry.if.didNot',
      'the system sends no `$order`; expected one of $page, $screen, $identify, $group, $alias, $consent, $device',
    ],
    [
      { sequence: [{ did: 'A' }, { did: '$session_start' }], within: '1d' },
      'entry.if.sequence.1.did',
      '`$session_start` is derived and not kept in history; use `user.sessions.count`',
    ],
    [
      { sequence: [{ did: 'A' }, { didNot: '$session_start' }], within: '1d' },
      'entry.if.sequence.1.didNot',
      '`$session_start` is derived and not kept in history; use `user.sessions.count`',
    ],
    [
      { sequence: [{ didNot: 'A' }, { didNot: 'B' }], within: '1d' },
      'entry.if.sequence',
      'expected at least one `did`; for nothing else use `didNot`',
    ],
    [
      { sequence: [{ did: 'A' }, { did: 'B' }], within: '1d', same: 'user.id' },
      'entry.if.same',
      '`user.id` is the same for every event; expected a path of the events, such as `event.properties.product_id`',
    ],
    [
      { localTime: ['09:00', '09:00'] },
      'entry.if.localTime',
      'expected two different times; `09:00` to `09:00` is the whole day',
    ],
    [
      { did: 'X', where: { near: { lat: 1, lng: 2, meters: 500 }, entered: true } },
      'entry.if.where.entered',
      'only the event being decided can cross in; leave it out where past events are counted',
    ],
    [{ received: 'sent', trigger: 'a', tag: 'b' }, 'entry.if.tag', 'expected `trigger` or `tag`, not both'],
  ])('%j is told why', (condition, path, message) => {
    expect(at(condition)).toMatchObject([{ path, message }]);
  });

  test.each<object>([
    { localTime: ['22:00', '02:00'] },
    { near: { lat: 1, lng: 2, meters: 500 }, entered: true },
    { did: 'X', where: { near: { lat: 1, lng: 2, meters: 500 } } },
    { did: '$page' },
    { received: 'sent', tag: 'b' },
    { sequence: [{ did: 'A' }, { didNot: 'B' }], within: '1d', same: 'event.properties.k' },
  ])('%j may', (condition) => {
    expect(at(condition)).toEqual([]);
  });

  test.each([
    [
      'users.traits.tier',
      'no path begins with `users` (in `users.traits.tier`); expected one of event, user, item, entry, session, lookup; did you mean `user`?',
    ],
    [
      'user.trait.tier',
      '`user` has no `trait` (in `user.trait.tier`); expected one of id, known, traits, firstSeenAt, lastSeenAt, timezone, locale, cart, orders, sessions, lastViewed; did you mean `traits`?',
    ],
    [
      'user.orders.total',
      '`user.orders` has no `total` (in `user.orders.total`); expected one of count, value, lastAt, meanInterval, dueAt, overdueAt, lapsedAt',
    ],
    ['user.cart', '`user.cart` goes no further; expected `user.cart.` and one of count, value, oldestAt'],
    ['user.traits', '`user.traits` goes no further; expected `user.traits.` and a name'],
    ['user.id.first', 'nothing stands under `user.id`; expected `user.id`'],
    ['entry.items.0.id', "`entry.items.0.id` isn't available in this version"],
    ['entry.items', "`entry.items` isn't available in this version"],
    [
      'entry.itemsSeen',
      '`entry` has no `itemsSeen` (in `entry.itemsSeen`); expected one of event, item, lookup, referencePrice',
    ],
  ])('reads only paths that exist: %s', (field, message) => {
    expect(at({ field, op: 'exists' })).toMatchObject([{ path: 'entry.if.field', message }]);
  });

  test.each([
    'user.traits.a.b',
    'session.page',
    'session.page.path',
    'event.name',
    'entry.item.attributes.x',
  ])('may read %s', (field) => {
    expect(at({ field, op: 'exists' })).toEqual([]);
  });
});
