import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isDrop, priceOf } from '../engine/items/price.ts';
import { coalesce, type Previous, previousOf } from './coalesce.ts';

const won = (price: number): Previous => ({ price, currency: 'KRW' });

describe('changes told as one', () => {
  it('come from the highest price on the way, and from the oldest stock', () => {
    expect(coalesce({ ...won(80), stock: 0 }, { ...won(100), stock: 5 })).toEqual({ ...won(100), stock: 0 });
    expect(coalesce({ ...won(100), stock: 0 }, { ...won(80), stock: 5 })).toEqual({ ...won(100), stock: 0 });
  });

  it("keep the later one's own where the two can't be compared", () => {
    expect(coalesce(won(100), { price: 5, currency: 'USD' })).toEqual({ price: 5, currency: 'USD' });
    expect(coalesce(won(100), {})).toEqual({});
    expect(coalesce({}, won(100))).toEqual(won(100));
  });

  it('are a drop if the last price is below any on the way', () => {
    const prices = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 2, maxLength: 8 });
    fc.assert(
      fc.property(prices, (way) => {
        const last = way.at(-1) ?? 0;
        const previous = way.slice(0, -1).map(won).reduce(coalesce);
        expect(isDrop(priceOf(previous), priceOf(won(last)))).toBe(way.some((price) => price > last));
      }),
    );
  });

  it('are measured against price, currency and stock only', () => {
    expect(previousOf({ ...won(1), stock: 0, ...{ title: 'Ring' } })).toEqual({ ...won(1), stock: 0 });
    expect(previousOf(null)).toEqual({});
  });
});
