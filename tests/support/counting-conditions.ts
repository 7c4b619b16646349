/** Generated conditions that count events, of every form and window that the language has, and the properties they look at. */
import fc from 'fast-check';
import type { Condition, Count, FieldCondition, SequenceItem, Window } from '../../src/engine/trigger.ts';
import type { Json, JsonObject } from '../../src/engine/vocabulary.ts';

const name = fc.constantFrom('X', 'X', 'Y', 'Ask');
const item = fc.constantFrom<Json | undefined>(
  'a',
  'a',
  'A ',
  'b',
  1,
  '1',
  true,
  null,
  ['a', 'b'],
  ['b', 'b', 1],
  [],
  undefined,
);
const price = fc.constantFrom<Json | undefined>(1, 5, 50, '5', null, [1, 5], undefined);

const constant: fc.Arbitrary<FieldCondition> = fc.constantFrom<FieldCondition>(
  { field: 'event.properties.price', op: 'lt', value: 10 },
  { field: 'event.properties.price', op: 'ne', value: 5, orMissing: true },
  { field: 'event.properties.item', op: 'eq', value: 'a', match: 'normalized' },
);
const SAME: FieldCondition = {
  field: 'event.properties.item',
  op: 'eq',
  value: { ref: 'entry.event.properties.item' },
};
const asked: fc.Arbitrary<FieldCondition> = fc.constantFrom<FieldCondition>(
  SAME,
  SAME,
  { ...SAME, match: 'normalized' },
  { ...SAME, op: 'ne' },
  { ...SAME, orMissing: true },
  { field: 'event.properties.price', op: 'gt', value: { ref: 'entry.event.properties.price' } },
);
const where: fc.Arbitrary<Condition | undefined> = fc.oneof(
  fc.constant(undefined),
  constant,
  asked,
  constant.map((not): Condition => ({ not })),
  fc.tuple(constant, asked).map(([a, b]): Condition => ({ all: [a, b] })),
  fc.tuple(constant, asked).map(([a, b]): Condition => ({ any: [a, b] })),
);
const window: fc.Arbitrary<Window | undefined> = fc.oneof(
  { weight: 2, arbitrary: fc.constant(undefined) },
  {
    weight: 4,
    arbitrary: fc.constantFrom<Window>(
      { last: '60s' },
      { last: '1h' },
      { last: '1d' },
      { last: '2d' },
      { last: '1w' },
    ),
  },
  {
    weight: 2,
    arbitrary: fc.record(
      {
        calendar: fc.constantFrom('day' as const, 'week' as const, 'month' as const),
        count: fc.integer({ min: 1, max: 3 }),
        tz: fc.constantFrom('user' as const, 'workspace' as const),
      },
      { requiredKeys: ['calendar'] },
    ) as fc.Arbitrary<Window>,
  },
  { weight: 1, arbitrary: fc.constantFrom<Window>({ since: 'session' }, { since: 'entry' }) },
);
const bound = fc.integer({ min: 0, max: 4 });
const count: fc.Arbitrary<Count> = fc.oneof(
  fc.record({ eq: bound }),
  fc.record({ gt: bound }),
  fc.record({ gte: bound }),
  fc.record({ lt: bound }),
  fc.record({ gte: bound, lte: bound }),
);

/** Without what is undefined: documents come from JSON. */
const asJson = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
const counting = fc.record({ where, window });
const step: fc.Arbitrary<SequenceItem> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ did: name, where }) as fc.Arbitrary<SequenceItem> },
  { weight: 1, arbitrary: fc.record({ didNot: name, where }) as fc.Arbitrary<SequenceItem> },
);
const did = fc.record({ did: name, count: fc.option(count, { nil: undefined }) });
const distinct = fc.record({ did: name, distinct: fc.constant('event.properties.item'), count });
const sum = fc.record({
  did: name,
  sum: fc.record({
    of: fc.constant('event.properties.price'),
    is: fc.record({ gte: fc.constantFrom(1, 6, 50) }),
  }),
});
const sequence = fc.record(
  {
    sequence: fc
      .array(step, { minLength: 1, maxLength: 4 })
      .filter((items) => items.some((one) => 'did' in one)),
    within: fc.constantFrom('1h' as const, '1d' as const),
    same: fc.constant('event.properties.item' as const),
  },
  { requiredKeys: ['sequence', 'within'] },
);
const inWindow = (heads: fc.Arbitrary<object>) =>
  fc.tuple(heads, counting).map(([head, rest]): object => ({ ...head, ...rest }));
export const condition: fc.Arbitrary<Condition> = fc
  .oneof(
    { weight: 5, arbitrary: inWindow(did) },
    { weight: 3, arbitrary: inWindow(fc.record({ didNot: name })) },
    { weight: 1, arbitrary: inWindow(distinct) },
    { weight: 1, arbitrary: inWindow(sum) },
    { weight: 2, arbitrary: sequence.map((one): object => one) },
  )
  .map((one) => asJson(one) as Condition);

/** What the conditions look at; what is missing is absent. */
export const properties = fc.record({ item, price }).map((given) => asJson(given) as JsonObject);
