import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addToTop, emptyTop, ranked, type TopList } from './top-list.ts';

const HOUR_MS = 3_600_000;
const RULE = { places: 6, halfLifeMs: 24 * HOUR_MS };

interface Added {
  ids: string[];
  weight: number;
  at: number;
}

/** What each id weighs at `now`, added up one by one. */
function weighed(all: Added[], now: number): Map<string, number> {
  const weights = new Map<string, number>();
  for (const { ids, weight, at } of all) {
    const left = weight * 2 ** ((at - now) / RULE.halfLifeMs);
    for (const id of ids) weights.set(id, (weights.get(id) ?? 0) + left);
  }
  return weights;
}

function listOf(all: Added[]): TopList {
  return all.reduce((list, { ids, weight, at }) => addToTop(list, ids, weight, at, RULE), emptyTop());
}

const additions = (ids: number) =>
  fc
    .array(
      fc.record({
        ids: fc.uniqueArray(
          fc.integer({ min: 0, max: ids - 1 }).map((n) => `item-${n}`),
          {
            minLength: 1,
            maxLength: 4,
          },
        ),
        weight: fc.integer({ min: 1, max: 50 }),
        afterMs: fc.integer({ min: 0, max: 6 * HOUR_MS }),
      }),
      { minLength: 1, maxLength: 60 },
    )
    .map((steps) => {
      let at = 0;
      return steps.map(({ afterMs, ...rest }): Added => {
        at += afterMs;
        return { ...rest, at };
      });
    });

describe('a bounded list of the heaviest', () => {
  test('that has room for all is exact: weights halve with time, best first, of equals the smaller id', () => {
    fc.assert(
      fc.property(additions(RULE.places), (all) => {
        const now = (all.at(-1)?.at ?? 0) + HOUR_MS;
        const naive = weighed(all, now);
        const found = ranked(listOf(all), now, RULE, 10);
        // Nothing is dropped within these hours but what has decayed to next to nothing.
        expect(found.length).toBe([...naive.values()].filter((weight) => weight >= 0.01).length);
        for (const [id, score] of found) expect(score).toBeCloseTo(naive.get(id) ?? 0, 4);
        const sorted = [...found].sort(([idA, a], [idB, b]) => b - a || (idA < idB ? -1 : 1));
        expect(found).toEqual(sorted);
      }),
    );
  });

  test('that has none says of nobody more than is certain, and keeps whoever weighs more than its share', () => {
    fc.assert(
      fc.property(additions(25), (all) => {
        const now = all.at(-1)?.at ?? 0;
        const naive = weighed(all, now);
        const list = listOf(all);
        const total = [...naive.values()].reduce((sum, weight) => sum + weight, 0);
        expect(list.entries.length).toBeLessThanOrEqual(RULE.places);
        for (const [id, weight, error] of list.entries) {
          const real = naive.get(id) ?? 0;
          expect(weight - error).toBeLessThanOrEqual(real + 0.1);
          expect(weight).toBeGreaterThanOrEqual(real - 0.1);
          expect(error).toBeLessThanOrEqual(total / RULE.places + 0.1);
        }
        const kept = new Set(list.entries.map(([id]) => id));
        for (const [id, weight] of naive) {
          if (weight > total / RULE.places + 0.1) expect(kept).toContain(id);
        }
      }),
    );
  });

  test('is the same whatever the order of equal instants’ newcomers, as long as it has room', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(['a', 'b', 'c', 'd', 'e', 'f'], { minLength: 1 }), (ids) => {
        const list = ids.reduce((known, id) => addToTop(known, [id], 3, 0, RULE), emptyTop());
        expect(ranked(list, 0, RULE, 10).map(([id]) => id)).toEqual([...ids].sort());
      }),
    );
  });

  test('whose full places are flooded with newcomers ranks none of them before what many wanted', () => {
    let list = emptyTop();
    for (let i = 0; i < 20; i++) list = addToTop(list, ['ring', 'band'], 1, 0, RULE);
    for (let i = 0; i < 500; i++) list = addToTop(list, [`garbage-${i}`], 1, 0, RULE);
    const scores = new Map(ranked(list, 0, RULE, 10));
    for (const [id, score] of scores) if (id.startsWith('garbage')) expect(score).toBe(1);
  });

  test('forgets what has decayed', () => {
    const old = addToTop(emptyTop(), ['ring'], 1, 0, RULE);
    expect(ranked(old, 30 * 24 * HOUR_MS, RULE, 10)).toEqual([]);
    expect(addToTop(old, ['band'], 1, 30 * 24 * HOUR_MS, RULE).entries.map(([id]) => id)).toEqual(['band']);
  });

  test('does not run backwards where a clock does', () => {
    const list = addToTop(emptyTop(), ['ring'], 8, 24 * HOUR_MS, RULE);
    expect(ranked(addToTop(list, ['band'], 8, 0, RULE), 0, RULE, 10)).toEqual([
      ['band', 8],
      ['ring', 8],
    ]);
  });
});
