import { describe, expect, test } from 'vitest';
import type { Tally, TriggerLog } from '../state.ts';
import { mergeLogs } from './merge-logs.ts';

const tally = (byChannel: Record<string, number>, ...at: number[]): Tally => ({
  n: at.length,
  recent: at.map((when) => [when, '']),
  byChannel,
});
const price = (amount: number, currency = 'KRW') => ({ amount, currency });
const lowest = (amount: number, at: number, currency?: string): TriggerLog => ({
  lowest: { price: price(amount, currency), at },
});

describe('of two logs of one trigger', () => {
  test('counts add up, channel by channel, and the latest stand last', () => {
    const own = { sent: tally({ push: 2, email: 1 }, 10, 30, 50), shown: tally({ push: 1 }, 11) };
    const theirs = { sent: tally({ push: 1, sms: 1 }, 20, 60), clicked: tally({ push: 1 }, 21) };
    expect(mergeLogs(own, theirs)).toEqual({
      sent: { ...tally({ push: 3, email: 1, sms: 1 }, 10, 20, 30, 50, 60) },
      shown: own.shown,
      clicked: theirs.clicked,
    });
  });

  test('the fifty newest instants are kept, and all of them counted', () => {
    const own = tally({ push: 40 }, ...Array.from({ length: 40 }, (_, i) => 2 * i));
    const theirs = tally({ push: 40 }, ...Array.from({ length: 40 }, (_, i) => 2 * i + 1));
    const { sent } = mergeLogs({ sent: own }, { sent: theirs });
    expect([sent?.n, sent?.recent.length, sent?.recent[0], sent?.recent.at(-1)]).toEqual([
      80,
      50,
      [30, ''],
      [79, ''],
    ]);
  });

  test('where there was none, the other’s stands', () => {
    const theirs = { held_out: tally({}, 5) };
    expect(mergeLogs(undefined, theirs)).toEqual(theirs);
    expect(mergeLogs({}, theirs)).toEqual(theirs);
    expect(mergeLogs(theirs, {})).toEqual(theirs);
  });

  test.each<[TriggerLog, TriggerLog, TriggerLog]>([
    [lowest(100, 1), lowest(90, 2), lowest(90, 2)],
    [lowest(90, 1), lowest(100, 2), lowest(90, 2)],
    [lowest(90, 3), lowest(90, 2), lowest(90, 3)],
    [lowest(100, 1), {}, lowest(100, 1)],
    [{}, lowest(100, 1), lowest(100, 1)],
    // Another currency can't be compared: the newer notice.
    [lowest(100, 1, 'KRW'), lowest(5, 2, 'USD'), lowest(5, 2, 'USD')],
    [lowest(100, 3, 'KRW'), lowest(5, 2, 'USD'), lowest(100, 3, 'KRW')],
  ])('the lowest notified price is the lower: %j and %j', (own, theirs, merged) => {
    expect(mergeLogs(own, theirs)).toEqual(merged);
  });
});
