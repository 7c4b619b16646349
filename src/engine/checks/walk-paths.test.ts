import { describe, expect, test } from 'vitest';
import { aTrigger, send } from '../testing/builders.ts';
import type { Trigger } from '../trigger.ts';
import { triggerPaths } from './walk-paths.ts';

const HELLO = [{ event: 'Hello' }];
const ref = (path: string) => ({ ref: path });

describe('every path that a trigger reads is found where it is written', () => {
  test.each<[Parameters<typeof aTrigger>[0], [path: string, at: string][]]>([
    [
      { entry: { on: HELLO, key: ['item.id', 'event.properties.k'] } },
      [
        ['item.id', 'entry.key.0'],
        ['event.properties.k', 'entry.key.1'],
      ],
    ],
    [
      { entry: { on: HELLO, lookup: { table: 't', key: ref('event.properties.query') } } },
      [['event.properties.query', 'entry.lookup.key.ref']],
    ],
    [
      { entry: { on: HELLO, if: { field: 'item.price', op: 'lt', value: ref('user.traits.max') } } },
      [
        ['item.price', 'entry.if.field'],
        ['user.traits.max', 'entry.if.value.ref'],
      ],
    ],
    [
      { entry: { on: HELLO, if: { did: 'X', distinct: 'event.properties.a', count: { gte: 2 } } } },
      [['event.properties.a', 'entry.if.distinct']],
    ],
    [
      { entry: { on: HELLO, if: { did: 'X', sum: { of: 'event.properties.total', is: { gt: 1 } } } } },
      [['event.properties.total', 'entry.if.sum.of']],
    ],
    [
      {
        entry: {
          on: HELLO,
          if: { sequence: [{ did: 'A' }, { did: 'B' }], within: '1d', same: 'event.properties.c' },
        },
      },
      [['event.properties.c', 'entry.if.same']],
    ],
    [
      { entry: { on: [{ event: 'X', where: { field: 'event.properties.a', op: 'exists' } }] } },
      [['event.properties.a', 'entry.on.0.where.field']],
    ],
    [{ entry: { on: [{ date: 'user.traits.birthday' }] } }, [['user.traits.birthday', 'entry.on.0.date']]],
    [
      { entry: { on: [{ attribute: 'user.traits.tier', from: 'missing', to: ['VIP', 'GOLD'] }] } },
      [['user.traits.tier', 'entry.on.0.attribute']],
    ],
    [
      {
        entry: {
          on: [{ attribute: 'user.traits.a', from: ref('user.traits.b'), to: ref('user.traits.c') }],
        },
      },
      [
        ['user.traits.a', 'entry.on.0.attribute'],
        ['user.traits.b', 'entry.on.0.from.ref'],
        ['user.traits.c', 'entry.on.0.to.ref'],
      ],
    ],
    [{ exit: [{ on: { attribute: 'user.traits.tier' } }] }, [['user.traits.tier', 'exit.0.on.attribute']]],
    [
      {
        goals: [
          { id: 'g', on: { event: 'Order Completed' }, within: '1d', value: 'event.properties.revenue' },
        ],
      },
      [['event.properties.revenue', 'goals.0.value']],
    ],
    [
      { delivery: { expireAfter: { until: 'event.properties.ends_at' } } },
      [['event.properties.ends_at', 'delivery.expireAfter.until']],
    ],
    [
      { delivery: { recheck: { field: 'user.traits.tier', op: 'exists' } } },
      [['user.traits.tier', 'delivery.recheck.field']],
    ],
    [
      { steps: [{ id: 'w', wait: { until: 'event.properties.at' } }, send()] },
      [['event.properties.at', 'steps.0.wait.until']],
    ],
    [
      { steps: [send({ data: { who: ref('user.traits.name'), code: 'X', all: ['a'] } })] },
      [['user.traits.name', 'steps.0.send.data.who.ref']],
    ],
    [
      { steps: [{ id: 's', set: { 'user.traits.last': ref('item.id'), 'user.traits.told': true } }, send()] },
      [['item.id', 'steps.0.set.user.traits.last.ref']],
    ],
  ])('%j', (changes, expected) => {
    expect(triggerPaths(aTrigger(changes))).toEqual(expected.map(([path, at]) => ({ path, at })));
  });

  test.each<Partial<Trigger>>([
    {},
    { delivery: { expireAfter: '4h' } },
    { delivery: {} },
    { goals: [{ id: 'g', on: { event: 'Order Completed' }, within: '1d' }] },
    {
      steps: [
        { id: 'w', wait: '1d' },
        { id: 't', wait: { time: '09:00' } },
        { ...send(), id: 'x' },
      ],
    },
    { entry: { on: HELLO, if: { did: 'X', count: { gte: 2 } }, lookup: { table: 't', key: 'ring' } } },
    { entry: { on: HELLO, if: { didNot: 'X' } } },
  ])('and nothing else is taken for one: %j', (changes) => {
    expect(triggerPaths(aTrigger(changes))).toEqual([]);
  });
});
