/**
 * What nobody can read off a formula: how often comparisons of two equal sides, and triggers at their threshold, raise an
 * alarm when somebody looks every day. `SIMULATION=long` plays ten times as many.
 */
import { describe, expect, test } from 'vitest';
import { compare } from './compare.ts';
import { isCrossed } from './guardrail.ts';
import { proportion, type Sample } from './samples.ts';

const EXPERIMENTS = process.env.SIMULATION === 'long' ? 10_000 : 1_000;
const DAYS = 60;

/** Mulberry32: the same seed, the same lives. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Side {
  sample: Sample;
  active: number;
}

/** A day's people on one side: who did anything, and what it was worth. */
function addDay({ sample, active }: Side, people: number, outcome: () => number): Side {
  let { sum, sumOfSquares } = sample;
  let more = 0;
  for (let i = 0; i < people; i++) {
    const value = outcome();
    if (value === 0) continue;
    more += 1;
    sum += value;
    sumOfSquares += value * value;
  }
  return { sample: { n: sample.n + people, sum, sumOfSquares }, active: active + more };
}

const empty = (): Side => ({ sample: proportion(0, 0), active: 0 });

/** How many experiments say on any of their days that the sides differ. */
function alarms(
  outcome: (random: () => number, isTreated: boolean) => number,
  perDay: [number, number],
): number {
  let alarmed = 0;
  for (let seed = 1; seed <= EXPERIMENTS; seed++) {
    const random = randomOf(seed * 7_919);
    let [one, other] = [empty(), empty()];
    for (let day = 0; day < DAYS; day++) {
      one = addDay(one, perDay[0], () => outcome(random, true));
      other = addDay(other, perDay[1], () => outcome(random, false));
      const { verdict } = compare(one.sample, other.sample, [one.active, other.active], 0.05);
      if (verdict !== 'higher' && verdict !== 'lower') continue;
      alarmed += 1;
      break;
    }
  }
  return alarmed / EXPERIMENTS;
}

describe('two equal sides, looked at every day for sixty days', () => {
  test('are told apart in at most 5 % of all experiments: conversions', () => {
    expect(alarms((random) => (random() < 0.05 ? 1 : 0), [60, 60])).toBeLessThanOrEqual(0.05);
  });

  test('so it is with a hold-out of a tenth', () => {
    expect(alarms((random) => (random() < 0.05 ? 1 : 0), [135, 15])).toBeLessThanOrEqual(0.05);
  });

  test('and with revenue, of which most people bring none and a few bring much', () => {
    const spend = (random: () => number) => (random() < 0.08 ? Math.exp(3 + 2 * random() + 2 * random()) : 0);
    expect(alarms(spend, [60, 60])).toBeLessThanOrEqual(0.05);
    expect(alarms(spend, [135, 15])).toBeLessThanOrEqual(0.05);
  });

  test('the usual test, looked at as often, is wrong far more often: the simulation can tell', () => {
    let alarmed = 0;
    for (let seed = 1; seed <= 200; seed++) {
      const random = randomOf(seed * 7_919);
      let difference = 0;
      let n = 0;
      for (let day = 0; day < DAYS; day++) {
        for (let i = 0; i < 60; i++) difference += Number(random() < 0.05) - Number(random() < 0.05);
        n += 60;
        if (Math.abs(difference) / Math.sqrt(2 * n * 0.05 * 0.95) <= 1.96) continue;
        alarmed += 1;
        break;
      }
    }
    expect(alarmed / 200).toBeGreaterThan(0.15);
  });
});

test('a real difference is found', () => {
  const found = alarms((random, isTreated) => (random() < (isTreated ? 0.09 : 0.05) ? 1 : 0), [60, 60]);
  expect(found).toBeGreaterThan(0.95);
});

describe('a guardrail, asked after every message', () => {
  const paused = (rate: number, threshold: number, messages: number) => {
    let n = 0;
    for (let seed = 1; seed <= EXPERIMENTS; seed++) {
      const random = randomOf(seed * 104_729);
      let reactions = 0;
      for (let sent = 1; sent <= messages; sent++) {
        if (random() >= rate) continue;
        reactions += 1;
        // Evidence only grows with a reaction.
        if (!isCrossed(reactions, sent, threshold)) continue;
        n += 1;
        break;
      }
    }
    return n / EXPERIMENTS;
  };

  test('at its threshold fires in at most 1 % of all lives', () => {
    expect(paused(0.02, 0.02, 5_000)).toBeLessThanOrEqual(0.01);
    expect(paused(0.005, 0.005, 5_000)).toBeLessThanOrEqual(0.01);
  });

  test('at three times that fires nearly always, and soon', () => {
    expect(paused(0.06, 0.02, 1_000)).toBeGreaterThan(0.95);
  });

  test('never fires on a handful, nor at a threshold of everybody', () => {
    expect(isCrossed(50, 99, 0.02)).toBe(false);
    expect(isCrossed(5_000, 5_000, 1)).toBe(false);
    expect(isCrossed(12, 100, 0.02)).toBe(true);
  });
});
