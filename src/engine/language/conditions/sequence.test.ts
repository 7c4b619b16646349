import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkConditions } from '../../checks/check-condition.ts';
import { within } from '../../checks/walk-conditions.ts';
import { aConfig, aTriggerIf } from '../../testing/builders.ts';
import { reasonOf, traceOf, VirtualProfile } from '../../testing/virtual-profile.ts';
import { MINUTE_MS } from '../../time/duration.ts';
import type { SequenceCondition, SequenceItem } from '../../trigger.ts';

/** Plays events, a minute apart, then asks the sequence at `Hello`. */
function judge(condition: SequenceCondition, events: string[], everyMs: number = MINUTE_MS) {
  const profile = new VirtualProfile({ config: aConfig({ triggers: [aTriggerIf(condition)] }) });
  for (const event of events) {
    const [name = '', item] = event.split(':');
    profile.track(name, item === undefined ? {} : { item: item.includes(',') ? item.split(',') : item });
    profile.now += everyMs;
  }
  return profile.track('Hello');
}

const holds = (condition: SequenceCondition, events: string[]) =>
  reasonOf(judge(condition, events)) === 'sent';
const sequence = (...items: string[]): SequenceCondition => ({
  sequence: items.map(
    (item): SequenceItem => (item.startsWith('!') ? { didNot: item.slice(1) } : { did: item }),
  ),
  within: '1h',
});

describe('one thing after another', () => {
  test.each([
    ['A B', true],
    ['A X B', true],
    ['B A', false],
    ['A', false],
    ['B A B', true],
  ])('A then B holds after %s: %s', (events, expected) => {
    expect(holds(sequence('A', 'B'), events.split(' '))).toBe(expected);
  });

  test('one event is one step: A then A needs two', () => {
    expect(holds(sequence('A', 'A'), ['A'])).toBe(false);
    expect(holds(sequence('A', 'A'), ['A', 'A'])).toBe(true);
  });

  test('the event being decided is one of them', () => {
    expect(holds(sequence('A', 'Hello'), ['A'])).toBe(true);
    expect(holds(sequence('Hello', 'A'), ['A'])).toBe(false);
  });

  test('all of it lies in the window, which is (now − within, now]', () => {
    const condition = { ...sequence('A', 'Hello'), within: '60s' } as const;
    expect(reasonOf(judge(condition, ['A'], 59_999))).toBe('sent');
    expect(reasonOf(judge(condition, ['A'], 60_000))).toBe('not_matched');
  });

  test('where it stops is told: how many of the steps stand', () => {
    expect(traceOf(judge(sequence('A', 'B', 'C'), ['A', 'B']))).toMatchObject({
      path: 'entry.if.sequence',
      values: { happened: 2 },
    });
  });
});

describe('what must not happen', () => {
  test.each([
    ['A C', true],
    ['A B C', false],
    ['B A C B', true],
    ['A B A C', true],
  ])('between A and C: no B; after %s it holds: %s', (events, expected) => {
    expect(holds(sequence('A', '!B', 'C'), events.split(' '))).toBe(expected);
  });

  test.each([
    ['A', true],
    ['A B', false],
    ['B A', true],
    ['A B A', true],
    ['A B X', false],
  ])('at the end, until now: after %s it holds: %s', (events, expected) => {
    expect(holds(sequence('A', '!B'), events.split(' '))).toBe(expected);
  });

  test('at the end excludes the event being decided too', () => {
    expect(holds(sequence('A', '!Hello'), ['A'])).toBe(false);
  });

  test('at the beginning, since the window began', () => {
    expect(holds(sequence('!B', 'A'), ['A', 'B'])).toBe(true);
    expect(holds(sequence('!B', 'A'), ['B', 'A'])).toBe(false);
  });
});

describe('`same`', () => {
  const condition: SequenceCondition = { ...sequence('A', '!B', 'C'), same: 'event.properties.item' };
  test.each([
    ['A:1 C:1', true],
    ['A:1 C:2', false],
    ['A:1 A:2 C:1', true],
    ['A:1 B:2 C:1', true],
    ['A:1 B:1 C:1', false],
    ['A C', false],
    ['A:1,2 C:2,3', true],
    ['A:1,2 B:2 C:1', true],
  ])('every step shares the value, and only such events are excluded; after %s: %s', (events, expected) => {
    expect(holds(condition, events.split(' '))).toBe(expected);
  });
});

test('each step has its own `where`', () => {
  const where = (value: string) => ({ field: 'event.properties.item', op: 'eq', value }) as const;
  const condition: SequenceCondition = {
    sequence: [
      { did: 'A', where: where('1') },
      { did: 'A', where: where('2') },
      { didNot: 'A', where: where('3') },
    ],
    within: '1d',
  };
  expect(holds(condition, ['A:1', 'A:2', 'A:1'])).toBe(true);
  expect(holds(condition, ['A:2', 'A:1'])).toBe(false);
  expect(holds(condition, ['A:1', 'A:2', 'A:3'])).toBe(false);
});

test('an event that arrives late stands where it happened', () => {
  const profile = new VirtualProfile({
    config: aConfig({ triggers: [aTriggerIf(sequence('A', 'B', '!C'))] }),
  });
  profile.track('B');
  profile.now += MINUTE_MS;
  profile.track('A', {}, { timestamp: profile.now - 2 * MINUTE_MS });
  expect(reasonOf(profile.track('Hello'))).toBe('sent');
  profile.track('C', {}, { timestamp: profile.now - 3 * MINUTE_MS });
  expect(reasonOf(profile.track('Hello'))).toBe('sent');
});

/** Every choice of events for the `did`s, tried one by one. */
function naive(items: string[], events: string[]): boolean {
  const dids = items.filter((item) => !item.startsWith('!'));
  const free = (from: number, to: number, excluded: string[]) =>
    !events.slice(from, to).some((event) => excluded.includes(event));
  const excludedBefore = (n: number) => {
    const at = items.findIndex((_, i) => items.slice(0, i + 1).filter((x) => !x.startsWith('!')).length > n);
    const end = at < 0 ? items.length : at;
    let start = end;
    while (start > 0 && items[start - 1]?.startsWith('!')) start -= 1;
    return items.slice(start, end).map((item) => item.slice(1));
  };
  const search = (n: number, from: number): boolean => {
    if (n === dids.length) return free(from, events.length, excludedBefore(n));
    return events.some(
      (event, at) =>
        at >= from && event === dids[n] && free(from, at, excludedBefore(n)) && search(n + 1, at + 1),
    );
  };
  return search(0, 0);
}

test('holds exactly where some choice of events fits, found by trying all', () => {
  const item = fc.constantFrom('A', 'B', 'C', '!A', '!B', '!C');
  const items = fc.array(item, { minLength: 1, maxLength: 5 }).filter((all) => all.some((x) => x[0] !== '!'));
  const events = fc.array(fc.constantFrom('A', 'B', 'C', 'X'), { maxLength: 9 });
  fc.assert(
    fc.property(items, events, (wanted, happened) => {
      expect(holds(sequence(...wanted), happened)).toBe(naive(wanted, happened));
    }),
    { numRuns: 1_500 },
  );
});

test('a sequence of nothing but `didNot`, and `same` outside of the events, are refused', () => {
  const issues = (condition: SequenceCondition) =>
    checkConditions(within(condition, 'if')).map(({ path }) => path);
  expect(issues(sequence('!A'))).toEqual(['if.sequence']);
  expect(issues({ ...sequence('A'), same: 'user.id' })).toEqual(['if.same']);
  expect(issues({ ...sequence('A', '$nonsense'), same: 'event.property.x' })).toEqual([
    'if.sequence.1.did',
    'if.same',
  ]);
  expect(issues(sequence('A', '!B', 'C'))).toEqual([]);
});
