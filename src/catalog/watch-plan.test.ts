import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isDrop } from '../engine/items/price.ts';
import type { Price, WatchOrder } from '../engine/vocabulary.ts';
import { firstPrice, type PriceSince, withPrice } from './price-history.ts';
import { planRemoval, planWatch, priceAt, UNKNOWN, type WatchPlace } from './watch-plan.ts';

const won = (amount: number) => ({ amount, currency: 'KRW' });

/** A shard with one watcher, and that watcher's profile, which remembers what it was answered. */
class OneWatcher {
  readonly rows = new Set<string>();
  prices: PriceSince[] = [];
  adopted: Price | null = null;
  registered: Price | null | undefined;
  writes = 0;

  price(amount: number, at: number): void {
    this.prices = withPrice(this.prices, won(amount), at);
    this.adopted ??= firstPrice(this.prices);
  }

  watch(since: number, eventPrice?: Price): Price | null {
    const order = this.#order({ since, relations: ['liked'], ...(eventPrice && { eventPrice }) });
    const plan = planWatch(order, this);
    for (const place of plan.stale) this.#remove(place);
    if (!plan.places.some((place) => this.rows.has(JSON.stringify(place)))) {
      this.rows.add(JSON.stringify(plan.places[0]));
      this.writes++;
    }
    this.registered = plan.reference;
    return plan.reference;
  }

  unwatch(): void {
    for (const place of planRemoval(this.#order({ since: 0, relations: [] }), this)) this.#remove(place);
    this.registered = undefined;
  }

  /** What a drop is measured against, by the row alone. */
  reference(): Price | null {
    const [row] = this.rows;
    return row === undefined ? null : priceAt(JSON.parse(row) as WatchPlace, this.adopted);
  }

  #remove(place: WatchPlace): void {
    if (this.rows.delete(JSON.stringify(place))) this.writes++;
  }

  #order(order: Omit<WatchOrder, 'itemId' | 'registered'>): WatchOrder {
    return {
      itemId: 'ring',
      ...order,
      ...(this.registered !== undefined && { registered: this.registered }),
    };
  }
}

const aStep = fc.oneof(
  fc.record({ kind: fc.constant('price' as const), amount: fc.integer({ min: 1, max: 5 }) }),
  fc.record({
    kind: fc.constant('watch' as const),
    late: fc.integer({ min: 0, max: 3 }),
    event: fc.option(fc.integer({ min: 1, max: 5 })),
  }),
  fc.record({ kind: fc.constant('unwatch' as const) }),
);

type Step = typeof aStep extends fc.Arbitrary<infer T> ? T : never;

function take(one: OneWatcher, step: Step, now: number): void {
  if (step.kind === 'price') one.price(step.amount, now);
  if (step.kind === 'unwatch') one.unwatch();
  if (step.kind === 'watch') watchAgain(one, step, now);
}

function watchAgain(one: OneWatcher, step: Step & { kind: 'watch' }, now: number): void {
  const before = one.registered === undefined ? null : one.reference();
  const told = one.watch(now - step.late, step.event === null ? undefined : won(step.event));
  expect(one.reference()).toEqual(told);
  // Never lower than it was: of several relations the best price counts.
  expect(isDrop(before, told)).toBe(false);
}

describe("a watcher's place", () => {
  it('is exactly one while it watches, none after, and means what its profile was told', () => {
    fc.assert(
      fc.property(fc.array(aStep, { maxLength: 30 }), (steps) => {
        const one = new OneWatcher();
        for (const [now, step] of steps.entries()) {
          take(one, step, now);
          expect(one.rows.size).toBe(one.registered === undefined ? 0 : 1);
        }
      }),
    );
  });

  it('does not change by the same order again', () => {
    const one = new OneWatcher();
    one.price(100, 1);
    one.watch(2);
    one.watch(2);
    expect(one.writes).toBe(1);
  });

  it('is UNKNOWN before any price, and is read as the first price once there is one', () => {
    const one = new OneWatcher();
    expect(one.watch(1)).toBeNull();
    expect([...one.rows]).toEqual([JSON.stringify(UNKNOWN)]);
    one.price(100, 2);
    one.price(90, 3);
    expect(one.reference()).toEqual(won(100));
    expect([one.watch(1), one.writes]).toEqual([won(100), 1]);
  });

  it('begins anew after it had ended', () => {
    const one = new OneWatcher();
    one.price(100, 1);
    one.watch(1);
    one.price(80, 2);
    one.unwatch();
    expect(one.watch(3)).toEqual(won(80));
  });

  it('moves up to the price that a merge has brought along', () => {
    const order: WatchOrder = { itemId: 'ring', relations: ['in_cart'], since: 1, registered: won(70) };
    const item = { prices: [{ at: 1, price: won(70) }], adopted: won(70) };
    const plan = planWatch({ ...order, reference: won(150) }, item);
    expect(plan.reference).toEqual(won(150));
    expect(plan.stale.map((place) => priceAt(place, item.adopted))).toContainEqual(won(70));
    expect(planWatch({ ...order, reference: won(50) }, item).reference).toEqual(won(70));
  });

  it("takes no price that can't be one from an event", () => {
    const order: WatchOrder = { itemId: 'ring', relations: ['liked'], since: 0 };
    const item = { prices: [], adopted: null };
    for (const amount of [-1, Number.NaN, 1e300]) {
      expect(planWatch({ ...order, eventPrice: won(amount) }, item).reference).toBeNull();
    }
    expect(planWatch({ ...order, eventPrice: { amount: 5, currency: 'krw' } }, item).reference).toEqual(
      won(5),
    );
  });
});
