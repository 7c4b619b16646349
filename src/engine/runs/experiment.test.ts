/** Arms and hold-outs. */
import { describe, expect, test } from 'vitest';
import { aConfig, aTrigger, live, type Published, send } from '../testing/builders.ts';
import { reasonOf, traceOf, VirtualProfile } from '../testing/virtual-profile.ts';
import type { Step, Trigger } from '../trigger.ts';
import { variantOf } from './experiment.ts';

const variants = [
  { id: 'a', weight: 1 },
  { id: 'b', weight: 2 },
  { id: 'c', weight: 1 },
];
const arms: Step[] = [
  { id: 'split', split: { a: 'one', b: 'two', c: 'none' } },
  send({ id: 'one', surface: 'one' }),
  { id: 'done', end: true },
  send({ id: 'two', surface: 'two' }),
  { id: 'none', end: true },
];
const splitting = (changes: Parameters<typeof aTrigger>[0] = {}) =>
  aTrigger({ experiment: { variants }, steps: arms, ...changes });
const lifeOf = (id: string, triggers: (Trigger | ReturnType<typeof live>)[], rest: Published = {}) =>
  new VirtualProfile({ config: aConfig({ triggers, ...rest }), id });
const ids = (n: number) => Array.from({ length: n }, (_, i) => `user-${i}`);
const compiled = (trigger: Trigger) => {
  const [one] = aConfig({ triggers: [trigger] }).triggers.values();
  if (!one) throw new Error('no trigger');
  return one;
};

describe('an arm', () => {
  test('is drawn by weight, within 2 % over 20,000 people', () => {
    const trigger = compiled(splitting());
    const drawn = { a: 0, b: 0, c: 0 };
    for (const id of ids(20_000)) drawn[variantOf(trigger, id) as 'a'] += 1;
    expect(Math.abs(drawn.a / 20_000 - 0.25)).toBeLessThan(0.02);
    expect(Math.abs(drawn.b / 20_000 - 0.5)).toBeLessThan(0.02);
    expect(Math.abs(drawn.c / 20_000 - 0.25)).toBeLessThan(0.02);
  });

  test('of one experiment says nothing of the arm in another, unless they share a salt', () => {
    const halves = [
      { id: 'a', weight: 1 },
      { id: 'b', weight: 1 },
    ];
    const [one, two] = [
      compiled(splitting({ experiment: { variants: halves } })),
      compiled(splitting({ id: 'other', experiment: { variants: halves } })),
    ];
    const same = ids(20_000).filter((id) => variantOf(one, id) === variantOf(two, id)).length;
    expect(Math.abs(same / 20_000 - 0.5)).toBeLessThan(0.02);
    const salted = ['one', 'two'].map((id) =>
      compiled(splitting({ id, experiment: { variants: halves, salt: 's' } })),
    );
    for (const id of ids(100)) expect(new Set(salted.map((trigger) => variantOf(trigger, id))).size).toBe(1);
  });

  test('of weight 0 is drawn by nobody; where all are 0 there is none', () => {
    const trigger = compiled(
      splitting({
        experiment: {
          variants: [
            { id: 'a', weight: 0 },
            { id: 'b', weight: 1 },
          ],
        },
      }),
    );
    expect(new Set(ids(1_000).map((id) => variantOf(trigger, id)))).toEqual(new Set(['b']));
    const none = compiled(splitting({ experiment: { variants: [{ id: 'a', weight: 0 }] } }));
    expect(variantOf(none, 'u1')).toBeNull();
  });

  test('leads to its own step, and stands on the message', () => {
    const surfaces = { a: ['one'], b: ['two'], c: [] };
    for (const id of ids(50)) {
      const profile = lifeOf(id, [splitting()]);
      const arm = variantOf(compiled(splitting()), id) as 'a';
      profile.track('Hello');
      expect(profile.inbox().map(({ surface }) => surface)).toEqual(surfaces[arm]);
      expect(profile.inbox().map(({ variant }) => variant)).toEqual(surfaces[arm].map(() => arm));
    }
  });

  test('stays through a restart, a new version and a merge', () => {
    for (const id of ids(50)) {
      const first = variantOf(compiled(splitting()), id);
      const slow = splitting({
        entry: { concurrency: 'restart' },
        steps: [{ id: 'wait', wait: '1h' }, ...arms],
      });
      const anonymous = new VirtualProfile({ config: aConfig({ triggers: [slow] }), id, kind: 'anonymous' });
      const drawn = (profile: VirtualProfile) =>
        [...profile.state.runs.values()].map(({ variant }) => variant);
      for (let i = 0; i < 2; i++) {
        anonymous.track('Hello');
        expect(drawn(anonymous)).toEqual([first]);
      }
      anonymous.config = aConfig({ triggers: [live(slow, { version: 2 })] });
      anonymous.track('Hello');
      expect(drawn(anonymous)).toEqual([first]);
      const known = new VirtualProfile({
        config: anonymous.config,
        id: `known-${id}`,
        at: anonymous.now + 1,
      });
      known.merge(anonymous);
      known.track('Hello');
      expect(drawn(known)).toEqual([first]);
    }
  });
});

describe('a hold-out', () => {
  const everybody = { experiment: { holdout: 1 } };

  test('is a share of all people', () => {
    const trigger = aTrigger({ experiment: { holdout: 0.2 } });
    const held = ids(2_000).filter((id) => reasonOf(lifeOf(id, [trigger]).track('Hello')) === 'held_out');
    expect(Math.abs(held.length / 2_000 - 0.2)).toBeLessThan(0.04);
  });

  test('gets nothing, and it says so at the step', () => {
    const profile = lifeOf('u1', [aTrigger(everybody)]);
    expect(traceOf(profile.track('Hello'))).toMatchObject({ reason: 'held_out', path: 'steps.show' });
    expect([profile.inbox(), profile.outbox(), profile.sends()]).toEqual([[], [], 0]);
  });

  test('acts last: who would not have got it isn’t held out', () => {
    const push = aTrigger({ ...everybody, steps: [send({ channels: ['push'] })] });
    const profile = lifeOf('u1', [push]);
    expect(reasonOf(profile.track('Hello'))).toBe('no_consent');
    profile.consent('push');
    expect(reasonOf(profile.track('Hello'))).toBe('held_out');
    const hole = aTrigger({ ...everybody, steps: [send({ template: 'missing' })] });
    expect(reasonOf(lifeOf('u1', [hole]).track('Hello'))).toBe('render_error');
  });

  test('counts as sent for its own re-eligibility', () => {
    const profile = lifeOf('u1', [aTrigger({ ...everybody, reeligibility: { mode: 'never' } })]);
    expect([reasonOf(profile.track('Hello')), reasonOf(profile.track('Hello'))]).toEqual([
      'held_out',
      'not_eligible',
    ]);
  });

  test('keeps its slot, but uses no cap', () => {
    const ghost = aTrigger({ id: 'ghost', priority: 90, ...everybody });
    const caps = { id: 'caps' as const, rules: [{ count: 1, window: { last: '1d' as const } }] };
    const other = aTrigger({ id: 'card', priority: 10, steps: [send({ channels: ['card'] })] });
    const decision = lifeOf('u1', [ghost, aTrigger(), other], { policies: { caps } }).track('Hello');
    expect(['ghost', 'hello', 'card'].map((id) => reasonOf(decision, id))).toEqual([
      'held_out',
      'outranked',
      'sent',
    ]);
  });

  test('of the workspace still gets what is no marketing', () => {
    const holdout = { id: 'holdout' as const, share: 1 };
    const trigger = aTrigger({ category: 'transactional', transactionalReason: 'order status' });
    expect(reasonOf(lifeOf('u1', [trigger], { policies: { holdout } }).track('Hello'))).toBe('sent');
  });

  test('of the workspace is kept from every trigger', () => {
    const holdout = { id: 'holdout' as const, share: 0.3 };
    const triggers = [aTrigger(), aTrigger({ id: 'card', steps: [send({ channels: ['card'] })] })];
    let kept = 0;
    for (const id of ids(1_000)) {
      const decision = lifeOf(id, triggers, { policies: { holdout } }).track('Hello');
      const reasons = new Set(['hello', 'card'].map((trigger) => reasonOf(decision, trigger)));
      expect(reasons.size).toBe(1);
      if (reasons.has('held_out')) kept += 1;
    }
    expect(Math.abs(kept / 1_000 - 0.3)).toBeLessThan(0.05);
  });
});
