import { describe, expect, test } from 'vitest';
import { aTrigger, send } from '../testing/builders.ts';
import type { Condition, On, Trigger } from '../trigger.ts';
import { segmentReferences, triggerReferences } from './references.ts';

const TEMPLATE = { kind: 'template', id: 'hello', at: 'steps.0.send.template' };
const vip: Condition = { segment: 'vip' };

describe('what a trigger names', () => {
  test.each<[Partial<Trigger>, object]>([
    [
      { entry: { on: [{ event: 'X' }], if: { any: [{ not: vip }] } } },
      { kind: 'segment', id: 'vip', at: 'entry.if.any.0.not.segment' },
    ],
    [
      { entry: { on: [{ event: 'X', where: { all: [vip] } }] } },
      { kind: 'segment', id: 'vip', at: 'entry.on.0.where.all.0.segment' },
    ],
    [
      { entry: { on: [{ event: 'X' }], if: { did: 'Y', where: vip } } },
      { kind: 'segment', id: 'vip', at: 'entry.if.where.segment' },
    ],
    [{ exit: [{ if: vip }] }, { kind: 'segment', id: 'vip', at: 'exit.0.if.segment' }],
    [
      { exit: [{ if: { did: 'Y' } }, { on: { event: 'X', where: vip } }] },
      { kind: 'segment', id: 'vip', at: 'exit.1.on.where.segment' },
    ],
    [{ delivery: { recheck: vip } }, { kind: 'segment', id: 'vip', at: 'delivery.recheck.segment' }],
    [
      { goals: [{ id: 'g', within: '1d', on: { event: 'X', where: vip } }] },
      { kind: 'segment', id: 'vip', at: 'goals.0.on.where.segment' },
    ],
    [
      { entry: { on: [{ segment: 'vip', change: 'left' }] } },
      { kind: 'segment', id: 'vip', at: 'entry.on.0.segment' },
    ],
    [
      { entry: { on: [{ event: 'X' }, { at: '2026-12-14T11:00:00Z', segment: 'vip' }] } },
      { kind: 'segment', id: 'vip', at: 'entry.on.1.segment' },
    ],
    [
      { exit: [{ on: { segment: 'vip', change: 'entered' } }] },
      { kind: 'segment', id: 'vip', at: 'exit.0.on.segment' },
    ],
    [
      { entry: { on: [{ message: 'shown', trigger: 'first' }] } },
      { kind: 'trigger', id: 'first', at: 'entry.on.0.trigger' },
    ],
    [
      { goals: [{ id: 'g', within: '1d', on: { message: 'clicked', trigger: 'first' } }] },
      { kind: 'trigger', id: 'first', at: 'goals.0.on.trigger' },
    ],
    [
      { entry: { on: [{ event: 'X' }], if: { received: 'sent', trigger: 'first' } } },
      { kind: 'trigger', id: 'first', at: 'entry.if.trigger' },
    ],
    [
      { entry: { on: [{ event: 'X' }], lookup: { table: 'rings', key: 'a' } } },
      { kind: 'lookup', id: 'rings', at: 'entry.lookup.table' },
    ],
  ])('%j', (changes, reference) => {
    const named = triggerReferences(aTrigger(changes));
    expect(named).toEqual(expect.arrayContaining([reference, TEMPLATE]));
    expect(named).toHaveLength(2);
  });

  test('in its steps: templates, what a branch asks, and what a step waits for', () => {
    const waitFor: On = { message: 'clicked', trigger: 'first' };
    const steps: Trigger['steps'] = [
      {
        id: 'where',
        branch: [
          { if: { did: 'Y' }, goto: 'show' },
          { if: vip, goto: 'show' },
        ],
      },
      { id: 'wait', waitFor, timeout: '1d' },
      { id: 'entered', waitFor: { event: 'X', where: vip }, timeout: '1d' },
      send(),
      send({ id: 'more', template: 'other' }),
    ];
    expect(triggerReferences(aTrigger({ steps }))).toEqual([
      { kind: 'segment', id: 'vip', at: 'steps.0.branch.1.if.segment' },
      { kind: 'segment', id: 'vip', at: 'steps.2.waitFor.where.segment' },
      { kind: 'trigger', id: 'first', at: 'steps.1.waitFor.trigger' },
      { kind: 'template', id: 'hello', at: 'steps.3.send.template' },
      { kind: 'template', id: 'other', at: 'steps.4.send.template' },
    ]);
  });

  test.each<Partial<Trigger>>([
    {},
    { entry: { on: [{ message: 'shown' }] } },
    { entry: { on: [{ at: '2026-12-14T11:00:00Z' }] } },
    { entry: { on: [{ event: 'X' }], if: { received: 'sent', trigger: 'self' } } },
    { entry: { on: [{ event: 'X' }], if: { received: 'sent', tag: 'price' } } },
  ])('is its template alone, where nothing else is named: %j', (changes) => {
    expect(triggerReferences(aTrigger(changes))).toEqual([TEMPLATE]);
  });
});

test('a segment names the segments that it asks, wherever they stand', () => {
  const sequence: Condition = { sequence: [{ did: 'A' }, { did: 'B', where: vip }], within: '1d' };
  expect(segmentReferences({ id: 's', if: { all: [vip, sequence] } })).toEqual([
    { kind: 'segment', id: 'vip', at: 'if.all.0.segment' },
    { kind: 'segment', id: 'vip', at: 'if.all.1.sequence.1.where.segment' },
  ]);
});
