/** The index finds what trying every trigger finds, and explains what it left out as trying would have. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Config } from '../config.ts';
import { type Decision, decide } from '../decide.ts';
import { explainRuledOut } from '../explain/ruled-out.ts';
import type { Reason, TriggerTrace } from '../reasons.ts';
import { aConfig, aTrigger, live, products, send } from '../testing/builders.ts';
import { VirtualProfile } from '../testing/virtual-profile.ts';
import type { Condition, FieldCondition, On, Trigger, Value } from '../trigger.ts';
import type { Event, Json } from '../vocabulary.ts';
import { winsBefore } from './compile-config.ts';
import { listeningOf } from './equality-key.ts';
import { TRIED_ONE_BY_ONE } from './listeners.ts';

const scalar = fc.constantFrom<Exclude<Json, object | null>>(
  'a',
  'A ',
  'b',
  '',
  '__proto__',
  '1',
  1,
  0,
  true,
);
const found = fc.oneof(
  { weight: 5, arbitrary: scalar as fc.Arbitrary<Json> },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Json>(null, [], ['a', 'b'], [['a']], { a: 'a' }, 'x'.repeat(300)),
  },
);
const path = fc.constantFrom(
  ...['event.properties.k', 'event.properties.n.k', 'event.properties.products.product_id'],
  ...['item.id', 'user.traits.a', 'event.context.page.path', 'user.known', 'entry.event.properties.k'],
);
const field: fc.Arbitrary<Condition> = fc
  .record({
    field: path,
    op: fc.constantFrom('eq', 'eq', 'eq', 'in', 'ne', 'exists') as fc.Arbitrary<FieldCondition['op']>,
    value: fc.oneof(
      { weight: 6, arbitrary: scalar as fc.Arbitrary<Value> },
      { weight: 2, arbitrary: fc.array(scalar, { minLength: 1, maxLength: 3 }) as fc.Arbitrary<Value> },
      { weight: 1, arbitrary: fc.constant<Value>({ ref: 'user.traits.a' }) },
    ),
    match: fc.constantFrom<('exact' | 'normalized')[]>('exact', 'normalized'),
    orMissing: fc.nat(9).map((n) => n === 0),
  })
  .map(({ match, orMissing, ...rest }) => ({
    ...rest,
    ...(match === 'normalized' && { match }),
    ...(orMissing && { orMissing }),
  }));
const condition: fc.Arbitrary<Condition> = fc.oneof(
  { weight: 6, arbitrary: field },
  {
    weight: 2,
    arbitrary: fc.array(field, { minLength: 1, maxLength: 3 }).map((all): Condition => ({ all })),
  },
  { weight: 1, arbitrary: fc.tuple(field, field).map((any): Condition => ({ any })) },
  { weight: 1, arbitrary: field.map((not): Condition => ({ not })) },
  {
    weight: 1,
    arbitrary: field.map((one): Condition => ({ all: [{ did: 'Hello', count: { gte: 2 } }, one] })),
  },
);
const on: fc.Arbitrary<On> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(
        fc.constantFrom('Hello', 'Hello', 'Hello', 'Bye', '__proto__', '$session_start'),
        fc.option(condition),
      )
      .map(([event, where]): On => ({ event, ...(where && { where }) })),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom('a', 'b').map((name): On => ({ attribute: `user.traits.${name}` })),
  },
  { weight: 1, arbitrary: fc.constant<On>({ attribute: 'user.orders.count', by: 'increase' }) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom<('entered' | 'left')[]>('entered', 'left')
      .map((change): On => ({ segment: 'seg', change })),
  },
  { weight: 1, arbitrary: fc.constantFrom<On[]>({ message: 'sent' }, { message: 'sent', trigger: 't0' }) },
  {
    weight: 1,
    arbitrary: fc
      .option(condition)
      .map((where): On => ({ item: 'price_drop', relation: ['viewed'], ...(where && { where }) })),
  },
);
const trigger = fc.record({
  on: fc.array(on, { minLength: 1, maxLength: 3 }),
  if: fc.option(condition),
  priority: fc.nat(3),
  paused: fc.nat(9).map((n) => n === 0),
  sets: fc.nat(9).map((n) => n === 0),
});
/** Enough that an index is made for the names that most listen to. */
const triggers = fc.array(trigger, { minLength: 2 * TRIED_ONE_BY_ONE, maxLength: 80, size: 'max' });

const act = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('track' as const),
      name: fc.constantFrom('Hello', 'Hello', 'Bye', '__proto__', 'Product Viewed', 'Order Completed'),
      k: found,
      page: scalar,
      late: fc.nat(7).map((n) => n === 0),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('trait' as const), name: fc.constantFrom('a', 'b'), k: found }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('drop' as const), price: fc.integer({ min: 1, max: 9 }) }),
  },
);
type Act = typeof act extends fc.Arbitrary<infer T> ? T : never;

function configOf(
  some: (typeof trigger extends fc.Arbitrary<infer T> ? T : never)[],
  stopped: boolean,
): Config {
  return aConfig({
    head: 7,
    stopped,
    segments: [{ id: 'seg', if: { field: 'user.traits.a', op: 'eq', value: 'a' } }],
    triggers: some.map(({ on, if: asked, priority, paused, sets }, i) => {
      const document: Trigger = aTrigger({
        id: `t${i}`,
        priority,
        entry: { on, ...(asked && { if: asked }) },
        steps: sets ? [{ id: 'set', set: { 'user.traits.b': priority } }] : [send({ surface: `s${i % 4}` })],
      });
      return live(document, { activatedAt: i, state: paused ? 'paused' : 'live' });
    }),
  });
}

/** Every trigger is tried on everything, whatever it listens to. */
function withoutIndex(config: Config): Config {
  const all = [...config.triggers.values()].sort(winsBefore);
  const every = { get: () => ({ all, index: null }) } as unknown as Config['byEvent'];
  return { ...config, byEvent: every };
}

/** Counts that a condition builds by being asked are no part of what was decided. */
function decided({ delta, effects, duplicate }: Decision) {
  return {
    delta: delta.filter(([section]) => section !== 'counters' && section !== 'built'),
    effects,
    duplicate,
  };
}

/** What the act decides with the index, and without. */
function play(profile: VirtualProfile, one: Act): [indexed: Decision, tried: Decision] {
  const { state, now, config } = profile;
  const event = eventOf(profile, one);
  const base = { state, history: profile, now, event };
  const both: [Decision, Decision] = [
    decide({ ...base, config }),
    decide({ ...base, config: withoutIndex(config) }),
  ];
  profile.receive(event);
  return both;
}

function eventOf(profile: VirtualProfile, one: Act): Event {
  const { now } = profile;
  if (one.kind === 'drop') {
    const item = { id: 'a', price: one.price, currency: 'KRW', category: 'b' };
    const change = { item, version: now, changedAt: now, previous: { price: 10 } };
    return profile.anEvent('$item', { product_id: 'a' }, { origin: 'system', item: change });
  }
  if (one.kind === 'trait') return profile.anEvent('$identify', {}, { traits: { [one.name]: one.k } });
  const id = String(one.page);
  const properties = { ...products({ product_id: id, price: 10 }), k: one.k, n: [{ k: one.k }, 3] };
  const timestamp = now - (one.late ? 4_000_000 : 0);
  return profile.anEvent(one.name, properties, { context: { page: { path: id } }, timestamp });
}

/** What is said of a trigger at most, where it waits for a better answer of the same round. */
const ASIDE: Reason[] = ['not_matched', 'paused', 'late_event', 'entered'];

/**
 * What came of those that matched, word for word and in order, and who said anything at all. Without the index triggers
 * are tried more often, on names too that they don't listen to, and have then said before that it was nothing to them.
 */
function answers(trace: TriggerTrace[]) {
  return {
    matched: trace.filter(({ reason }) => !ASIDE.includes(reason)),
    spoke: new Set(trace.map(({ id }) => id)),
  };
}

/** How many the index ruled out: each is explained as trying it was. */
function checkRuledOut(config: Config, indexed: Decision, tried: Decision): number {
  const told = new Set(indexed.trace.map(({ id }) => id));
  expect(answers(indexed.trace)).toEqual(answers(tried.trace.filter(({ id }) => told.has(id))));
  let ruledOut = 0;
  for (const trace of tried.trace.filter(({ id }) => !told.has(id))) {
    const explained = explainedIn(config, indexed, trace.id);
    if (explained) {
      ruledOut += 1;
      expect(explained).toMatchObject({ id: trace.id, version: 1, reason: trace.reason });
    } else {
      // It listened to nothing of this: tried all the same, it has nothing else to say.
      expect(trace.reason === 'paused' || trace.reason === 'late_event' || trace.path === 'entry.on').toBe(
        true,
      );
    }
  }
  return ruledOut;
}

function explainedIn(config: Config, { ruledOut }: Decision, id: string): TriggerTrace | null {
  const compiled = config.triggers.get(id);
  return compiled && ruledOut ? explainRuledOut(compiled, ruledOut) : null;
}

describe('for any triggers and any life', () => {
  test('the index decides what trying every trigger decides, and what it ruled out is explained alike', () => {
    let ruledOut = 0;
    fc.assert(
      fc.property(triggers, fc.boolean(), fc.array(act, { maxLength: 12 }), (some, stopped, acts) => {
        const profile = new VirtualProfile({ config: configOf(some, stopped && acts.length % 5 === 0) });
        for (const one of acts) {
          profile.advance('20s');
          const [indexed, tried] = play(profile, one);
          expect(decided(indexed)).toEqual(decided(tried));
          ruledOut += checkRuledOut(profile.config, indexed, tried);
        }
      }),
      { numRuns: 60 },
    );
    expect(ruledOut).toBeGreaterThan(1_000);
  });

  test('nobody who listens goes without a word: told with the event, or when asked', () => {
    fc.assert(
      fc.property(triggers, found, (some, k) => {
        const profile = new VirtualProfile({ config: configOf(some, false) });
        const decision = profile.track('Hello', { k });
        for (const { id, document } of profile.config.triggers.values()) {
          if (!listeningOf(document).some(({ name }) => name === 'Hello')) continue;
          const told = decision.trace.some((trace) => trace.id === id);
          expect(told || explainedIn(profile.config, decision, id) !== null).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });
});
