import { describe, expect, test } from 'vitest';
import { checkTriggerDocument } from '../engine/checks/check-trigger.ts';
import type { Issue } from '../engine/checks/issue.ts';
import { checkDocument } from './schema-kit.ts';
import { triggerSchema } from './trigger-schema.ts';

const PRICE_DROP = {
  id: 'price-drop',
  name: 'Price drop on a liked item',
  tags: ['price'],
  priority: 60,
  category: 'marketing',
  entry: {
    on: [
      {
        item: 'price_drop',
        relation: ['liked', 'in_cart'],
        minDrop: { pct: 5 },
        versus: 'price_when_related',
      },
    ],
    if: {
      all: [{ not: { relation: 'purchased' } }, { field: 'item.stock', op: 'gt', value: 0, orMissing: true }],
    },
    key: ['item.id'],
  },
  reeligibility: { mode: 'always', per: 'key' },
  exit: [{ on: { event: 'Order Completed' }, matchKey: true, reason: 'bought' }],
  steps: [{ id: 'tell', send: { channels: ['push'], template: 'price-drop' } }],
  delivery: { expireAfter: '4h', recheck: { relation: 'liked' } },
};

type Change = (trigger: Record<string, unknown>) => void;

/** The issues of the document above after a change; shape first, then what the shape can't see. */
function issuesAfter(change: Change): Issue[] {
  const trigger = structuredClone(PRICE_DROP) as unknown as Record<string, unknown>;
  change(trigger);
  const checked = checkDocument(triggerSchema, trigger);
  return checked.kind === 'invalid' ? checked.issues : checkTriggerDocument(checked.document);
}

function withCondition(condition: unknown): Change {
  return (trigger) => {
    Object.assign(trigger.entry as object, { if: condition });
  };
}

describe('a trigger document', () => {
  test('that the engine can run is kept as it was written', () => {
    expect(checkDocument(triggerSchema, PRICE_DROP)).toEqual({ kind: 'valid', document: PRICE_DROP });
    expect(issuesAfter(() => {})).toEqual([]);
  });

  test('names every fault at once, each at its own path', () => {
    const issues = issuesAfter((trigger) => {
      trigger.id = 'Price Drop';
      trigger.priority = 101;
      trigger.steps = [{ id: 'tell', send: { channels: ['pusch'], template: 'price-drop' } }];
      delete trigger.reeligibility;
    });
    expect(issues).toMatchObject([
      { path: 'id', message: 'expected 1–64 of a–z, 0–9, `_` and `-`, such as `price-drop`' },
      { path: 'priority', message: 'at most 100' },
      { path: 'reeligibility', message: 'is missing; expected an object' },
      {
        path: 'steps.0.send.channels.0',
        message: expect.stringMatching(/^expected one of `in_app`, .*; did you mean `push`\?$/),
      },
    ]);
  });

  test('says where a condition five levels deep is wrong', () => {
    const broken = { field: 'user.traits.tier', op: 'equals', value: 'VIP' };
    const condition = { all: [{ did: 'Signed Up' }, { any: [{ not: broken }] }] };
    expect(issuesAfter(withCondition(condition))).toMatchObject([
      { path: 'entry.if.all.1.any.0.not.op', message: expect.stringContaining('expected one of `eq`, `ne`') },
    ]);
  });

  test('suggests the nearest legal name for an unknown field', () => {
    expect(issuesAfter((trigger) => Object.assign(trigger, { catgory: 'x', zzz: 1 }))).toMatchObject([
      { path: 'catgory', message: "isn't a field here; did you mean `category`?" },
      { path: 'zzz', message: "isn't a field here" },
    ]);
  });

  test('with an empty `all` is told the widest legal condition', () => {
    expect(issuesAfter(withCondition({ all: [] }))).toMatchObject([
      { path: 'entry.if.all', message: expect.stringContaining('{"field":"user.id","op":"exists"}') },
    ]);
    expect(issuesAfter(withCondition({ field: 'user.id', op: 'exists' }))).toEqual([]);
  });

  const withOn = (on: unknown) => (t: Record<string, unknown>) =>
    Object.assign(t.entry as object, { on: [on] });
  const withSteps =
    (...steps: unknown[]) =>
    (t: Record<string, unknown>) =>
      Object.assign(t, { steps });

  test.each<[string, Change]>([])(
    'whose %s the engine cannot run yet is refused, not half obeyed',
    (path, change) => {
      const [issue, ...more] = issuesAfter(change);
      expect(issue?.path).toBe(path);
      expect(issue?.message).toContain("isn't available in this version");
      expect(more).toEqual([]);
    },
  );

  const recommending = (recommend: unknown) =>
    withSteps({ id: 'a', send: { channels: ['push'], template: 'x', recommend } });

  test.each<[string, unknown]>([
    ['limit', { from: 'liked', limit: 11 }],
    ['limit', { from: 'liked', limit: 0 }],
    ['from', { from: 'seen' }],
    ['from', { limit: 3 }],
  ])('recommends by a known %s, and a few items', (field, recommend) => {
    const [issue] = issuesAfter(recommending(recommend));
    expect(issue?.path).toBe(`steps.0.send.recommend.${field}`);
    expect(issuesAfter(recommending({ from: 'cart', limit: 10 }))).toEqual([]);
  });

  const send = { id: 'tell', send: { channels: ['push'], template: 'price-drop' } };
  test.each<[string, Change]>([
    [
      'schedule',
      (t) =>
        Object.assign(t, { schedule: { start: '2026-12-01T00:00:00Z', end: '2027-01-01T00:00:00+09:00' } }),
    ],
    [
      'quiet hours',
      (t) => Object.assign(t, { delivery: { quietHours: { action: 'next_channel', maxHold: '12h' } } }),
    ],
    [
      'send window',
      (t) =>
        Object.assign(t, {
          delivery: { sendWindow: { from: '09:00', to: '18:30', days: ['mon'], outside: 'drop' } },
        }),
    ],
    ['usual hour', (t) => Object.assign(t, { delivery: { sendWindow: 'usual' } })],
    [
      'expiry',
      (t) =>
        Object.assign(t, { delivery: { expireAfter: { until: 'event.properties.ends_at', offset: '-1h' } } }),
    ],
    ['broadcast', withOn({ at: '2026-12-14T11:00:00+09:00', every: '7d', segment: 'vip' })],
    ['attribute', withOn({ attribute: 'user.traits.tier', from: 'missing', to: ['VIP', 'GOLD'] })],
    ['date', withOn({ date: 'user.traits.birthday', every: 'year', offset: '-1d', time: '09:00' })],
    ['silence', withOn({ inactive: '14d', event: 'Order Completed', cycleFactor: 1.5 })],
    ['segment', withOn({ segment: 'vip', change: 'left' })],
    ['message', withOn({ message: 'clicked', trigger: 'hello' })],
    ['wait for a time', withSteps({ id: 'a', wait: { time: '09:00', days: ['mon', 'tue'] } }, send)],
    [
      'wait until a path',
      withSteps({ id: 'a', wait: { until: 'event.properties.expires_at', offset: '-1d' } }, send),
    ],
    [
      'wait for an event',
      withSteps(
        { id: 'a', waitFor: { event: 'Order Completed' }, timeout: '1d', matchKey: true, onTimeout: 'tell' },
        send,
      ),
    ],
    [
      'split',
      (t) =>
        Object.assign(t, {
          experiment: {
            holdout: 0.1,
            variants: [
              { id: 'a', weight: 1 },
              { id: 'b', weight: 3 },
            ],
          },
          steps: [{ id: 's', split: { a: 'tell', b: 'done' } }, send, { id: 'done', end: true }],
        }),
    ],
    ['set', withSteps({ id: 'a', set: { 'user.traits.told': true } }, send)],
  ])('may have a %s', (_name, change) => {
    expect(issuesAfter(change)).toEqual([]);
  });

  test.each(['1.5h', '30', '0m', 'm', '10 m', 5, null])('with the duration %j is refused', (duration) => {
    const [issue] = issuesAfter((trigger) => Object.assign(trigger, { delivery: { expireAfter: duration } }));
    expect(issue?.path).toBe('delivery.expireAfter');
    expect(issue?.message).toContain('such as `30m`');
  });

  test('may mark itself exempt from caps', () => {
    expect(issuesAfter((trigger) => Object.assign(trigger, { delivery: { caps: 'exempt' } }))).toEqual([]);
  });

  test('nested beyond reason is refused before it is walked', () => {
    let deep: unknown = 1;
    for (let i = 0; i < 10_000; i++) deep = { not: deep };
    expect(issuesAfter(withCondition(deep))).toMatchObject([
      { path: '', message: 'is nested more than 64 levels deep' },
    ]);
  });
});

describe('a trigger that is well formed', () => {
  test('must not nest conditions more than 16 deep', () => {
    let deep: unknown = { field: 'user.id', op: 'exists' };
    for (let i = 0; i < 15; i++) deep = { not: deep };
    expect(issuesAfter(withCondition(deep))).toEqual([]);
    expect(issuesAfter(withCondition({ not: deep }))).toMatchObject([
      { path: `entry.if${'.not'.repeat(16)}`, message: 'conditions stand at most 16 deep in each other' },
    ]);
  });

  test.each([
    ['user.trait.tier', '`user` has no `trait`'],
    ['users.traits.tier', 'no path begins with `users`'],
    ['user.cart', '`user.cart` goes no further'],
    ['user.id.first', 'nothing stands under `user.id`'],
    ['session.pages', '`session` has no `pages`'],
    ['lookup.url', 'needs `entry.lookup`'],
    ['user.constructor', '`user` has no `constructor`'],
  ])('must not read %s', (field, message) => {
    expect(issuesAfter(withCondition({ field, op: 'exists' }))).toMatchObject([
      { path: 'entry.if.field', message: expect.stringContaining(message) },
    ]);
  });

  test.each([
    [{ op: 'exists', value: 1 }, 'value'],
    [{ op: 'eq' }, 'value'],
    [{ op: 'eq', value: ['a', 'b'] }, 'value'],
    [{ op: 'between', value: [5, 1] }, 'value'],
    [{ op: 'between', value: [1, 'x'] }, 'value'],
    [{ op: 'in', value: 'VIP' }, 'value'],
    [{ op: 'in', value: [] }, 'value'],
    [{ op: 'contains', value: 3 }, 'value'],
    [{ op: 'before', value: 'soon' }, 'value'],
    [{ op: 'olderThan', value: '30 days' }, 'value'],
    [{ op: 'gt', value: 1, match: 'normalized' }, 'match'],
  ])('must not compare in a way that never holds: %j', (rest, field) => {
    expect(issuesAfter(withCondition({ field: 'user.traits.x', ...rest }))).toMatchObject([
      { path: `entry.if.${field}`, message: expect.any(String) },
    ]);
  });

  test.each<[string, Change]>([
    ['transactionalReason', (t) => Object.assign(t, { category: 'transactional' })],
    ['reeligibility.after', (t) => Object.assign(t, { reeligibility: { mode: 'cooldown' } })],
    ['reeligibility.after', (t) => Object.assign(t, { reeligibility: { mode: 'never', after: '1d' } })],
    ['exit.0', (t) => Object.assign(t, { exit: [{ reason: 'x' }] })],
    ['steps', (t) => Object.assign(t, { steps: [{ id: 'a', wait: '1h' }] })],
    ['steps.1.id', (t) => Object.assign(t, { steps: [...PRICE_DROP.steps, { id: 'tell', wait: '1h' }] })],
    [
      'steps.0.send.surface',
      (t) =>
        Object.assign(t, { steps: [{ id: 'a', send: { channels: ['push'], template: 'x', surface: 's' } }] }),
    ],
    ['id', (t) => Object.assign(t, { id: 'self' })],
  ])('must not contradict itself at %s', (path, change) => {
    expect(issuesAfter(change)).toMatchObject([{ path, message: expect.any(String) }]);
  });

  test('must not wait for events that the system never sends', () => {
    const issues = issuesAfter((trigger) => {
      Object.assign(trigger.entry as object, {
        on: [{ event: '$session_start' }, { event: '$pageview' }],
        if: { all: [{ did: '$page' }, { did: '$session_start' }] },
      });
    });
    expect(issues).toMatchObject([
      { path: 'entry.on.1.event', message: expect.stringContaining('the system sends no `$pageview`') },
      { path: 'entry.if.all.1.did', message: expect.stringContaining('user.sessions.count') },
    ]);
  });

  test.each<[string, Change]>([
    ['exit.0.on.inactive', (t) => Object.assign(t, { exit: [{ on: { inactive: '7d' } }] })],
    [
      'goals.0.on.date',
      (t) => Object.assign(t, { goals: [{ id: 'g', on: { date: 'user.traits.x' }, within: '1d' }] }),
    ],
    [
      'steps.0.waitFor.at',
      (t) =>
        Object.assign(t, {
          steps: [{ id: 'a', waitFor: { at: '2026-12-14T11:00:00Z' }, timeout: '1d' }, ...PRICE_DROP.steps],
        }),
    ],
  ])('must not listen where nothing ever comes: %s', (path, change) => {
    expect(issuesAfter(change)).toEqual([{ path, message: expect.stringContaining('only `entry.on`') }]);
  });

  test('must give every variant an arm of its split, and every arm a variant', () => {
    const issues = issuesAfter((trigger) =>
      Object.assign(trigger, {
        experiment: {
          variants: [
            { id: 'a', weight: 1 },
            { id: 'b', weight: 1 },
          ],
        },
        steps: [{ id: 's', split: { a: 'tell', x: 'tell' } }, ...PRICE_DROP.steps],
      }),
    );
    expect(issues).toMatchObject([
      { path: 'steps.0.split.x', message: expect.stringContaining('expected one of them: `a`, `b`') },
      { path: 'steps.0.split', message: expect.stringContaining('`b`') },
    ]);
  });

  test('must not aim at goals that cannot be reached', () => {
    const goal = { id: 'buy', within: '7d', on: { event: '$order' }, value: 'event.revenue' };
    expect(
      issuesAfter((trigger) => Object.assign(trigger, { goals: [goal] })).map(({ path }) => path),
    ).toEqual(['goals.0.on.event', 'goals.0.value']);
  });

  test('without a key can neither be re-eligible per key nor match one', () => {
    const issues = issuesAfter((trigger) => {
      delete (trigger.entry as Record<string, unknown>).key;
    });
    expect(issues.map(({ path }) => path)).toEqual(['reeligibility.per', 'exit.0.matchKey']);
  });
});
