import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DedupeRing, RING_SIZE } from './dedupe-ring.ts';

const ids = (count: number, prefix = 'id') => Array.from({ length: count }, (_, i) => `${prefix}${i}`);

function aRing(count: number): DedupeRing {
  const ring = new DedupeRing();
  for (const [i, id] of ids(count).entries()) ring.add(id, 1_000 + i);
  return ring;
}

describe('the ring of hashes', () => {
  it("tells each id's own time, and nothing of an id that it never saw", () => {
    const ring = aRing(100);
    expect(ids(100).map((id) => ring.originalAtOf(id))).toEqual(ids(100).map((_, i) => 1_000 + i));
    expect(ids(1_000, 'other').every((id) => ring.originalAtOf(id) === undefined)).toBe(true);
    expect(ring.evictedUntil).toBe(Number.NEGATIVE_INFINITY);
  });

  it('keeps the newest 4,096, and remembers up to when it has forgotten', () => {
    const ring = aRing(RING_SIZE + 10);
    expect(ids(10).every((id) => ring.originalAtOf(id) === undefined)).toBe(true);
    expect(ring.originalAtOf('id10')).toBe(1_010);
    expect(ring.evictedUntil).toBe(1_009);
  });

  it('never moves that instant back, whatever order the times come in', () => {
    const times = fc.array(fc.integer({ min: 0, max: 9 }), {
      minLength: RING_SIZE + 1,
      maxLength: RING_SIZE + 50,
    });
    fc.assert(
      fc.property(times, (originalAts) => {
        const ring = new DedupeRing();
        for (const [i, originalAt] of originalAts.entries()) ring.add(`id${i}`, originalAt);
        const forgotten = originalAts.slice(0, originalAts.length - RING_SIZE);
        expect(ring.evictedUntil).toBe(Math.max(...forgotten));
      }),
      { numRuns: 10 },
    );
  });

  it('answers as a map of the newest ids would, for any hashes, zero and repeated ones too', () => {
    const hashes = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 120 });
    fc.assert(
      fc.property(hashes, (all) => {
        const ring = new DedupeRing(Number);
        const model = new Map<number, number>();
        for (const [i, hash] of all.entries()) {
          ring.add(String(hash), i + 1);
          model.set(hash, i + 1);
        }
        for (let hash = 0; hash <= 40; hash++) expect(ring.originalAtOf(String(hash))).toBe(model.get(hash));
        const rest = [...model].flat();
        expect([...new Float64Array(ring.toBuffer())]).toEqual([Number.NEGATIVE_INFINITY, ...rest]);
      }),
    );
  });

  it('is the same after a night on disk, and goes on forgetting the oldest first', () => {
    const ring = aRing(RING_SIZE + 3);
    const woken = new DedupeRing();
    woken.load(ring.toBuffer());
    expect(woken.toBuffer()).toEqual(ring.toBuffer());
    woken.add('one more', 9_999);
    expect(woken.originalAtOf('id3')).toBeUndefined();
    expect(woken.originalAtOf('id4')).toBe(1_004);
    expect(woken.evictedUntil).toBe(1_003);
  });

  it('takes two ids of one hash for one suspect, of the later time', () => {
    const ring = new DedupeRing(() => 7);
    ring.add('first', 1);
    ring.add('second', 2);
    expect([ring.originalAtOf('first'), ring.originalAtOf('second'), ring.originalAtOf('third')]).toEqual([
      2, 2, 2,
    ]);
  });
});
