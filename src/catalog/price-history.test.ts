import { describe, expect, it } from 'vitest';
import { firstPrice, type PriceSince, referenceAt, withPrice } from './price-history.ts';

const won = (amount: number) => ({ amount, currency: 'KRW' });
/** 100 from minute 10, none from 20, 80 from 30. */
const history: PriceSince[] = [
  { at: 30, price: won(80) },
  { at: 20, price: null },
  { at: 10, price: won(100) },
];

describe("an item's prices", () => {
  it('answer what it cost at a time', () => {
    expect([10, 19, 30, 99].map((since) => referenceAt(history, since, won(1)))).toEqual(
      [100, 100, 80, 80].map(won),
    );
  });

  it("give way to the event's price where the catalog had none at that time", () => {
    expect([
      referenceAt(history, 9, won(70)),
      referenceAt(history, 25, won(70)),
      referenceAt([], 9, won(70)),
    ]).toEqual([70, 70, 70].map(won));
  });

  it('without any at that time, answer with the last before, else the first after, else nothing', () => {
    expect([referenceAt(history, 25, null), referenceAt(history, 9, null), referenceAt([], 9, null)]).toEqual(
      [won(100), won(100), null],
    );
  });

  it('grow only when the price changes', () => {
    expect(withPrice(history, won(80.00001), 40)).toBe(history);
    expect(withPrice([], null, 40)).toEqual([]);
    expect(withPrice(history, { amount: 80, currency: 'USD' }, 40)[0]).toEqual({
      at: 40,
      price: { amount: 80, currency: 'USD' },
    });
  });

  it('know the first', () => {
    expect([firstPrice(history), firstPrice([{ at: 1, price: null }])]).toEqual([won(100), null]);
  });
});
