import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Admission, admissionLimits } from './admission.ts';

test.each([
  ['64', 64],
  [undefined, 500],
  ['', 500],
  ['0', 500],
  ['-1', 500],
  ['many', 500],
])('a deployment that names the limit %j has the limit %i', (given, requests) => {
  expect(admissionLimits(given).requests).toBe(requests);
});

describe('admission', () => {
  test('takes as many as the limit, and one more when one has left', () => {
    const admission = new Admission({ requests: 2, bytes: 1_000 });
    expect([admission.enter(1), admission.enter(1), admission.enter(1)]).toEqual([true, true, false]);
    admission.leave(1);
    expect([admission.enter(1), admission.enter(1)]).toEqual([true, false]);
  });

  test('is full when the bodies under way are large, however few they are', () => {
    const admission = new Admission({ requests: 100, bytes: 1_000 });
    // The last one may be larger than the rest of the room: a body is bounded, and this one has been read.
    expect([admission.enter(999), admission.enter(500), admission.enter(0)]).toEqual([true, true, false]);
    admission.leave(999);
    expect(admission.enter(0)).toBe(true);
  });

  test('takes a body larger than all of the room where nothing else is under way', () => {
    expect(new Admission({ requests: 1, bytes: 10 }).enter(500)).toBe(true);
  });

  test('whatever comes and goes, no more are under way than the limit, and at last all of the room is free', () => {
    const sizes = fc.array(fc.integer({ min: -400, max: 400 }), { maxLength: 200 });
    const admission = new Admission({ requests: 5, bytes: 1_000 });
    const inside: number[] = [];
    // Below zero the oldest leaves, else one of that size comes.
    const visit = (size: number) => {
      if (size < 0) for (const left of inside.splice(0, 1)) admission.leave(left);
      else if (admission.enter(size)) inside.push(size);
    };
    fc.assert(
      fc.property(sizes, (all) => {
        for (const size of all) {
          visit(size);
          expect(inside.length).toBeLessThanOrEqual(5);
          expect(inside.reduce((sum, one) => sum + one, 0)).toBeLessThan(1_000 + 400);
        }
        for (const left of inside.splice(0)) admission.leave(left);
        const fresh = Array.from({ length: 6 }, () => admission.enter(0));
        expect(fresh).toEqual([...Array(5).fill(true), false]);
        for (let left = 0; left < 5; left++) admission.leave(0);
      }),
    );
  });

  test('sends those whom it refuses away for 1 to 3 s, in turn', () => {
    const admission = new Admission();
    const seconds = Array.from({ length: 300 }, () => admission.retryAfterSeconds());
    for (const one of [1, 2, 3]) expect(seconds.filter((each) => each === one)).toHaveLength(100);
  });
});
