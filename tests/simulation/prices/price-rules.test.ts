/** Histories of prices and relations, lived by the real thing and judged by the rules as the contract has them. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { aConfig, aTrigger } from '../../../src/engine/testing/builders.ts';
import type { Trigger } from '../../../src/engine/trigger.ts';
import { dropConfig } from '../../../src/store/config-cache.ts';
import { type NaiveNotice, NaivePrices, type Rule } from './naive-prices.ts';
import { PriceWorld } from './price-world.ts';

const USERS = ['ann', 'bob'];
const ITEMS = ['ring', 'hat'];
const BEGINS = { liked: 'Product Added to Wishlist', in_cart: 'Product Added' } as const;
const ENDS = { liked: 'Product Removed from Wishlist', in_cart: 'Product Removed' } as const;
const HOUR_MS = 3_600_000;
const HISTORIES = 1_500;
const NAMED = { cents: 12_000, currency: 'KRW' };

type Relation = keyof typeof BEGINS;

const user = fc.constantFrom(...USERS);
const item = fc.constantFrom(...ITEMS, 'ring', 'ring');
const relation = fc.constantFrom<Relation>('liked', 'in_cart');
/** Few, so that they meet: rises, drops, the same again; now and then with a fraction, abroad, or none. */
const price = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      cents: fc.integer({ min: 6, max: 14 }).map((n) => n * 1000),
      currency: fc.constant('KRW'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ cents: fc.integer({ min: 9_990, max: 10_010 }), currency: fc.constant('KRW') }),
  },
  { weight: 1, arbitrary: fc.record({ cents: fc.constantFrom(5_000, 4_000), currency: fc.constant('USD') }) },
  { weight: 1, arbitrary: fc.constant(null) },
);

const aStep = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant('price' as const),
      item,
      price,
      ageMs: fc.constantFrom(null, null, null, 0, 60_000),
      imported: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('begin' as const),
      user,
      item,
      relation,
      named: fc.option(price.map((one) => one ?? NAMED)),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('end' as const), user, item, relation }) },
  { weight: 4, arbitrary: fc.constant({ do: 'register' as const }) },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('deliver' as const), away: fc.option(user, { freq: 4 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(20_000, 60_000) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('retitle' as const), item, title: fc.constantFrom('a', 'b') }),
  },
);

type Step = typeof aStep extends fc.Arbitrary<infer T> ? T : never;
type StepOf<What> = Extract<Step, { do: What }>;

const aRule = fc.record({
  relations: fc.constantFrom<string[]>(['liked', 'in_cart'], ['liked'], ['in_cart']),
  abs: fc.option(fc.constantFrom(10, 20), { nil: undefined }),
  pct: fc.option(fc.constantFrom(10, 25), { nil: undefined }),
  versus: fc.constantFrom('price_when_related' as const, 'lowest_notified' as const),
  group: fc.option(fc.constantFrom({ withinMs: 300_000, max: 2 }, { withinMs: 60_000, max: 5 }), {
    nil: undefined,
    freq: 3,
  }),
});

function triggerOf({ id, relations, abs, pct, versus, group }: Rule): Trigger {
  const minDrop = { ...(abs !== undefined && { abs }), ...(pct !== undefined && { pct }) };
  const on = {
    item: 'price_drop' as const,
    relation: relations as Relation[],
    versus,
    ...((abs ?? pct) !== undefined && { minDrop }),
  };
  return aTrigger({
    id,
    category: 'transactional',
    transactionalReason: 'a proof',
    entry: {
      on: [on],
      ...(group ? { group: { within: `${group.withinMs / 1000}s`, max: group.max } } : { key: ['item.id'] }),
    },
    steps: [{ id: 'tell', send: { channels: ['webhook'], template: 'hello' } }],
    delivery: { caps: 'exempt' },
  });
}

class History {
  readonly world: PriceWorld;
  readonly naive: NaivePrices;
  readonly #namesFirst: boolean;

  constructor(rules: Rule[], namesFirst: boolean) {
    this.#namesFirst = namesFirst;
    this.world = new PriceWorld(aConfig({ triggers: rules.map(triggerOf) }));
    this.naive = new NaivePrices(rules);
  }

  async take(step: Step): Promise<void> {
    const { world, naive } = this;
    await this.passes(1_000);
    const { now } = world;
    switch (step.do) {
      case 'price': {
        const updatedAt = step.ageMs === null ? null : now - step.ageMs;
        await world.put(step.item, {
          price: step.price === null ? null : step.price.cents / 100,
          currency: step.price?.currency ?? null,
          ...(step.imported && { imported: true }),
          ...(updatedAt !== null && { updatedAt: new Date(updatedAt).toISOString() }),
        });
        return naive.costs(step.item, step.price, updatedAt, now);
      }
      case 'begin':
        return this.#begins(step);
      case 'end': {
        await this.registers();
        const product = { product_id: step.item };
        await world.does(step.user, ENDS[step.relation], { ...product, products: [product] });
        naive.ends(step.user, step.item, step.relation);
        return this.registers();
      }
      case 'register':
        return this.registers();
      case 'deliver':
        // Who has heard is there when the page comes again: whether a page is out that all have heard is the shard's own affair.
        await world.deliver((who, id) => who === step.away && !naive.hasHeard(who, id));
        return naive.delivers(step.away, now);
      case 'pass':
        return this.passes(step.ms);
      case 'retitle':
        return world.put(step.item, { title: step.title });
    }
  }

  async #begins({ user: who, item: id, relation: as, named: price }: StepOf<'begin'>): Promise<void> {
    const { world, naive } = this;
    // A price of the one relation and none of the other is nobody's rule: before the first, all events name one, or none.
    const named = naive.knows(id) ? price : this.#namesFirst ? (price ?? NAMED) : null;
    // A watcher's row has one currency.
    if (naive.isElsewhere(who, id, named)) return;
    // What the event named is what counts until the shard has answered: nothing else may be judged by it meanwhile.
    if (named) await this.registers();
    const product = {
      product_id: id,
      quantity: 1,
      ...(named && { price: named.cents / 100, currency: named.currency }),
    };
    await world.does(who, BEGINS[as], { ...product, products: [product] });
    naive.begins(who, id, as, named, world.now);
    if (named) await this.registers();
  }

  async registers(): Promise<void> {
    await this.world.register();
    this.naive.registers(this.world.now);
  }

  async passes(ms: number): Promise<void> {
    await this.world.pass(ms);
    this.naive.passes(this.world.now);
  }
}

/** The order among users is the shard's own affair, that among triggers which are due at one instant the profile's. */
function byUserAndTrigger(notices: NaiveNotice[], rules: { id: string }[]) {
  return USERS.flatMap((who) =>
    rules.map(({ id }) => notices.filter(({ user: told, trigger }) => told === who && trigger === id)),
  );
}

test(`in ${HISTORIES} histories everybody is told what the contract says, and nothing else`, async () => {
  const realNow = Date.now;
  await fc.assert(
    fc.asyncProperty(
      fc.array(aRule, { minLength: 1, maxLength: 2 }),
      fc.array(aStep, { minLength: 5, maxLength: 40 }),
      fc.boolean(),
      async (rules, steps, namesFirst) => {
        const named = rules.map((rule, i) => ({ ...rule, id: `rule-${i}` }) as Rule);
        const history = new History(named, namesFirst);
        Date.now = () => history.world.now;
        dropConfig();
        try {
          for (const step of steps) await history.take(step);
          await history.registers();
          await history.take({ do: 'deliver', away: null });
          await history.passes(2 * HOUR_MS);
          const { world, naive } = history;
          expect(byUserAndTrigger(world.notices, named)).toEqual(byUserAndTrigger(naive.notices, named));
        } finally {
          Date.now = realNow;
          history.world.close();
        }
      },
    ),
    { numRuns: HISTORIES },
  );
}, 60_000);
