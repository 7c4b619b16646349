import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TestedEvent } from '../scope.ts';
import { parseState, serializeState } from '../state.ts';
import { aConfig, aTriggerIf } from '../testing/builders.ts';
import { traceOf, VirtualProfile } from '../testing/virtual-profile.ts';
import { HOUR_MS, MINUTE_MS } from '../time/duration.ts';
import type { Condition, DidCondition } from '../trigger.ts';
import type { Json, JsonObject } from '../vocabulary.ts';
import { classOf } from './conditions/counted-form.ts';
import { KEYED_LIMIT } from './counters.ts';

const sameItem: Condition = {
  field: 'event.properties.item',
  op: 'eq',
  value: { ref: 'entry.event.properties.item' },
};
const cheap: Condition = { field: 'event.properties.price', op: 'lt', value: 10 };

describe('what is counted as events come', () => {
  test.each<[Condition, 'counted' | 'scanned']>([
    [{ did: 'X' }, 'counted'],
    [{ didNot: 'X', window: { last: '1d' } }, 'counted'],
    [{ did: 'X', where: cheap }, 'counted'],
    [{ did: 'X', where: { any: [cheap, { not: cheap }] } }, 'counted'],
    [{ did: 'X', where: sameItem, window: { last: '30d' } }, 'counted'],
    [{ did: 'X', where: { all: [cheap, sameItem] } }, 'counted'],
    [{ did: 'X', where: { all: [sameItem, { ...sameItem, field: 'event.properties.cart' }] } }, 'scanned'],
    [{ did: 'X', where: { any: [cheap, sameItem] } }, 'scanned'],
    [{ did: 'X', where: { not: sameItem } }, 'scanned'],
    [{ did: 'X', where: { ...sameItem, op: 'gt' } }, 'scanned'],
    [{ did: 'X', where: { ...sameItem, orMissing: true } }, 'scanned'],
    [{ did: 'X', where: { ...sameItem, value: { ref: 'user.traits.item' } } }, 'scanned'],
    [{ did: 'X', where: { field: 'event.properties.at', op: 'withinLast', value: '1d' } }, 'scanned'],
    [{ did: 'X', where: { field: 'user.traits.tier', op: 'eq', value: 'VIP' } }, 'scanned'],
    [{ did: 'X', where: { segment: 'vip' } }, 'scanned'],
    [{ did: 'X', window: { calendar: 'day' } }, 'scanned'],
    [{ did: 'X', window: { since: 'session' } }, 'scanned'],
    [{ did: 'X', distinct: 'event.properties.item' }, 'scanned'],
    [{ did: 'X', sum: { of: 'event.properties.price', is: { gt: 1 } } }, 'scanned'],
  ])('%j: %s', (condition, expected) => {
    expect(classOf(condition as DidCondition)).toBe(expected);
  });
});

/** Asked at `Ask`; no count is −1, so what was counted is told. */
const never = { count: { eq: -1 } };
const DAY_WINDOW = { last: '1d' } as const;
const CONDITIONS: Record<string, { condition: DidCondition; counts: Predicate; lastMs?: number }> = {
  life: { condition: { did: 'X', where: cheap, ...never }, counts: (event) => isCheap(event) },
  window: { condition: { did: 'X', window: DAY_WINDOW, ...never }, counts: () => true, lastMs: 24 * HOUR_MS },
  item: { condition: { did: 'X', where: sameItem, ...never }, counts: isSame },
  both: {
    condition: { did: 'X', where: { all: [sameItem, cheap] }, window: DAY_WINDOW, ...never },
    counts: (event, asked) => isCheap(event) && isSame(event, asked),
    lastMs: 24 * HOUR_MS,
  },
  fuzzy: {
    condition: { did: 'Y', where: { ...sameItem, match: 'normalized' } as Condition, ...never },
    counts: (event, asked) =>
      list(event.properties.item).some((one) => list(asked).some((other) => fold(one) === fold(other))),
  },
};
type Predicate = (event: TestedEvent, asked: Json | undefined) => boolean;

/** Null is missing. */
const list = (value: Json | undefined): Json[] =>
  (Array.isArray(value) ? value : [value ?? null]).filter((one) => one !== null);
const fold = (value: Json): Json => (typeof value === 'string' ? value.trim().toLowerCase() : value);

function isCheap({ properties: { price } }: TestedEvent): boolean {
  return typeof price === 'number' && price < 10;
}

function isSame({ properties: { item } }: TestedEvent, asked: Json | undefined): boolean {
  return list(item).some((one) => list(asked).includes(one));
}

/** Only those named are in force. */
const configOf = (names: string[]) =>
  aConfig({
    triggers: names.flatMap((id) => {
      const { condition } = CONDITIONS[id] as (typeof CONDITIONS)[string];
      return [aTriggerIf(condition, { id, entry: { on: [{ event: 'Ask' }] } })];
    }),
  });

/** Every event of the profile's life, one by one. */
function naive(profile: VirtualProfile, id: string, asked: Json | undefined): number {
  const { condition, counts, lastMs } = CONDITIONS[id] as (typeof CONDITIONS)[string];
  const afterAt = lastMs === undefined ? Number.NEGATIVE_INFINITY : profile.now - lastMs;
  return profile.events.filter(
    (event) => event.name === condition.did && event.timestamp > afterAt && counts(event, asked),
  ).length;
}

function ask(profile: VirtualProfile, item: Json | undefined): void {
  const decision = profile.track('Ask', item === undefined ? {} : { item });
  for (const id of profile.config.triggers.keys()) {
    const counted = traceOf(decision, id)?.values?.count;
    expect(counted, `${id} of ${JSON.stringify(item)}`).toBe(naive(profile, id, item));
  }
}

type Act =
  | { kind: 'event'; name: string; properties: JsonObject; lateMs: number; imported: boolean }
  | { kind: 'again' | 'reload' }
  | { kind: 'ask'; item: Json | undefined }
  | { kind: 'pause'; ms: number }
  | { kind: 'publish'; names: string[] };

const item = fc.constantFrom<Json | undefined>(
  'a',
  'A ',
  'b',
  1,
  '1',
  true,
  null,
  ['a', 'b'],
  ['b', 'b', 1],
  undefined,
);
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('event' as const),
      name: fc.constantFrom('X', 'X', 'Y', 'Z'),
      properties: fc
        .record({ item, price: fc.constantFrom<Json>(5, 50, '5') })
        .map(({ item: value, price }) => (value === undefined ? { price } : { item: value, price })),
      lateMs: fc.constantFrom(0, 0, 0, MINUTE_MS, 12 * HOUR_MS, 24 * HOUR_MS, 48 * HOUR_MS),
      imported: fc.boolean(),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('ask' as const), item }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('again' as const, 'reload' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('pause' as const),
      ms: fc.constantFrom(1, MINUTE_MS, 6 * HOUR_MS, 24 * HOUR_MS - 1, 24 * HOUR_MS),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('publish' as const),
      names: fc.subarray(Object.keys(CONDITIONS)),
    }),
  },
);

function play(profile: VirtualProfile, acts: Act[]): void {
  for (const one of acts) {
    switch (one.kind) {
      case 'event':
        profile.track(one.name, one.properties, {
          timestamp: profile.now - one.lateMs,
          ...(one.imported && { imported: true as const }),
        });
        break;
      case 'again': {
        const last = profile.events.at(-1);
        if (last)
          expect(profile.track(last.name, last.properties, { messageId: last.messageId }).duplicate).toBe(
            true,
          );
        break;
      }
      case 'reload':
        profile.state = parseState(serializeState(profile.state));
        break;
      case 'ask':
        ask(profile, one.item);
        break;
      case 'pause':
        profile.advanceTo(profile.now + one.ms);
        break;
      case 'publish':
        profile.config = configOf(one.names);
        break;
    }
  }
}

const acts = fc.array(act, { maxLength: 30 });
const all = Object.keys(CONDITIONS);

test('a kept count is what a look at every event gives, whatever is late, repeated, imported or published anew', () => {
  fc.assert(
    fc.property(acts, (life) => {
      const profile = new VirtualProfile({ config: configOf(all) });
      play(profile, life);
      profile.config = configOf(all);
      for (const value of ['a', 'b', 1, 'A ', ['a', 1], undefined]) ask(profile, value);
    }),
    { numRuns: 1_000 },
  );
}, 60_000);

test('so it is after two profiles have become one', () => {
  fc.assert(
    fc.property(acts, acts, acts, (known, anonymous, after) => {
      const [user, visitor] = (['user', 'anonymous'] as const).map(
        (kind) => new VirtualProfile({ config: configOf(all), kind, id: kind }),
      ) as [VirtualProfile, VirtualProfile];
      play(user, known);
      play(visitor, anonymous);
      user.advanceTo(Math.max(user.now, visitor.now));
      user.merge(visitor);
      play(user, after);
      for (const value of ['a', 'b', 1]) ask(user, value);
    }),
    { numRuns: 500 },
  );
}, 60_000);

describe('counts of many values', () => {
  const config = configOf(['item']);

  test('are kept of so many; the others are looked for in history, and come out the same', () => {
    const profile = new VirtualProfile({ config });
    ask(profile, 'first');
    const five = (n: number) => Array.from({ length: 5 }, (_, i) => `item-${n + i}`);
    for (let n = 0; n < KEYED_LIMIT + 20; n += 5) {
      profile.now += 1;
      profile.track('X', { item: five(n) });
    }
    expect(profile.state.counters.size).toBe(KEYED_LIMIT);
    const some = [0, 5, 19, 20, KEYED_LIMIT - 1, KEYED_LIMIT + 19];
    for (const i of some) ask(profile, `item-${i}`);
    for (const i of some) profile.track('X', { item: `item-${i}` });
    for (const i of some) ask(profile, `item-${i}`);
    profile.state = parseState(serializeState(profile.state));
    for (const i of [...some, 30]) ask(profile, `item-${i}`);
    expect(profile.state.counters.size).toBe(KEYED_LIMIT);
  });
});

test('a count over the profile’s life outlives the events that it counted', () => {
  const profile = new VirtualProfile({ config: configOf(['life']) });
  ask(profile, undefined);
  for (let i = 0; i < 5; i++) profile.track('X', { price: 1 });
  // What retention does.
  profile.events.splice(0);
  profile.track('X', { price: 1 });
  expect(traceOf(profile.track('Ask'), 'life')?.values?.count).toBe(6);
});

test('a count that nobody has asked for costs an event nothing, and one that was asked for asks history no more', () => {
  const profile = new VirtualProfile({ config: configOf(all) });
  const counting = profile.track('X', { item: 'a' });
  expect(counting.delta.some(([section]) => section === 'counters' || section === 'built')).toBe(false);
  ask(profile, 'a');
  let asked = 0;
  const { recent } = profile;
  profile.recent = (...query) => {
    asked += 1;
    return recent.apply(profile, query);
  };
  profile.track('X', { item: 'a' });
  ask(profile, 'a');
  ask(profile, 'b');
  expect(asked).toBe(0);
});

test('the bounds of a count within a window hold beyond what is kept of it', () => {
  const fired = [20, 31, 32, 40].map((bound) => {
    const profile = new VirtualProfile({
      config: aConfig({
        triggers: [aTriggerIf({ did: 'X', count: { gte: bound }, window: { last: '1d' } })],
      }),
    });
    profile.track('Hello');
    return Array.from({ length: 45 }, () => {
      profile.now += MINUTE_MS;
      profile.track('X');
      return traceOf(profile.track('Hello', {}, { origin: 'server' }))?.reason === 'not_matched';
    }).filter((failed) => failed).length;
  });
  expect(fired).toEqual([19, 30, 31, 39]);
});
