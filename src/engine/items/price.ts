/**
 * Prices as integers: amount × 10⁴. Every currency's smallest coin fits (four decimals at most), and 19.99 is 199,900
 * whatever its binary fraction says. Two prices are comparable only within one currency.
 */
import type { ItemSnapshot, Price } from '../vocabulary.ts';

const UNITS_PER_AMOUNT = 10_000;

/** Up to here, an amount with four decimals survives the way to units and back exactly (units < 2⁵¹). */
export const MAX_AMOUNT = 100_000_000_000;

/** An amount that can be compared: finite, not negative, at most `MAX_AMOUNT`. */
export function isAmount(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= MAX_AMOUNT;
}

/** What a shop or an event says of a price; null where amount or currency is missing or unusable. */
export function asPrice(amount: unknown, currency: unknown): Price | null {
  if (!isAmount(amount) || typeof currency !== 'string' || !/^[A-Za-z]{3}$/.test(currency)) return null;
  return { amount, currency: currency.toUpperCase() };
}

export function priceOf(item: Pick<ItemSnapshot, 'price' | 'currency'>): Price | null {
  return asPrice(item.price, item.currency);
}

/** The amount in ten-thousandths, rounded to the nearest. */
export function toUnits(amount: number): number {
  return Math.round(amount * UNITS_PER_AMOUNT);
}

export function fromUnits(units: number): number {
  return units / UNITS_PER_AMOUNT;
}

/** Below zero where `a` is cheaper; null where the two can't be compared: a missing one, or another currency. */
export function comparePrices(a: Price | null, b: Price | null): number | null {
  if (a === null || b === null || a.currency !== b.currency) return null;
  return toUnits(a.amount) - toUnits(b.amount);
}

/** Equal as prices; two missing ones are. */
export function samePrice(a: Price | null, b: Price | null): boolean {
  return a === null || b === null ? a === b : comparePrices(a, b) === 0;
}

/** The first price, the one in a new currency and the one after none are no drop: there is nothing to measure against. */
export function isDrop(before: Price | null, after: Price | null): boolean {
  return (comparePrices(before, after) ?? 0) > 0;
}

/** The higher of two prices in one currency; else the one that is known; between two currencies, the second. */
export function higherPrice(first: Price | null, second: Price | null): Price | null {
  if (second === null) return first;
  return (comparePrices(first, second) ?? -1) > 0 ? first : second;
}
