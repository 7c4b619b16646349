import { describe, expect, it } from 'vitest';
import type { WatchOrder } from '../engine/vocabulary.ts';
import { missedNews, type WatchAnswer } from './missed-news.ts';

const won = (amount: number) => ({ amount, currency: 'KRW' });

function answer(price: number, from: number): Extract<WatchAnswer, { kind: 'watching' }> {
  const item = { id: 'ring', price, currency: 'KRW' };
  return { kind: 'watching', reference: won(from), from: won(from), item, version: 3, changedAt: 900 };
}

function order(reference?: number): WatchOrder {
  const brought = reference === undefined ? {} : { reference: won(reference) };
  return { itemId: 'ring', relations: ['liked'], since: 500, ...brought };
}

describe('what a watcher has missed until it was registered', () => {
  it('is a price below the one that its relation began at, or has seen since', () => {
    expect(missedNews(answer(90, 100), order(), 'p', 1_000)?.item).toMatchObject({ item: { price: 90 } });
    expect(missedNews(answer(100, 100), order(), 'p', 1_000)).toBeNull();
  });

  it('is also one below what a merge has brought, though nothing has fallen since the order', () => {
    expect(missedNews(answer(90, 90), order(100), 'p', 1_000)).not.toBeNull();
  });

  it('counts from the higher of the two: what was brought hides no drop of what began after it', () => {
    expect(missedNews(answer(30, 100), order(10), 'p', 1_000)).not.toBeNull();
    expect(missedNews(answer(10, 10), order(10), 'p', 1_000)).toBeNull();
  });
});
