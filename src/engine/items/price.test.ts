import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  asPrice,
  comparePrices,
  fromUnits,
  higherPrice,
  isAmount,
  isDrop,
  MAX_AMOUNT,
  samePrice,
  toUnits,
} from './price.ts';

const won = (amount: number) => ({ amount, currency: 'KRW' });
const dollars = (amount: number) => ({ amount, currency: 'USD' });
const anyUnits = fc.integer({ min: 0, max: MAX_AMOUNT * 10_000 });
/** The double that a JSON parser makes of a decimal with four places. */
const asWritten = (units: number) =>
  Number(`${Math.floor(units / 10_000)}.${String(units % 10_000).padStart(4, '0')}`);

describe('prices as integers', () => {
  it('take 19.99 for what was written, not for its binary fraction', () => {
    expect(toUnits(19.99)).toBe(199_900);
    expect(toUnits(0.1 + 0.2)).toBe(toUnits(0.3));
    expect(toUnits(1.005)).toBe(10_050);
  });

  it('are exact for every amount with four decimals', () => {
    fc.assert(
      fc.property(anyUnits, (units) => {
        expect(toUnits(asWritten(units))).toBe(units);
      }),
    );
  });

  it('come back as the very number that was written', () => {
    fc.assert(
      fc.property(anyUnits, (units) => {
        expect(fromUnits(toUnits(asWritten(units)))).toBe(asWritten(units));
      }),
    );
  });

  it('are ordered as their amounts are', () => {
    fc.assert(
      fc.property(anyUnits, anyUnits, (a, b) => {
        expect(Math.sign(comparePrices(won(asWritten(a)), won(asWritten(b))) ?? Number.NaN)).toBe(
          Math.sign(a - b),
        );
      }),
    );
  });

  it('refuse what is no amount', () => {
    expect([-1, Number.NaN, Number.POSITIVE_INFINITY, MAX_AMOUNT + 1, '10', null].filter(isAmount)).toEqual(
      [],
    );
    expect([0, 0.0001, MAX_AMOUNT].filter(isAmount)).toEqual([0, 0.0001, MAX_AMOUNT]);
  });
});

describe('prices and their currency', () => {
  it('are read from what shops and events say, whatever the case of the currency', () => {
    expect(asPrice(10, 'krw')).toEqual(won(10));
    expect([
      asPrice(10, ''),
      asPrice(10, undefined),
      asPrice('10', 'KRW'),
      asPrice(undefined, 'KRW'),
    ]).toEqual([null, null, null, null]);
  });

  it('never compare across currencies, nor with a missing price', () => {
    expect([
      comparePrices(won(5), dollars(1)),
      comparePrices(null, won(5)),
      comparePrices(won(5), null),
    ]).toEqual([null, null, null]);
    expect([isDrop(won(5000), dollars(1)), isDrop(null, won(1)), isDrop(won(1), null)]).toEqual([
      false,
      false,
      false,
    ]);
  });

  it('drop only to a lower price', () => {
    expect([isDrop(won(100), won(99.9999)), isDrop(won(100), won(100)), isDrop(won(100), won(101))]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('have a higher one, and where currencies differ the second stands', () => {
    expect(higherPrice(won(100), won(90))).toEqual(won(100));
    expect(higherPrice(won(90), won(100))).toEqual(won(100));
    expect(higherPrice(won(100), dollars(1))).toEqual(dollars(1));
    expect([higherPrice(null, won(1)), higherPrice(won(1), null), higherPrice(null, null)]).toEqual([
      won(1),
      won(1),
      null,
    ]);
  });

  it('are the same where both are missing', () => {
    expect([samePrice(null, null), samePrice(null, won(0)), samePrice(won(0.3), won(0.1 + 0.2))]).toEqual([
      true,
      false,
      true,
    ]);
  });
});
