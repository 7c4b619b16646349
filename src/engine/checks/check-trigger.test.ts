/** The words that whoever writes a trigger reads: each fault by its whole sentence, where it stands. */
import { describe, expect, test } from 'vitest';
import { aTrigger, send } from '../testing/builders.ts';
import { CHANNELS, type Condition, type Step, type Trigger } from '../trigger.ts';
import { checkTriggerDocument } from './check-trigger.ts';
import type { Issue } from './issue.ts';

const issuesOf = (trigger: Trigger): Issue[] => checkTriggerDocument(trigger);
const HELLO = [{ event: 'Hello' }];

test('a trigger that works is told nothing', () => {
  const reasoned = aTrigger({ category: 'transactional', transactionalReason: 'an order' });
  for (const trigger of [aTrigger(), reasoned]) expect(issuesOf(trigger)).toEqual([]);
});

describe('what contradicts itself', () => {
  test.each<[Parameters<typeof aTrigger>[0], string, string]>([
    [{ id: 'self' }, 'id', '`self` means the trigger itself in `received`; choose another id'],
    [
      { category: 'transactional' },
      'transactionalReason',
      'is missing; a transactional message goes out without marketing consent, so say why it may',
    ],
    [
      { reeligibility: { mode: 'cooldown' } },
      'reeligibility.after',
      'is missing; `cooldown` needs one, such as `1d` or `session`',
    ],
    [
      { reeligibility: { mode: 'never', after: '1d' } },
      'reeligibility.after',
      '`never` takes none; expected `mode: "cooldown"`',
    ],
    [
      { reeligibility: { mode: 'always', per: 'key' } },
      'reeligibility.per',
      '`key` needs `entry.key`; expected `user`',
    ],
    [{ exit: [{ reason: 'x' }] }, 'exit.0', 'expected `on`, `if` or both'],
    [
      { exit: [{ if: { did: 'A' } }, { on: { event: 'Bye' }, matchKey: true }] },
      'exit.1.matchKey',
      'needs `entry.key`, whose values it compares',
    ],
    [
      { exit: [{ if: { did: 'A' }, matchKey: true }], entry: { key: ['item.id'] } },
      'exit.0.matchKey',
      'needs `on`, the event whose key it compares',
    ],
    [
      { exit: [{ on: { date: 'user.traits.x' } }] },
      'exit.0.on.date',
      'only `entry.on` can listen to `date` in this version: here nothing would ever come',
    ],
    [{ steps: [send(), send()] }, 'steps.1.id', '`show` is the id of `steps.0` already'],
    [{ steps: [{ id: 'w', wait: '1h' }] }, 'steps', 'expected at least one `send`: nothing is ever sent'],
    [
      { steps: [send({ channels: ['push', 'in_app', 'push'] })] },
      'steps.0.send.channels.2',
      '`push` is named twice',
    ],
    [
      { steps: [send({ channels: ['push'], surface: 'hero' })] },
      'steps.0.send.surface',
      'only `in_app` and `card` have a surface',
    ],
    [
      { entry: { if: { field: 'lookup.url', op: 'exists' } } },
      'entry.if.field',
      '`lookup.url` needs `entry.lookup`, which names the table',
    ],
    [
      { delivery: { recheck: { field: 'entry.lookup.url', op: 'exists' } } },
      'delivery.recheck.field',
      '`entry.lookup.url` needs `entry.lookup`, which names the table',
    ],
    [
      { entry: { on: [{ event: '$pageview' }] } },
      'entry.on.0.event',
      'the system sends no `$pageview`; expected one of $page, $screen, $identify, $group, $alias, $consent, $device, $session_start, $consent_renewal_due',
    ],
  ])('%j', (changes, path, message) => {
    expect(issuesOf(aTrigger(changes))).toMatchObject([{ path, message }]);
  });

  test.each<Parameters<typeof aTrigger>[0]>([
    { entry: { key: ['item.id'] }, reeligibility: { mode: 'always', per: 'key' } },
    { entry: { key: ['item.id'] }, exit: [{ on: { event: 'Bye' }, matchKey: true }] },
    { exit: [{ on: { event: 'Bye' } }, { if: { did: 'A' } }] },
    { steps: [send({ channels: ['card'], surface: 'hero' })] },
    { entry: { on: [{ inactive: '7d' }] } },
    { entry: { on: [{ event: '$session_start' }] } },
    { entry: { lookup: { table: 't', key: 'a' }, if: { field: 'lookup.url', op: 'exists' } } },
  ])('and what does not: %j', (changes) => {
    expect(issuesOf(aTrigger(changes))).toEqual([]);
  });
});

describe('a split', () => {
  const split = (arms: Record<string, string>, ...variants: string[]) =>
    issuesOf(
      aTrigger({
        steps: [{ id: 's', split: arms }, send()],
        experiment: { variants: variants.map((id) => ({ id, weight: 1 })) },
      }),
    );

  test('has an arm for every variant, and a variant for every arm', () => {
    expect(split({ a: 'show', b: 'show' }, 'a', 'b')).toEqual([]);
    expect(split({ a: 'show', x: 'show' }, 'a', 'b')).toMatchObject([
      {
        path: 'steps.0.split.x',
        message: '`x` is no variant of `experiment.variants`; expected one of them: `a`, `b`',
      },
      { path: 'steps.0.split', message: 'has no step for the variant `b`' },
    ]);
    expect(split({ a: 'show' })).toMatchObject([
      {
        path: 'steps.0.split.a',
        message: '`a` is no variant of `experiment.variants`; expected one of them: none',
      },
    ]);
  });
});

describe('where a run can go', () => {
  const answered = ({ toStep, onTimeout }: { toStep?: string; onTimeout?: string }): Step =>
    Object.fromEntries([
      ['id', 'w'],
      ['waitFor', { event: 'X' }],
      ['timeout', '1d'],
      ...(toStep === undefined ? [] : [['then', toStep]]),
      ...(onTimeout === undefined ? [] : [['onTimeout', onTimeout]]),
    ]);
  const known: Condition = { field: 'user.known', op: 'eq', value: true };
  test.each<[Step[], string, string]>([
    [
      [{ id: 'where', branch: [{ if: known, goto: 'shwo' }] }, send()],
      'steps.0.branch.0.goto',
      'there is no step `shwo`; did you mean `show`?',
    ],
    [[answered({ toStep: 'far away' }), send()], 'steps.0.then', 'there is no step `far away`'],
    [[answered({ onTimeout: 'late' }), send()], 'steps.0.onTimeout', 'there is no step `late`'],
    [
      [{ id: 'where', branch: [{ goto: 'show' }, { if: known, goto: 'show' }] }, send()],
      'steps.0.branch.1',
      '`branch.0` has no `if` and is always taken before it; expected it to be the last',
    ],
    [
      [send(), { id: 'done', end: true }, send({ id: 'never' })],
      'steps.2',
      'no run ever reaches `never`; expected a `goto` to it',
    ],
    [
      [answered({ toStep: 'show', onTimeout: 'show' }), send({ id: 'between' }), send()],
      'steps.1',
      'no run ever reaches `between`; expected a `goto` to it',
    ],
    [
      [send(), { id: 'back', branch: [{ goto: 'show' }] }],
      'steps.0',
      'a run can come back to `show` without waiting, and would never end; expected a `wait` on the way',
    ],
  ])('%j', (steps, path, message) => {
    expect(issuesOf(aTrigger({ steps }))).toMatchObject([{ path, message }]);
  });

  test.each<Step[][]>([
    [[answered({ toStep: 'show' }), send({ id: 'between' }), send()]],
    [[send(), answered({ toStep: 'show' })]],
    [[{ id: 'where', branch: [{ if: known, goto: 'show' }, { goto: 'show' }] }, send()]],
  ])('%j', (steps) => {
    expect(issuesOf(aTrigger({ steps }))).toEqual([]);
  });
});

test('each channel can be sent on once', () => {
  expect(issuesOf(aTrigger({ entry: { on: HELLO }, steps: [send({ channels: [...CHANNELS] })] }))).toEqual(
    [],
  );
});
